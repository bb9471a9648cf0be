// OpenMLDB, tablets: leaders moved away with writes fenced and offsets proved equal, the tablet replaced, leaders moved back.
import type { Driver, Look } from "../../../../src/model/driver.ts";
import { Refused, Unreachable } from "../../../../src/model/errors.ts";
import type { Item, Step, Turn } from "../../../../src/model/step.ts";
import { holding, operation, operationTable, rolling } from "../../../../src/planner/kit.ts";
import { inFlightMs } from "../../simulation/faults.ts";
import { need, present } from "../../simulation/need.ts";
import { inspectOpenmldb, openmldbInvariants, type OpenmldbFacts, type OpenmldbGoal, type OpenmldbNow } from "./facts.ts";
import type { FakeOpenmldb } from "./fake.ts";

type Tablet = { readonly tablet: string };
type Replacement = { readonly tablet: string; readonly version: string };
type Replica = { readonly pid: number; readonly on: string };
type Move = { readonly pid: number; readonly from: string; readonly to: string };

export function openmldbDriver(db: FakeOpenmldb): Driver<OpenmldbFacts, OpenmldbGoal> {
  const all = [...db.tablets.keys()];
  const pids = [...db.partitions.keys()];
  const leaderOf = (pid: number): string | null => db.showTable(pid).metas.find((meta) => meta.isLeader && meta.isAlive)?.endpoint ?? null;
  const isAlive = ({ pid, on }: Replica): boolean => db.showTable(pid).metas.some((meta) => meta.endpoint === on && meta.isAlive);
  const partner = (pid: number, of: string): string =>
    present(
      db.showTable(pid).metas.find((meta) => meta.endpoint !== of),
      `other replica of ${pid}`,
    ).endpoint;
  const now = (facts: OpenmldbFacts, to: Partial<OpenmldbNow>): OpenmldbFacts => ({ ...facts, now: { ...facts.now, ...to } });

  const autoFailover = operation<OpenmldbFacts, { readonly is: boolean }, { readonly was: boolean }>("autoFailover", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    prepare: async () => ({ was: db.confGet() }),
    look: async ({ is }) => (db.confGet() === is ? { is: "done" } : { is: "open" }),
    act: async ({ is }, _, context) => context.send(null, () => (db.confSet(is), null)),
    undo: (_, { was }): readonly Item[] => [autoFailover.step("restore", "restore", { is: was })],
  });
  /** SetMode: the whole tablet refuses writes in words while its replication drains. The nameserver resets it whenever a tablet comes or goes. */
  const fence = operation<OpenmldbFacts, Tablet & { readonly is: boolean }>("fence", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ tablet, is }) => (!db.process(tablet).running || db.mode(tablet) === is ? { is: "done" } : { is: "open" }),
    act: async ({ tablet, is }, _, context) => context.send(null, () => (db.setMode(tablet, is), null)),
    undo: ({ tablet, is }): readonly Item[] => [fence.step("lift", "restore", { tablet, is: !is })],
  });
  /**
   * ChangeRole on one partition: a fence that the nameserver does not know and so does not reset. It stops replication, so only at equal offsets; a
   * write that slipped in between is seen afterwards, and the role given back until it has been replicated.
   */
  const demote = operation<OpenmldbFacts, Replica>("demote", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ pid, on }): Promise<Look> => {
      if (leaderOf(pid) !== on) return { is: "done", proof: "does not lead" };
      const own = db.status(on, pid);
      const other = db.status(partner(pid, on), pid);
      if (!own || !other) throw new Unreachable(`${pid} is not loaded on both`);
      if (own.offset === other.offset) return own.role === "follower" ? { is: "done", proof: { offset: own.offset } } : { is: "open" };
      if (own.role === "follower") return { is: "open", why: "a write slipped in" };
      return { is: "waiting", for: `replication of ${pid}: ${own.offset - other.offset} behind` };
    },
    act: async ({ pid, on }, _, context) => {
      const own = present(db.status(on, pid), `partition ${pid} on ${on}`);
      return context.send(null, () => (db.changeRole(on, pid, own.role === "leader" ? "follower" : "leader", own.term), null));
    },
    undo: (replica): readonly Item[] => [lead.step("lead", "restore", replica)],
  });
  /** Gives the role back if the metadata still says that it leads. */
  const lead = operation<OpenmldbFacts, Replica>("lead", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ pid, on }): Promise<Look> => {
      if (db.showTable(pid).busy) return { is: "waiting", for: "its operation" };
      return leaderOf(pid) !== on || db.status(on, pid)?.role === "leader" ? { is: "done" } : { is: "open" };
    },
    act: async ({ pid, on }, _, context) => {
      const { term } = present(db.status(on, pid), `partition ${pid} on ${on}`);
      return context.send(null, () => (db.changeRole(on, pid, "leader", term), null));
    },
  });
  const change = operation<OpenmldbFacts, Move, { readonly offset: number }>("change", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    prepare: async ({ pid, from }) => ({ offset: db.status(from, pid)?.offset ?? -1 }),
    look: async ({ pid, from, to }, { before }): Promise<Look> => {
      const { busy, lastTermOffset } = db.showTable(pid);
      if (busy) return { is: "waiting", for: `the operation on ${pid}` };
      const leader = leaderOf(pid);
      // Demoted and still named as the leader: it was to be moved away and never was. Giving the role back is the demotion's own undo.
      if (leader === to && db.status(to, pid) !== null) return { is: "done", proof: { offset: before.offset, term: lastTermOffset } };
      if (leader !== from) return { is: "unclear", known: [`${pid} is led by ${leader}`], unknown: ["who moved it"] };
      return { is: "open" };
    },
    act: async ({ pid, from, to }, _, context) => {
      const own = db.status(from, pid);
      if (own?.role !== "follower" || own.offset !== db.status(to, pid)?.offset) throw new Refused(`${pid} is not fenced`);
      return context.send(null, () => (db.changeLeader(pid, to), null));
    },
    undo: ({ pid, from, to }): readonly Item[] => [
      recover.step("may lead", "recover", { pid, on: from }), // the steps that followed may never have run
      ...holding(fence.step("fence", "drain", { tablet: to, is: true }), "release", ...moving({ pid, from: to, to: from })),
    ],
    predict: (facts, { pid, to }) => now(facts, { leader: { ...facts.now.leader, [pid]: to } }),
  });
  /** Makes a replica an alive follower again. Refuses, by asking, when that would destroy rows that only it has. */
  const recover = operation<OpenmldbFacts, Replica>("recover", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ pid, on }): Promise<Look> => {
      const { busy, lastTermOffset } = db.showTable(pid);
      if (busy) return { is: "waiting", for: `the operation on ${pid}` };
      const leader = leaderOf(pid);
      if (leader === null) throw new Unreachable(`${pid} has no leader`);
      if (leader === on) return { is: "done", proof: "leads" };
      const own = db.status(on, pid);
      const offset = db.status(leader, pid)?.offset ?? 0;
      const alive = isAlive({ pid, on });
      if (own && !alive && own.offset > lastTermOffset - 1 && own.offset > offset)
        return { is: "unclear", known: [`${on} holds rows of ${pid} that ${leader} has not`], unknown: ["whether they may be dropped"] };
      if (!own || !alive || own.role !== "follower") return { is: "open" };
      return own.offset >= offset - 5 ? { is: "done" } : { is: "waiting", for: `${on} to catch up on ${pid}` };
    },
    act: async (replica, _, context) => {
      const { pid, on } = replica;
      if (isAlive(replica)) await context.send(null, () => db.updateAlive(pid, on, false));
      return context.send(null, () => (db.recoverTable(pid, on), null));
    },
    predict: (facts, { pid, on }) =>
      now(facts, { replicas: { ...facts.now.replicas, [pid]: [...new Set([...(facts.now.replicas[pid] ?? []), on])] } }),
  });
  const moving = (move: Move): readonly Item[] => [
    demote.step(`demote ${move.pid}`, "drain", { pid: move.pid, on: move.from }),
    change.step(`change ${move.pid}`, "move", move),
    recover.step(`rejoin ${move.pid}`, "recover", { pid: move.pid, on: move.from }),
  ];
  const drain = operation<OpenmldbFacts, Tablet>("drain", {
    look: async ({ tablet }): Promise<Look> => {
      const leads = pids.filter((pid) => leaderOf(pid) === tablet);
      if (leads.length === 0) return { is: "done" };
      return { is: "expand", into: leads.flatMap((pid) => moving({ pid, from: tablet, to: partner(pid, tablet) })) };
    },
    predict: (facts, { tablet }) => {
      const { leader, replicas } = facts.now;
      const heir = (pid: string): string => replicas[pid]?.find((each) => each !== tablet) ?? tablet;
      return now(facts, { leader: Object.fromEntries(Object.entries(leader).map(([pid, each]) => [pid, each === tablet ? heir(pid) : each])) });
    },
  });
  const stop = operation<OpenmldbFacts, Tablet>("stop", {
    fenced: "host",
    look: async ({ tablet }) => (db.process(tablet).running ? { is: "open" } : { is: "done" }),
    act: async ({ tablet }, _, context) => context.send(tablet, () => (db.stop(tablet), null)),
    undo: ({ tablet }): readonly Item[] => [start.step("start", "start", { tablet }), recovering("recover", tablet)],
    predict: (facts, { tablet }) => {
      const { up, replicas } = facts.now;
      const left = Object.entries(replicas).map(([pid, on]) => [pid, on.filter((each) => each !== tablet)] as const);
      return now(facts, { up: up.filter((each) => each !== tablet), replicas: Object.fromEntries(left) });
    },
  });
  const swap = operation<OpenmldbFacts, Replacement, { readonly from: string }>("swap", {
    fenced: "host",
    prepare: async ({ tablet }) => ({ from: db.process(tablet).installed }),
    look: async ({ tablet, version }) => (db.process(tablet).installed === version ? { is: "done" } : { is: "open" }),
    act: async ({ tablet, version }, _, context) => context.send(tablet, () => (db.install(tablet, version), null)),
    undo: ({ tablet }, { from }): readonly Item[] => [swap.step("swap back", "replace", { tablet, version: from })],
  });
  const start = operation<OpenmldbFacts, Tablet>("start", {
    fenced: "host",
    look: async ({ tablet }): Promise<Look> => {
      if (!db.process(tablet).running) return { is: "open" };
      return db.up(tablet) ? { is: "done" } : { is: "waiting", for: `${tablet} to register` };
    },
    act: async ({ tablet }, _, context) => context.send(tablet, () => (db.start(tablet), null)),
    undo: (tablet): readonly Item[] => [stop.step("stop", "stop", tablet)],
    predict: (facts, { tablet }) => now(facts, { up: [...facts.now.up, tablet] }),
  });
  /** After a start nothing is loaded, whatever the metadata says. */
  const recoverAll = operation<OpenmldbFacts, Tablet>("recoverAll", {
    look: async ({ tablet }): Promise<Look> => {
      const missing = pids.filter((pid) =>
        db.showTable(pid).metas.some((meta) => meta.endpoint === tablet && (!meta.isAlive || db.status(tablet, pid) === null)),
      );
      if (missing.length === 0) return { is: "done" };
      return { is: "expand", into: missing.map((pid) => recover.step(`recover ${pid}`, "recover", { pid, on: tablet })) };
    },
    predict: (facts, { tablet }) => {
      const owns = (pid: string): boolean => need(db.partitions, Number(pid)).metas.some((meta) => meta.endpoint === tablet);
      const back = Object.entries(facts.now.replicas).map(([pid, on]) => [pid, owns(pid) ? [...new Set([...on, tablet])] : on] as const);
      return now(facts, { replicas: Object.fromEntries(back) });
    },
  });
  const recovering = (id: string, tablet: string): Step =>
    recoverAll.step(id, "recover", { tablet }, { may: { do: ["recover"], atMost: 2 * pids.length } });
  const ready = operation<OpenmldbFacts, Replacement>("ready", {
    look: async ({ tablet, version }) =>
      db.up(tablet) && db.tablets.get(tablet)?.running?.version === version ? { is: "done" } : { is: "waiting", for: `${tablet} ${version}` },
  });

  const turn = (tablet: string, version: string): Turn => ({
    id: tablet,
    nodes: [tablet],
    items: holding(
      autoFailover.step(`${tablet} auto_failover`, "guard", { is: false }),
      "page",
      ...holding(
        fence.step(`${tablet} fence`, "drain", { tablet, is: true }),
        "release",
        drain.step(`${tablet} drain`, "drain", { tablet }, { may: { do: ["demote", "change", "recover"], atMost: 9 * pids.length } }),
      ),
      stop.step(`${tablet} stop`, "stop", { tablet }),
      swap.step(`${tablet} swap`, "replace", { tablet, version }),
      start.step(`${tablet} start`, "start", { tablet }),
      recovering(`${tablet} recover`, tablet),
      ready.step(`${tablet} ready`, "ready", { tablet, version }, { commits: { of: "turn", why: "the tablet serves with the new version" } }),
      { undo: `${tablet} drain` },
    ),
  });

  return {
    system: "openmldb",
    operations: operationTable<OpenmldbFacts>(autoFailover, fence, demote, lead, change, recover, drain, stop, swap, start, recoverAll, ready),
    invariants: openmldbInvariants,
    inspect: async () => inspectOpenmldb(db),
    plan(facts, goal) {
      const due = all.filter((tablet) => facts.structure.tablets[tablet] !== goal.version && (goal.only === null || tablet === goal.only));
      if (due.length === 0) return { refused: "every tablet has this version", clear: "nothing to do" };
      return { turns: rolling(due, (tablet) => turn(tablet, goal.version)) };
    },
  };
}
