// PostgreSQL, streaming replication, minor releases: standbys first, then a controlled switchover.
import { Unreachable } from "../../../../src/model/errors.ts";
import type { Driver, Look } from "../../../../src/model/driver.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import type { Item, Step, Turn } from "../../../../src/model/step.ts";
import { operation, operationTable, rolling } from "../../../../src/planner/kit.ts";
import { inFlightMs } from "../../simulation/faults.ts";
import { present } from "../../simulation/need.ts";
import type { FakePostgres } from "./fake.ts";

type Structure = { readonly nodes: { readonly [node: string]: { readonly version: string } } };
type NodeNow = { readonly up: boolean; readonly primary: boolean; readonly streaming: boolean };
type Now = { readonly nodes: { readonly [node: string]: NodeNow } };
export type PostgresFacts = Facts<Structure, Now>;
export interface PostgresGoal {
  readonly version: string;
}
type Node = { readonly node: string };
type Replacement = { readonly node: string; readonly version: string };
type Synchronous = { readonly [node: string]: number };
type Slot = { readonly on: string; readonly name: string; readonly wanted: boolean };

export function postgresDriver(pg: FakePostgres): Driver<PostgresFacts, PostgresGoal> {
  const all = [...pg.servers.keys()];
  /** Whoever began the newest timeline, whether it answers or not: a primary that is down is still the primary. */
  const primary = (): string => {
    const [newest] = all.filter((node) => !pg.control(node).standby).sort((a, b) => pg.control(b).timeline - pg.control(a).timeline);
    if (newest === undefined) throw new Unreachable("no primary");
    return newest;
  };
  const of = (facts: PostgresFacts, node: string): NodeNow => present(facts.now.nodes[node], node);
  const set = (facts: PostgresFacts, node: string, to: Partial<NodeNow>): PostgresFacts => ({
    ...facts,
    now: { nodes: { ...facts.now.nodes, [node]: { ...of(facts, node), ...to } } },
  });

  /** synchronous_standby_names of every node, because the primary's role moves and its value must hold where it goes. */
  const sync = operation<PostgresFacts, Synchronous, Synchronous>("sync", {
    fenced: "host",
    prepare: async () => Object.fromEntries(all.map((node) => [node, pg.configuration(node).sync])),
    look: async (wanted) =>
      Object.entries(wanted).every(([node, value]) => pg.configuration(node).sync === value) ? { is: "done" } : { is: "open" },
    act: async (wanted, _, context) => {
      for (const [node, value] of Object.entries(wanted)) await context.send(node, () => pg.configure(node, { sync: value }));
      return null;
    },
    undo: (_, before): readonly Item[] => [sync.step("restore", "restore", before)],
  });

  const stop = operation<PostgresFacts, Node>("stop", {
    fenced: "host",
    look: async ({ node }) => (pg.control(node).running ? { is: "open" } : { is: "done" }),
    act: async ({ node }, _, context) => context.send(node, () => (pg.stop(node), null)),
    undo: ({ node }): readonly Item[] => [starting("start", node)],
    predict: (facts, { node }) => set(facts, node, { up: false, primary: false, streaming: false }),
  });
  const swap = operation<PostgresFacts, Replacement, { readonly from: string }>("swap", {
    fenced: "host",
    prepare: async ({ node }) => ({ from: pg.control(node).installed }),
    look: async ({ node, version }) => (pg.control(node).installed === version ? { is: "done" } : { is: "open" }),
    act: async ({ node, version }, _, context) => context.send(node, () => (pg.install(node, version), null)),
    undo: ({ node }, { from }): readonly Item[] => [swap.step("swap back", "replace", { node, version: from })],
  });
  /** As what the cluster needs now: a standby of the present primary, or the primary it was. */
  const start = operation<PostgresFacts, Node>("start", {
    fenced: "host",
    look: async ({ node }): Promise<Look> => {
      if (pg.control(node).running) {
        const server = pg.sql(node);
        return !server.standby || server.streaming ? { is: "done" } : { is: "waiting", for: `${node} to stream` };
      }
      const leader = primary();
      if (leader !== node && !pg.sql(leader).slots.includes(node))
        return { is: "expand", into: [slot.step("slot", "start", { on: leader, name: node, wanted: true })] };
      return { is: "open" };
    },
    act: async ({ node }, _, context) => {
      const leader = primary();
      return context.send(node, () => {
        if (leader !== node) pg.configure(node, { standby: true, follows: leader });
        pg.start(node);
        return null;
      });
    },
    undo: (node): readonly Item[] => [stop.step("stop", "stop", node)],
    predict: (facts, { node }) => set(facts, node, { up: true, streaming: true }),
  });
  const starting = (id: string, node: string): Step => start.step(id, "start", { node }, { may: { do: ["slot"], atMost: 2 } });
  /** The switchover, only if the node is primary when its turn comes. Who takes over is chosen when it has stopped: only then is it known who has everything. */
  const moveAway = operation<PostgresFacts, Node>("moveAway", {
    look: async ({ node }): Promise<Look> => {
      if (primary() !== node) return { is: "done" };
      const others = all.filter((each) => each !== node);
      if (pg.control(node).running) {
        if (!others.some((each) => pg.streaming(each))) return { is: "waiting", for: "a streaming standby" };
        return { is: "expand", into: [stop.step("stop", "stop", { node })] };
      }
      const { lsn } = pg.control(node);
      const complete = others.find((each) => pg.up(each) && pg.sql(each).received >= lsn);
      if (complete !== undefined) return { is: "expand", into: switchover(node, complete) };
      if (!others.every((each) => pg.up(each))) return { is: "waiting", for: `a standby that has received ${lsn}` };
      return { is: "expand", into: [starting("start again", node)] }; // nobody has everything: only the old primary can send it
    },
    predict: (facts, { node }) => {
      const to = all.find((each) => each !== node && of(facts, each).up);
      if (!of(facts, node).primary || to === undefined) return facts;
      return set(set(facts, node, { primary: false, up: false, streaming: false }), to, { primary: true, streaming: false });
    },
  });
  const switchover = (node: string, to: string): readonly Item[] => [
    received.step("received", "verify", { from: node, by: to }),
    promote.step(
      "promote",
      "move",
      { node: to },
      { commits: { of: "turn", why: `${to} accepts writes: ${node} can only come back as its standby` } },
    ),
    ...all
      .filter((each) => each !== node && each !== to)
      .flatMap((other) => [
        slot.step(`slot ${other}`, "move", { on: to, name: other, wanted: true }),
        repoint.step(`repoint ${other}`, "move", { node: other, to }),
      ]),
  ];
  const received = operation<PostgresFacts, { readonly from: string; readonly by: string }>("received", {
    look: async ({ from, by }) => {
      const at = pg.control(from).lsn;
      const has = pg.sql(by).received;
      return has >= at ? { is: "done", proof: { shutdown: at, received: has } } : { is: "waiting", for: `${by} to receive ${at}, has ${has}` };
    },
  });
  const promote = operation<PostgresFacts, Node>("promote", {
    fenced: "host",
    look: async ({ node }): Promise<Look> => {
      if (!pg.sql(node).standby) return { is: "done" };
      return pg.promoting(node) ? { is: "waiting", for: "the promotion" } : { is: "open" };
    },
    act: async ({ node }, _, context) => context.send(node, () => (pg.promote(node), null)),
    predict: (facts, { node }) => set(facts, node, { primary: true, streaming: false }),
  });
  const slot = operation<PostgresFacts, Slot>("slot", {
    settleMs: inFlightMs,
    fenced: "compare-and-set",
    look: async ({ on, name, wanted }) => (pg.sql(on).slots.includes(name) === wanted ? { is: "done" } : { is: "open" }),
    act: async ({ on, name, wanted }, _, context) => context.send(null, () => (pg.slot(on, name, wanted), null)),
  });
  const repoint = operation<PostgresFacts, { readonly node: string; readonly to: string }>("repoint", {
    fenced: "host",
    look: async ({ node, to }): Promise<Look> => {
      const server = pg.sql(node);
      if (server.follows !== to) return { is: "open" };
      return server.streaming ? { is: "done" } : { is: "waiting", for: `${node} to stream from ${to}` };
    },
    act: async ({ node, to }, _, context) => context.send(node, () => (pg.configure(node, { follows: to }), null)),
    predict: (facts, { node }) => set(facts, node, { streaming: true }),
  });
  /** A standby keeps no slots: they would hold back its WAL for ever. */
  const tidy = operation<PostgresFacts, Node>("tidy", {
    look: async ({ node }): Promise<Look> => {
      const server = pg.sql(node);
      if (!server.standby || server.slots.length === 0) return { is: "done" };
      return { is: "expand", into: server.slots.map((name) => slot.step(`drop ${name}`, "recover", { on: node, name, wanted: false })) };
    },
  });
  const ready = operation<PostgresFacts, Replacement>("ready", {
    look: async ({ node, version }) => {
      const server = pg.sql(node);
      return server.version === version && (server.streaming || !server.standby)
        ? { is: "done" }
        : { is: "waiting", for: `${node} to be ready with ${version}` };
    },
  });

  const turn = (node: string, version: string): Turn => ({
    id: node,
    nodes: [node],
    items: [
      moveAway.step(`${node} away`, "move", { node }, { may: { do: ["stop", "start", "received", "promote", "slot", "repoint"], atMost: 12 } }),
      stop.step(`${node} stop`, "stop", { node }),
      swap.step(`${node} swap`, "replace", { node, version }),
      starting(`${node} start`, node),
      ready.step(`${node} ready`, "ready", { node, version }, { commits: { of: "turn", why: "the node serves with the new version" } }),
      tidy.step(`${node} tidy`, "recover", { node }, { may: { do: ["slot"], atMost: 4 } }),
    ],
  });

  return {
    system: "postgres",
    operations: operationTable<PostgresFacts>(sync, stop, swap, start, moveAway, received, promote, slot, repoint, tidy, ready),
    invariants: [
      {
        name: "one primary",
        holds: "always",
        broken: ({ now }) =>
          Object.values(now.nodes).filter((node) => node.primary && node.up).length > 1 ? [{ object: "cluster", what: "two primaries" }] : [],
      },
      {
        name: "a standby left",
        holds: "always",
        broken: ({ now }) =>
          Object.values(now.nodes).filter((node) => node.up).length < 2 ? [{ object: "cluster", what: "fewer than two nodes up" }] : [],
      },
      {
        name: "all there",
        holds: "between turns",
        broken: ({ now }) =>
          Object.entries(now.nodes)
            .filter(([, node]) => !node.up || (!node.primary && !node.streaming))
            .map(([object]) => ({ object, what: "not serving or not streaming" })),
      },
    ],
    inspect: async () => ({
      structure: { nodes: Object.fromEntries(all.map((node) => [node, { version: pg.control(node).installed }])) },
      now: {
        nodes: Object.fromEntries(
          all.map((node) => [node, { up: pg.up(node), primary: pg.up(node) && !pg.sql(node).standby, streaming: pg.streaming(node) }]),
        ),
      },
    }),
    plan(facts, goal) {
      const leads = (node: string): number => Number(of(facts, node).primary);
      const due = all.filter((node) => facts.structure.nodes[node]?.version !== goal.version).sort((a, b) => leads(a) - leads(b));
      if (due.length === 0) return { refused: "every node has this version", clear: "nothing to do" };
      const relaxed: Step = { ...sync.step("sync", "guard", Object.fromEntries(all.map((node) => [node, 1]))), held: "release" };
      return {
        turns: [
          { id: "begin", nodes: [], items: [relaxed] },
          ...rolling(due, (node) => turn(node, goal.version)),
          { id: "end", nodes: [], items: [{ undo: relaxed.id }] },
        ],
      };
    },
  };
}
