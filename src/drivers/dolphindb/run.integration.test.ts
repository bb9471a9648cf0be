// Whole runs of the real engine on the lab in memory: what holds at the end, however often Stillwater dies, answers are lost, or somebody aborts.
import { describe, expect, it } from "vitest";
import { serviceOf } from "../../hosts/services.ts";
import type { Goal } from "../../model/goal.ts";
import type { DdFacts } from "./facts.ts";
import { prove } from "./prove.ts";
import { goalOf, Killed, MemoryRun, type MemoryRunOptions } from "./testing/memory-run.ts";

const interval = 30;
const begin = async (mode: Goal["mode"], options: MemoryRunOptions = {}): Promise<{ readonly run: MemoryRun; readonly since: number }> => {
  const run = await MemoryRun.begin({ controllerSettings: { datanodeRestartInterval: String(interval) }, ...options });
  await run.fill();
  await run.plan({ ...run.upgrade, mode });
  return { run, since: run.lab.world.now() };
};
/** Alias or role of a host to how often it was started; all nodes of the tutorial's cluster. */
const everyNode = (times: number): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [1, 2, 3].flatMap((host) => [`controller@h${String(host)}`, `agent@h${String(host)}`, `node${String(host)}`].map((name) => [name, times])),
  );
const versions = ({ structure, now }: DdFacts): ReadonlySet<string> =>
  new Set(Object.entries(now.nodes).map(([name, node]) => `${node.state} ${String(node.running)} of ${String(structure.nodes[name]?.installed)}`));
/** What a lease has left behind on any controller. */
const leftBehind = (run: MemoryRun, { now }: DdFacts): readonly string[] =>
  run.lab.of("controller").flatMap(({ alias, log }) => {
    const suspended = log.findLast((line) => line.includes("recovery is"))?.includes("suspended") === true;
    const seconds = now.nodes[alias]?.restartIntervalS;
    return [...(suspended ? [`${alias} is suspended`] : []), ...(seconds === interval ? [] : [`${alias} has ${String(seconds)}`])];
  });

describe("runs on the lab in memory", () => {
  it("[DD-2] [DD-15] [DD-20] [DD-23] killed at every boundary of its journal: every node restarted once, everything temporary put back", async () => {
    const { run, since } = await begin("zero-downtime");
    const before = await run.inspect();
    const seen = new Set<string>();
    run.journaling = (events) => {
      const boundary = JSON.stringify(events.map((event) => [event.is, "step" in event ? event.step : ""]));
      if (seen.has(boundary)) return;
      seen.add(boundary);
      throw new Killed(boundary);
    };
    let outcome = await run.process();
    while (outcome === "killed") outcome = await run.process();
    expect(outcome).toEqual({ is: "succeeded" });
    expect(seen.size).toBeGreaterThan(100);
    expect(run.starts(since)).toEqual(everyNode(1));
    const after = await run.inspect();
    expect(versions(after)).toEqual(new Set(["serving 2.00.8.12 of 2.00.8.12"]));
    expect(leftBehind(run, after)).toEqual([]);
    const proof = prove(run.evidence(), before, after);
    expect(proof.violations).toEqual([]);
    expect(proof.coverage).toContain("4 chunks, each with 2 replicas of equal versions, at 4 gates");
  });

  it("[DD-1] the regular upgrade: all down together, once, and all back", async () => {
    const { run, since } = await begin("downtime");
    expect(await run.process()).toEqual({ is: "succeeded" });
    expect(run.starts(since)).toEqual(everyNode(1));
    const after = await run.inspect();
    expect(versions(after)).toEqual(new Set(["serving 2.00.8.12 of 2.00.8.12"]));
    expect(leftBehind(run, after)).toEqual([]);
  });

  it.each(["to the end", "aborted"])(
    "what the operator himself had set online is as it was: recovery suspended, another interval (%s)",
    async (how) => {
      const { run } = await begin("zero-downtime");
      const { lab } = run;
      for (const { alias } of lab.of("controller")) {
        await lab.world.run(lab.call(alias, "suspendRecovery"));
        await lab.world.run(lab.call(alias, "setDatanodeRestartInterval", [{ form: "scalar", type: "int", value: 2 * interval }]));
      }
      await run.plan({ ...run.upgrade, mode: "zero-downtime", options: { recovery: "suspended" } });
      run.journaled = (event) => {
        if (how === "aborted" && event.is === "done" && event.step === "start controller h1")
          run.signal = { desired: "abort", by: "ana", reason: "enough" };
      };
      expect(await run.process()).toEqual({ is: how === "aborted" ? "aborted" : "succeeded" });
      const controllers = lab.of("controller").map(({ alias }) => alias);
      expect(leftBehind(run, await run.inspect())).toEqual(
        controllers.flatMap((alias) => [`${alias} is suspended`, `${alias} has ${String(2 * interval)}`]),
      );
    },
  );

  it("the first answer of every effect is lost: nothing happens twice", async () => {
    const run = await MemoryRun.begin({ controllerSettings: { datanodeRestartInterval: String(interval) } });
    await run.plan(goalOf({ restart: true }));
    const since = run.lab.world.now();
    const seen = new Set<string>();
    run.disturb = ({ to, script }) => (seen.has(`${to} ${script}`) || !seen.add(`${to} ${script}`) ? "pass" : "lose");
    expect(await run.process()).toEqual({ is: "succeeded" });
    expect(seen.size).toBeGreaterThan(20);
    expect(run.starts(since)).toEqual(everyNode(1));
    expect(leftBehind(run, await run.inspect())).toEqual([]);
  });

  it.each([
    ["zero-downtime", "start data nodes h1", 2],
    ["downtime", "start data nodes", 6],
  ] as const)("an abort of %s when the new release runs already: the old one again, its metadata as it was", async (mode, step, restored) => {
    const { run } = await begin(mode);
    run.journaled = (event) => {
      if (event.is === "done" && event.step === step) run.signal = { desired: "abort", by: "ana", reason: "enough" };
    };
    expect(await run.process()).toEqual({ is: "aborted" });
    const after = await run.inspect();
    expect(versions(after)).toEqual(new Set(["serving 2.00.7.4 of 2.00.7.4"]));
    expect(leftBehind(run, after)).toEqual([]);
    expect(after.now.chunks).toMatchObject({ total: 4, recovering: 0, underReplicated: 0, unequal: 0 });
    expect(run.events.filter((event) => event.is === "done" && event.step.includes("/metadata of "))).toHaveLength(restored);
  });

  it("an abort of the regular upgrade after somebody wrote asks, instead of putting back metadata that does not know it", async () => {
    const { run } = await begin("downtime");
    run.journaled = (event) => {
      if (event.is === "done" && event.step === "start data nodes") throw new Killed("a client comes first");
    };
    expect(await run.process()).toBe("killed");
    await run.lab.world.run(run.write("node2", [0, 1]));
    run.signal = { desired: "abort", by: "ana", reason: "enough" };
    expect(await run.process()).toMatchObject({ is: "asks", code: "SW2103" });
    expect(run.events.filter((event) => event.is === "acting" && event.step.includes("/metadata of "))).toEqual([]);
  });

  it("[DD-17] a controller that does not exit is never killed: the run waits, tells why, and goes on when a person has ended it", async () => {
    const { run, since } = await begin("zero-downtime");
    await run.lab.world.run(run.lab.setFault("ctl3", "ignore-terminate"));
    const outcome = await run.process();
    expect(outcome).toMatchObject({ is: "paused", code: "SW2102", step: "stop controller h3" });
    expect(JSON.stringify(outcome)).toContain("lanCluster=0");
    expect(run.lab.processOf("ctl3")).not.toBeNull();
    run.lab.kill("ctl3");
    expect(await run.process()).toEqual({ is: "succeeded" });
    expect(run.starts(since)).toEqual(everyNode(1));
  });

  it("a controller that cannot start: its log goes with the alert, and after it was mended the run goes on", async () => {
    const { run } = await begin("zero-downtime");
    const { disk } = run.lab.machine("h3");
    const file = "/opt/dolphindb/server/clusterDemo/config/controller.cfg";
    const right = disk.read(file) ?? "";
    run.journaled = (event) => {
      if (event.is === "done" && event.step === "stop controller h3") disk.write(file, `\n${right}`);
    };
    const outcome = await run.process();
    expect(outcome).toMatchObject({ is: "paused", code: "SW2106", step: "start controller h3" });
    expect(JSON.stringify(outcome)).toContain("The input file is empty");
    disk.write(file, right);
    expect(await run.process()).toEqual({ is: "succeeded" });
  });

  it("units of systemd do not bring a node back in the middle of its turn, and have their Restart= again afterwards", async () => {
    const { run, since } = await begin("zero-downtime", {
      units: true,
      service: (of, name) => {
        const { role, host } = of.lab.node(name);
        return role === "controller" || role === "agent" ? serviceOf(of.host(host), { manager: "systemd", unit: `dolphindb-${role}.service` }) : null;
      },
    });
    expect(await run.process()).toEqual({ is: "succeeded" });
    expect(run.starts(since)).toEqual(everyNode(1));
    for (const { services } of run.lab.machines) expect(services.show("dolphindb-controller.service")).toMatchObject({ restart: "always" });
  });

  it("a unit that the cluster file does not name: a person is asked before anything is stopped", async () => {
    const { run, since } = await begin("zero-downtime", { units: true });
    expect(await run.process()).toMatchObject({ is: "asks", code: "SW2103" });
    expect(run.starts(since)).toEqual({});
  });
});
