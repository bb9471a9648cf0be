// An old leader that took a write which its successor does not have, on a lab cluster in memory.
import { describe, expect, test } from "vitest";
import { movesOf, underLoad, type Loaded } from "./testing/load.ts";
import { restart, small, toTheEnd } from "./testing/small-cluster.ts";

describe("an old leader with rows of its own", () => {
  const diverge = async (): Promise<Loaded> => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    const { lab } = run;
    await run.plan(restart());
    const tablet1 = loaded.before.structure.nodes["tablet1"]?.endpoint ?? "";
    let done = false;
    // Somebody gives the role back behind our back, and a client that knows no better writes to it.
    run.disturb = ({ method }) => {
      const [last] = run.sent.filter((each) => each.method === "NameServer/ChangeLeader").slice(-1);
      if (done || last === undefined || method !== "NameServer/ShowOPStatus") return "pass";
      const { name, pid } = JSON.parse(last.body) as { name: string; pid: number };
      if (name !== "t1") return "pass";
      done = true;
      const tid = loaded.before.structure.tables["test.t1"]?.tid ?? 0;
      void lab
        .call(tablet1, "TabletServer/ChangeRole", { tid, pid, mode: "kTableLeader", term: 1, replicas: [] })
        .then(() => lab.call(tablet1, "TabletServer/Put", { tid, pid, key: "stray", value: "x", ts: 1 }));
      return "pass";
    };
    return loaded;
  };
  test("is never recovered over without a person's word", async () => {
    const { run } = await diverge();
    const outcome = await run.process();
    expect(outcome).toMatchObject({
      is: "asks",
      code: "SW2007",
      question: expect.stringMatching(/test\.t1\/\d.*offsets? \d+ to \d+ \(\d+ rows?\)/) as string,
    });
    const [left] = movesOf(run).flatMap(({ leftBehind }) => leftBehind);
    expect(left).toMatchObject({ on: "127.0.0.1:10921" });
  });
  test("its rows are copied on its host before a person is asked, and the question says where", async () => {
    const loaded = await diverge();
    const { run } = loaded;
    const outcome = await run.process();
    if (outcome === "killed" || outcome.is !== "asks") throw new Error("it should ask");
    const [kept] = run.proofs("keepRows") as unknown as readonly {
      readonly kept: string;
      readonly sources: readonly string[];
      readonly offsets: { readonly from: number; readonly to: number };
    }[];
    if (kept === undefined) throw new Error("nothing was kept");
    expect(outcome.question).toContain(`in ${kept.kept}.`);
    expect(outcome.question).toContain(`offsets ${String(kept.offsets.from)} to ${String(kept.offsets.to)}`);
    const { disk } = run.lab.node("tablet1").machine;
    const [host, directory = ""] = kept.kept.split(":");
    expect(host).toBe(run.lab.node("tablet1").machine.name);
    expect(kept.sources).toEqual([expect.stringMatching(/^\/srv\/tablet1\/db\/\d+_\d+$/)]);
    // The stray row is in the binlog that was copied, and still in the tablet's own.
    const texts = (path: string): string => {
      const names = disk.list(path);
      return names.length === 0 ? (disk.read(path) ?? "") : names.map((name) => texts(`${path}/${name}`)).join("");
    };
    expect(texts(directory)).toContain("stray");
    expect(texts(kept.sources[0] ?? "")).toContain("stray");
  });
  test("is recovered once a person has accepted that by name", async () => {
    const loaded = await diverge();
    const { run } = loaded;
    const outcome = await run.process();
    if (outcome === "killed" || outcome.is !== "asks") throw new Error("it should ask");
    run.events.push({ is: "answered", step: outcome.step, answer: "approve", by: "ana", reason: "a test row" });
    await toTheEnd(run);
    loaded.writer.end();
    await run.lab.world.run(run.lab.settled());
    const [over] = run.proofs("recoverOver") as unknown as readonly { readonly dropped: { readonly from: number; readonly to: number } }[];
    const dropped = (over?.dropped.to ?? 0) - (over?.dropped.from ?? 0) + 1;
    // The stray row was nobody's.
    expect((await run.lab.world.run(loaded.writer.missing())).length).toBe(dropped - 1);
  });
  test("an abort then leaves those rows where they are, and says why it cannot end", async () => {
    const { run } = await diverge();
    await run.process();
    run.signal = { desired: "abort", by: "op", reason: "test" };
    const outcome = await run.process();
    expect(outcome).toMatchObject({
      is: "asks",
      code: "SW2103",
      question: expect.stringMatching(/test\.t1\/\d: 127.0.0.1:10921 holds offsets/) as string,
    });
    expect(run.sent.filter(({ method, body }) => method === "NameServer/RecoverTable" && body.includes("10921") && body.includes("t1"))).toEqual([]);
  });
  test("the way back ends once a person has brought the rows elsewhere and recovered that replica himself", async () => {
    const loaded = await diverge();
    const { run } = loaded;
    await run.process();
    run.signal = { desired: "abort", by: "op", reason: "test" };
    const outcome = await run.process();
    if (outcome === "killed" || outcome.is !== "asks") throw new Error("it should ask");
    const [left] = movesOf(run).flatMap(({ leftBehind }) => leftBehind);
    const [db, rest = ""] = left?.partition.split(".") ?? [];
    const [name, pid] = rest.split("/");
    await run.lab.world.run(run.lab.ask("RecoverTable", { db, name, pid: Number(pid), endpoint: left?.on }));
    loaded.writer.end();
    await run.lab.world.run(run.lab.settled());
    run.events.push({ is: "answered", step: outcome.step, answer: "again", by: "ana", reason: "recovered by hand" });
    await toTheEnd(run);
    const after = await run.inspect();
    expect(after.now.autoFailover).toBe(true);
    expect(Object.values(after.now.partitions).every(({ replicas }) => replicas.every(({ alive, own }) => alive && own !== null))).toBe(true);
  });
});
