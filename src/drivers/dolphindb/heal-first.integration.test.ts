// A data node of another host dies and comes back between the gate and a stop: what must be healed first, and what an abort, a death or a restarted controller
// in the middle of that leaves.
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../model/event.ts";
import type { LabValue } from "../../../lab/dolphindb/value.ts";
import { Killed, MemoryRun } from "./testing/memory-run.ts";

const aliases = (...items: readonly string[]): LabValue => ({ form: "vector", type: "string", items });
const dieAfter =
  (is: RunEvent["is"], step: string) =>
  (event: RunEvent): void => {
    if (event.is === is && "step" in event && event.step === step) throw new Killed(step);
  };

/** Killed before the data node of the first host stops; meanwhile one of another host has missed rows, and nothing heals it: recovery is suspended. */
async function behindElsewhere(): Promise<MemoryRun> {
  const run = await MemoryRun.begin();
  const { lab } = run;
  await run.fill(6);
  await run.plan(run.upgrade);
  run.journaled = dieAfter("done", "drain h2");
  expect(await run.process()).toBe("killed");
  run.journaled = () => undefined;
  await lab.world.run(
    (async () => {
      lab.kill("node3");
      await lab.until("node3 is missed", async () => !(await lab.alive()).has("node3"));
      await run.write("node1", [0, 1, 2, 3, 4, 5]);
      await lab.atLeader("startDataNode", [aliases("node3")]);
      await lab.until("node3 is back", async () => (await lab.alive()).has("node3"));
      await lab.world.sleep(5_000);
    })(),
  );
  lab.durations.recoverChunk = 10_000;
  return run;
}
const steps = (run: MemoryRun, is: RunEvent["is"]): readonly string[] =>
  run.events.flatMap((event) => (event.is === is && "step" in event && event.step !== null ? [event.step] : []));
const suspendedAtTheEnd = ({ lab }: MemoryRun): readonly string[] =>
  lab.of("controller").flatMap(({ alias, log }) => (log.findLast((line) => line.includes("recovery is"))?.includes("suspended") ? [alias] : []));

describe("what is behind on other hosts is healed before a host's data nodes stop", () => {
  it("also when the watchdog has put the lease back meanwhile, and the resume has taken it again", async () => {
    const run = await behindElsewhere();
    run.journaled = dieAfter("done", "stop data nodes h2/0.resume recovery");
    expect(await run.process()).toBe("killed");
    run.journaled = () => undefined;
    expect(await run.process(["recovery h2"])).toEqual({ is: "released" });
    expect(await run.process()).toEqual({ is: "succeeded" });
    expect(steps(run, "done")).toContain("stop data nodes h2/0.chunks");
    expect(suspendedAtTheEnd(run)).toEqual([]);
  });

  it("also when a controller restarts meanwhile, and is told again with all the others", async () => {
    const run = await behindElsewhere();
    run.journaled = dieAfter("done", "stop data nodes h2/0.resume recovery");
    expect(await run.process()).toBe("killed");
    run.journaled = () => undefined;
    run.lab.kill("ctl3");
    run.lab.start("ctl3");
    expect(await run.process()).toEqual({ is: "succeeded" });
    expect(suspendedAtTheEnd(run)).toEqual([]);
  });

  it("an abort after the stop resumes recovery when the host's data nodes are up again, not before", async () => {
    const run = await behindElsewhere();
    run.journaled = (event) => {
      if (event.is === "done" && event.step === "stop agent h2") run.signal = { desired: "abort", by: "ana", reason: "enough" };
    };
    expect(await run.process()).toEqual({ is: "aborted" });
    expect(steps(run, "done")).toContain("stop data nodes h2/0.suspend recovery");
    const last = (text: string): number => run.sent.findLastIndex(({ script }) => script.includes(text));
    const stopped = last("stopDataNode");
    const after = run.sent.slice(stopped + 1).map(({ script }) => script);
    expect(after.find((script) => script.includes("startDataNode") || script.includes("resumeRecovery"))).toContain("startDataNode");
    expect(suspendedAtTheEnd(run)).toEqual([]);
  });
});

describe("a data node that came back by itself after its stop", () => {
  it("is stopped again before its agent, and an abort brings the agent back before it", async () => {
    const run = await MemoryRun.begin();
    const { lab } = run;
    await run.plan(run.upgrade);
    run.journaled = dieAfter("done", "stop data nodes h2");
    expect(await run.process()).toBe("killed");
    await lab.world.run(lab.atLeader("startDataNode", [aliases("node2")]));
    await lab.world.run(lab.until("node2 is back", async () => (await lab.alive()).has("node2")));
    run.journaled = (event) => {
      if (event.is === "done" && event.step === "stop agent h2") run.signal = { desired: "abort", by: "ana", reason: "enough" };
    };
    expect(await run.process()).toEqual({ is: "aborted" });
    expect(steps(run, "done").some((step) => step.includes("stop data nodes again"))).toBe(true);
    expect(lab.nodes.filter(({ running }) => running === null).map(({ alias }) => alias)).toEqual([]);
  });
});
