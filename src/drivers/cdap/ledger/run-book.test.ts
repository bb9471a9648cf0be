import { expect, test } from "vitest";
import type { RunRecord } from "../wire/api.ts";
import { CdapRefused } from "../wire/errors.ts";
import { Pace } from "../wire/pace.ts";
import type { RunId } from "../wire/programs.ts";
import { RunBook } from "./run-book.ts";

const program = (app: string) => ({ ns: "default", app, type: "workflows", program: "W" }) as const;
const runOf = (app: string, runId: string): RunId => ({ ...program(app), runId });
const recordOf = (runid: string, status: RunRecord["status"], stopping: number | null = null): RunRecord => ({
  runid,
  status,
  stopping,
  properties: {},
});

/** What the server would say of each application: its runs, oldest first. */
function book(runs: Record<string, readonly RunRecord[]>, refuses = false) {
  const asked: string[] = [];
  let now = 1_000_000;
  const api = {
    latestRuns: async (_: string, programs: readonly { readonly app: string }[]) => {
      asked.push(`batch of ${String(programs.length)}`);
      if (refuses) throw new CdapRefused("/runs", 404, "an application is gone");
      return programs.map(({ app }) => runs[app]?.at(-1) ?? null);
    },
    run: async ({ app, runId }: RunId) => {
      asked.push(runId);
      return runs[app]?.find(({ runid }) => runid === runId) ?? null;
    },
  };
  const pace = new Pace({ now: () => now, wait: async () => undefined });
  return { asked, book: new RunBook({ api, pace, now: () => now }), later: (ms: number) => (now += ms) };
}

test("the runs of many programs are looked at with one question; only what is not the latest run of its program has a question of its own", async () => {
  const seen = book({
    a: [recordOf("a1", "STOPPING")],
    b: [recordOf("b1", "KILLED")],
    c: [recordOf("c1", "STOPPING"), recordOf("c2", "RUNNING")],
  });
  const runs = [runOf("a", "a1"), runOf("b", "b1"), runOf("c", "c1")];
  expect(await seen.book.refresh(runs)).toBe(true);
  expect(seen.asked).toEqual(["batch of 3", "c1"]);
  expect(runs.map(({ runId }) => seen.book.of(runId)?.record?.status)).toEqual(["STOPPING", "KILLED", "STOPPING"]);
  // Those that are over are not looked at again, the others not at once.
  seen.asked.length = 0;
  await seen.book.refresh(runs);
  expect(seen.asked).toEqual([]);
  seen.later(2_000);
  await seen.book.refresh(runs);
  expect(seen.asked).toEqual(["batch of 2", "c1"]);
});

test("a run that the batch does not show is never taken for ended: its own record decides, and one without a record is gone", async () => {
  const seen = book({ a: [recordOf("a2", "COMPLETED")], b: [] });
  await seen.book.refresh([runOf("a", "a1"), runOf("b", "b1")]);
  expect(seen.asked).toEqual(["batch of 2", "a1", "b1"]);
  expect(seen.book.of("a1")).toMatchObject({ record: null });
  expect(seen.book.isOver("b1")).toBe(true);
});

test("a batch that is refused as a whole tells nothing: each run is asked about by itself", async () => {
  const seen = book({ a: [recordOf("a1", "STOPPING")], b: [recordOf("b1", "KILLED")] }, true);
  await seen.book.refresh([runOf("a", "a1"), runOf("b", "b1")]);
  expect(seen.asked).toEqual(["batch of 2", "a1", "b1"]);
});

test("the longer a run has been STOPPING, the more rarely it is looked at", async () => {
  const seen = book({ a: [recordOf("a1", "STOPPING", 500)], b: [recordOf("b1", "STOPPING", 1_000)] });
  const runs = [runOf("a", "a1"), runOf("b", "b1")];
  await seen.book.refresh(runs);
  seen.asked.length = 0;
  // `a` has been STOPPING for 500 s: a hundredth of it.
  seen.later(4_900);
  await seen.book.refresh(runs);
  expect(seen.asked).toEqual(["b1"]);
  seen.later(200);
  await seen.book.refresh(runs);
  expect(seen.asked).toEqual(["b1", "a1"]);
});
