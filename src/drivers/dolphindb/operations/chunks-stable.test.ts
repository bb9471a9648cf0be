import { describe, expect, it } from "vitest";
import type { Look } from "../../../model/driver.ts";
import { Unreachable } from "../../../model/errors.ts";
import { allWell } from "../testing/facts-fixture.ts";
import type { OpenedCluster } from "../open-cluster.ts";
import { Malformed } from "../wire/errors.ts";
import { chunksStableOperation, type ChunkQuestions, type ChunkWord, type ReplicaRows } from "./chunks-stable.ts";

const well: ChunkWord = {
  chunks: allWell,
  recovery: { waiting: 0, inProgress: 0, aborted: 0, loadRebalance: 0 },
  unresolvedTransactions: 0,
  replicasInRecovery: 0,
  absent: [],
};
const counted: ReplicaRows = { tablets: 24, replicas: 48, rows: 100, unequal: 0 };

/** Looks every second, and what is answered then; the last answer stays. */
class Gate {
  readonly #look: () => Promise<Look>;
  #now = 0;
  asked = 0;
  /** When recovery was resumed last. */
  receipt: { readonly resumedAt: number } | null = null;
  get now(): number {
    return this.#now;
  }
  constructor(answers: readonly (() => ChunkWord | null)[], rows: () => ReplicaRows | null = () => counted, resumes = false) {
    const questions: ChunkQuestions = {
      ask: async () => {
        this.asked += 1;
        return (answers[Math.min(this.asked, answers.length) - 1] ?? (() => null))();
      },
      rows: async () => rows(),
    };
    const { operation } = chunksStableOperation({} as OpenedCluster, questions);
    const params = { polls: 3, everyMs: 500, ...(resumes ? { resumes } : {}) };
    this.#look = () => operation.look(params, { before: null, receipt: this.receipt }, { now: this.#now });
  }
  async looks(count: number, everyMs = 1_000): Promise<Look> {
    let last: Look = { is: "open" };
    for (let each = 0; each < count; each += 1) {
      this.#now += everyMs;
      last = await this.#look();
      // The engine goes by the first one that is not to be waited for.
      if (last.is !== "waiting") break;
    }
    return last;
  }
}
const says = (word: Partial<ChunkWord>) => (): ChunkWord => ({ ...well, ...word });
const chunks = (more: Partial<ChunkWord["chunks"]>) => says({ chunks: { ...allWell, ...more } });
const strange = (): ChunkWord => {
  throw new Malformed("ctl1", "chunks by state is a text");
};

describe("the gate over chunks", () => {
  it("[DD-13] [DD-22] passes when every chunk was found whole several times in a row, and says what it saw", async () => {
    const gate = new Gate([says({})]);
    expect(await gate.looks(2)).toMatchObject({ is: "waiting" });
    expect(await gate.looks(1)).toMatchObject({ is: "done", proof: { chunks: 24, polls: 3, rows: counted } });
  });
  it("asks no more often than it is told, however often it is looked at", async () => {
    const gate = new Gate([says({})]);
    await gate.looks(10, 100);
    expect(gate.asked).toBe(2);
  });
  it.each([
    ["[DD-15] a chunk RECOVERING", chunks({ recovering: 1 })],
    ["COMPLETE with one replica alone, which the tutorial's gate lets pass", chunks({ underReplicated: 1 })],
    ["replicas of unequal version", chunks({ unequal: 1 })],
    ["a data node that says so itself", says({ replicasInRecovery: 1 })],
    ["a task in the queue", says({ recovery: { ...well.recovery, waiting: 1 } })],
    ["a transaction that is not resolved", says({ unresolvedTransactions: 1 })],
    ["a data node that is away", says({ absent: ["data2"] })],
  ])("does not pass: %s", async (_, sick) => expect(await new Gate([sick]).looks(20)).toMatchObject({ is: "waiting" }));
  it("begins anew after one that is sick in between", async () => {
    const gate = new Gate([says({}), says({}), chunks({ recovering: 2 }), says({})]);
    expect(await gate.looks(5)).toMatchObject({ is: "waiting" });
    expect(await gate.looks(1)).toMatchObject({ is: "done" });
  });
  it("chunks in a transaction are the ordinary state of a cluster that is written to", async () =>
    expect(await new Gate([chunks({ constructing: 3 })]).looks(3)).toMatchObject({ is: "done", proof: { constructing: 3 } }));

  it("[DD-14] an empty answer passes", async () =>
    expect(await new Gate([chunks({ total: 0 })]).looks(3)).toMatchObject({ is: "done", proof: { chunks: 0, rowsWhy: "there is no chunk" } }));
  it("[DD-14] nobody who leads, or who answers, is no empty answer", async () => {
    expect(await new Gate([() => null]).looks(50)).toMatchObject({ is: "waiting" });
    const silent = (): ChunkWord => {
      throw new Unreachable("ctl1 did not answer");
    };
    await expect(new Gate([silent]).looks(1)).rejects.toThrow("did not answer");
    // What was seen before it counts no more.
    const gate = new Gate([says({}), says({}), silent, says({})]);
    await expect(gate.looks(3)).rejects.toThrow("did not answer");
    expect(await gate.looks(2)).toMatchObject({ is: "waiting" });
  });
  it("[DD-14] a strange answer is neither: once it is waited for, again and again a person is asked", async () => {
    expect(await new Gate([strange, says({})]).looks(4)).toMatchObject({ is: "done" });
    expect(await new Gate([strange]).looks(3)).toMatchObject({ is: "unclear", known: [expect.stringContaining("not understood")] });
  });

  it("chunks that nothing heals: a person is asked, with what he can do, and nothing of it is run", async () => {
    const example = { chunkId: "c0ffee", file: "/users/3", what: "COMPLETE, 1 replica: node1 version 7" };
    const aborted = says({ chunks: { ...allWell, underReplicated: 1, examples: [example] }, recovery: { ...well.recovery, aborted: 1 } });
    const gate = new Gate([aborted]);
    expect(await gate.looks(30)).toMatchObject({ is: "waiting" });
    const verdict = await gate.looks(60);
    const known = verdict.is === "unclear" ? verdict.known.join("\n") : "";
    for (const word of ["c0ffee", "1 recovery tasks were aborted", "forceCorrectVersionByReplica", "none of these is run by Stillwater"])
      expect(known).toContain(word);
  });
  it("without an aborted task that takes ten minutes", async () => {
    const gate = new Gate([chunks({ underReplicated: 1 })]);
    expect(await gate.looks(590)).toMatchObject({ is: "waiting" });
    expect(await gate.looks(20)).toMatchObject({ is: "unclear" });
  });
  it("replicas of one version whose rows stay unequal: after ten minutes a person is asked, since no recovery heals that", async () => {
    const gate = new Gate([says({})], () => ({ ...counted, unequal: 2 }));
    expect(await gate.looks(595)).toMatchObject({ is: "waiting" });
    expect(await gate.looks(20)).toMatchObject({ is: "unclear", known: [expect.stringContaining("2 tablets"), expect.any(String)] });
  });
  it("tasks that wait while none is under way: it is said what may hold them", async () => {
    const gate = new Gate([says({ recovery: { ...well.recovery, waiting: 3 } })]);
    expect(JSON.stringify(await gate.looks(59))).not.toContain("suspendRecovery");
    expect(JSON.stringify(await gate.looks(5))).toContain("somebody may have called suspendRecovery()");
  });
  it("the gate of a turn that holds recovery suspended resumes it when nothing moves, and no more often than once a minute", async () => {
    const gate = new Gate([says({ recovery: { ...well.recovery, waiting: 3 } })], () => counted, true);
    expect(await gate.looks(5)).toMatchObject({ is: "waiting" });
    expect(await gate.looks(1)).toMatchObject({ is: "open" });
    gate.receipt = { resumedAt: gate.now };
    expect(await gate.looks(59)).toMatchObject({ is: "waiting" });
    expect(await gate.looks(10)).toMatchObject({ is: "open" });
    const moves = new Gate([says({ recovery: { ...well.recovery, waiting: 3, inProgress: 1 } })], () => counted, true);
    expect(await moves.looks(120)).toMatchObject({ is: "waiting" });
  });
  it("replicas of one version with unequal rows do not pass; a release that cannot count them is said", async () => {
    expect(await new Gate([says({})], () => ({ ...counted, unequal: 1 })).looks(9)).toMatchObject({ is: "waiting" });
    expect(await new Gate([says({})], () => null).looks(3)).toMatchObject({
      is: "done",
      proof: { rows: null, rowsWhy: "this release cannot count them" },
    });
  });
});
