// DolphinDB: a host's five nodes are one turn, because they share one installation directory.
import type { Driver, Look } from "../../../../src/model/driver.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import type { Item, Turn } from "../../../../src/model/step.ts";
import { holding, operation, operationTable, rolling } from "../../../../src/planner/kit.ts";
import { inFlightMs } from "../../simulation/faults.ts";
import { need, present } from "../../simulation/need.ts";
import type { FakeDolphindb, Kind } from "./fake.ts";

type Structure = { readonly installed: { readonly [host: string]: string } };
type Now = { readonly up: readonly string[]; readonly leader: string; readonly badChunks: number };
export type DolphindbFacts = Facts<Structure, Now>;
export interface DolphindbGoal {
  readonly version: string;
}
type Nodes = { readonly nodes: readonly string[] };
type Node = { readonly node: string };
type Replacement = { readonly host: string; readonly version: string };
/** Which process of each controller answered us. */
type Boots = { readonly [controller: string]: number };

export function dolphindbDriver(db: FakeDolphindb): Driver<DolphindbFacts, DolphindbGoal> {
  const hosts = [...db.installed.keys()];
  const hostOf = (name: string): string => need(db.nodes, name).host;
  const kind = (name: string): Kind => need(db.nodes, name).kind;
  const on = (host: string): string[] => [...db.nodes.keys()].filter((name) => hostOf(name) === host);
  const up = (facts: DolphindbFacts, nodes: readonly string[], is: boolean): DolphindbFacts => ({
    ...facts,
    now: { ...facts.now, up: [...facts.now.up.filter((each) => !nodes.includes(each)), ...(is ? nodes : [])], badChunks: 0 },
  });

  /** suspendRecovery can be set and not read, and a restart forgets it: what we know is which process of each controller answered us. */
  const recovery = operation<DolphindbFacts, { readonly suspended: boolean }, null, Boots>("recovery", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ suspended }, { receipt }): Promise<Look> => {
      if (receipt === null) return { is: "open" };
      const forgot = db.controllers().filter((controller) => {
        const { running, boot } = db.process(controller);
        return running && receipt[controller] !== boot;
      });
      if (!suspended || forgot.length === 0) return { is: "done" }; // a restarted controller is not suspended: nothing to resume
      return forgot.every((controller) => db.ready(controller))
        ? { is: "open", why: `${forgot.join(" ")} restarted` }
        : { is: "waiting", for: `${forgot.join(" ")} to answer` };
    },
    act: async ({ suspended }, _, context) => {
      const boots: Record<string, number> = {};
      for (const controller of db.controllers()) {
        const { boot } = db.process(controller);
        if (boot === null) continue;
        await context.send(null, () => db.suspend(controller, suspended));
        boots[controller] = boot;
      }
      return boots;
    },
    undo: ({ suspended }): readonly Item[] => [recovery.step("resume", "restore", { suspended: !suspended })],
  });
  const stopData = operation<DolphindbFacts, Nodes>("stopData", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ nodes }): Promise<Look> => {
      if (nodes.every((node) => !db.process(node).running)) return { is: "done" };
      const states = db.perf().nodes;
      return nodes.some((node) => states[node] === "draining") ? { is: "waiting", for: "transactions to end" } : { is: "open" };
    },
    act: async ({ nodes }, _, context) => context.send(null, () => (db.stopDataNodes(nodes), null)),
    undo: (nodes): readonly Item[] => [startData.step("start", "start", nodes)],
    predict: (facts, { nodes }) => up(facts, nodes, false),
  });
  const startData = operation<DolphindbFacts, Nodes>("startData", {
    settleMs: inFlightMs + 300, // an accepted start shows nothing for a while
    fenced: "unfenced",
    look: async ({ nodes }): Promise<Look> => {
      const states = db.perf().nodes;
      if (nodes.some((node) => states[node] === "draining")) return { is: "waiting", for: "a stop under way" };
      if (nodes.every((node) => db.ready(node))) return { is: "done" };
      return nodes.some((node) => db.process(node).running && !db.ready(node)) ? { is: "waiting", for: "initialisation" } : { is: "open" };
    },
    act: async ({ nodes }, _, context) => context.send(null, () => (db.startDataNodes(nodes.filter((node) => !db.process(node).running)), null)),
    undo: (nodes): readonly Item[] => [stopData.step("stop", "stop", nodes)],
    predict: (facts, { nodes }) => up(facts, nodes, true),
  });
  const stop = operation<DolphindbFacts, Node>("stop", {
    fenced: "host",
    look: async ({ node }) => (db.process(node).running ? { is: "open" } : { is: "done" }),
    act: async ({ node }, _, context) => context.send(hostOf(node), () => (db.stop(node), null)),
    undo: (node): readonly Item[] => [start.step("start", "start", node)],
    predict: (facts, { node }) => up(facts, [node], false),
  });
  const start = operation<DolphindbFacts, Node>("start", {
    fenced: "host",
    look: async ({ node }): Promise<Look> => {
      if (!db.process(node).running) return { is: "open" };
      return db.ready(node) ? { is: "done" } : { is: "waiting", for: `${node} to answer` };
    },
    act: async ({ node }, _, context) => context.send(hostOf(node), () => (db.start(node), null)),
    undo: (node): readonly Item[] => [stop.step("stop", "stop", node)],
    predict: (facts, { node }) => up(facts, [node], true),
  });
  const swap = operation<DolphindbFacts, Replacement, { readonly from: string }>("swap", {
    fenced: "host",
    prepare: async ({ host }) => ({ from: need(db.installed, host) }),
    look: async ({ host, version }) => (db.installed.get(host) === version ? { is: "done" } : { is: "open" }),
    act: async ({ host, version }, _, context) => context.send(host, () => (db.install(host, version), null)),
    undo: ({ host }, { from }): readonly Item[] => [swap.step("swap back", "replace", { host, version: from })],
  });
  const ready = operation<DolphindbFacts, Replacement>("ready", {
    look: async ({ host, version }) =>
      on(host).every((node) => db.version(node) === version) ? { is: "done" } : { is: "waiting", for: `${host} to serve ${version}` },
  });

  const turn = (host: string, version: string): Turn => {
    const nodes = on(host);
    const data = nodes.filter((node) => kind(node) === "data" || kind(node) === "compute");
    const controller = present(
      nodes.find((node) => kind(node) === "controller"),
      "controller",
    );
    const agent = present(
      nodes.find((node) => kind(node) === "agent"),
      "agent",
    );
    return {
      id: host,
      nodes,
      items: holding(
        recovery.step(`${host} recovery`, "guard", { suspended: true }),
        "finish-then-release",
        stopData.step(`${host} stop data`, "stop", { nodes: data }),
        stop.step(`${host} stop agent`, "stop", { node: agent }),
        stop.step(`${host} stop controller`, "stop", { node: controller }),
        swap.step(`${host} swap`, "replace", { host, version }),
        start.step(`${host} start controller`, "start", { node: controller }),
        start.step(`${host} start agent`, "start", { node: agent }),
        startData.step(`${host} start data`, "start", { nodes: data }),
        ready.step(`${host} ready`, "ready", { host, version }, { commits: { of: "turn", why: "the host serves with the new version" } }),
      ),
    };
  };

  return {
    system: "dolphindb",
    operations: operationTable<DolphindbFacts>(recovery, stopData, startData, stop, start, swap, ready),
    invariants: [
      {
        name: "majority",
        holds: "always",
        broken: ({ now }) =>
          now.up.filter((node) => kind(node) === "controller").length < 2 ? [{ object: "controllers", what: "no majority" }] : [],
      },
      {
        name: "one host away",
        holds: "always",
        broken: ({ now }) => {
          const away = new Set([...db.nodes].filter(([name, node]) => node.kind === "data" && !now.up.includes(name)).map(([, node]) => node.host));
          return away.size > 1 ? [{ object: [...away].join(" "), what: "data nodes away together" }] : [];
        },
      },
      {
        name: "all there",
        holds: "between turns",
        broken: ({ now }) => [...db.nodes.keys()].filter((node) => !now.up.includes(node)).map((object) => ({ object, what: "down" })),
      },
      {
        name: "chunks complete",
        holds: "between turns",
        broken: ({ now }) => (now.badChunks > 0 ? [{ object: `${now.badChunks} chunks`, what: "not complete" }] : []),
      },
    ],
    inspect: async () => ({
      structure: { installed: Object.fromEntries(db.installed) },
      now: { up: [...db.nodes.keys()].filter((node) => db.ready(node)), leader: db.perf().leader, badChunks: db.badChunks() },
    }),
    plan(facts, goal) {
      const leads = (host: string): number => Number(on(host).includes(facts.now.leader));
      const due = hosts.filter((host) => facts.structure.installed[host] !== goal.version).sort((a, b) => leads(a) - leads(b));
      if (due.length === 0) return { refused: "every host has this version", clear: "nothing to do" };
      return { turns: rolling(due, (host) => turn(host, goal.version)) };
    },
  };
}
