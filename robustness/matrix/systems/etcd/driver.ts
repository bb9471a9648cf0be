// etcd: one member at a time; the cluster version rises when the last one is new, and there is no way back from that.
import { Unreachable } from "../../../../src/model/errors.ts";
import type { Driver } from "../../../../src/model/driver.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import type { Item, Turn } from "../../../../src/model/step.ts";
import { operation, operationTable, rolling } from "../../../../src/planner/kit.ts";
import { inFlightMs } from "../../simulation/faults.ts";
import { present } from "../../simulation/need.ts";
import type { FakeEtcd } from "./fake.ts";

type Structure = { readonly clusterVersion: number; readonly members: { readonly [member: string]: number } };
type Now = { readonly leader: string | null; readonly up: readonly string[]; readonly alarm: boolean };
export type EtcdFacts = Facts<Structure, Now>;
export interface EtcdGoal {
  readonly version: number;
}
type Member = { readonly member: string };
type Replacement = { readonly member: string; readonly version: number };

export function etcdDriver(fake: FakeEtcd): Driver<EtcdFacts, EtcdGoal> {
  const all = [...fake.members.keys()];
  const leader = (): string => {
    const [answer] = all.filter((member) => fake.ready().includes(member)).map((member) => fake.status(member).leader);
    if (answer === null || answer === undefined) throw new Unreachable("no leader");
    return answer;
  };
  const up = (facts: EtcdFacts, member: string, is: boolean): EtcdFacts => ({
    ...facts,
    now: { ...facts.now, up: [...facts.now.up.filter((each) => each !== member), ...(is ? [member] : [])] },
  });
  const other = (member: string): string =>
    present(
      all.find((each) => each !== member && fake.ready().includes(each)),
      "other member",
    );

  /** Leadership may come back by itself a moment later: then the stop costs an election, which is a blip and no harm. */
  const moveAway = operation<EtcdFacts, Member>("moveAway", {
    settleMs: inFlightMs,
    fenced: "compare-and-set",
    look: async ({ member }) => (leader() === member ? { is: "open" } : { is: "done" }),
    act: async ({ member }, _, context) => {
      const to = other(member);
      return context.send(null, () => (fake.moveLeader(member, to), null));
    },
  });
  const backup = operation<EtcdFacts, { readonly from: string; readonly name: string }>("backup", {
    fenced: "host",
    look: async ({ name }) => (fake.backups.includes(name) ? { is: "done", proof: { name } } : { is: "open" }),
    act: async ({ from, name }, _, context) => context.send(from, () => (fake.snapshot(from, name), null)),
  });
  const stop = operation<EtcdFacts, Member>("stop", {
    fenced: "host",
    look: async ({ member }) => (fake.process(member).running ? { is: "open" } : { is: "done" }),
    act: async ({ member }, _, context) => context.send(member, () => (fake.stop(member), null)),
    undo: (member): readonly Item[] => [start.step("start", "start", member)],
    predict: (facts, { member }) => up(facts, member, false),
  });
  const swap = operation<EtcdFacts, Replacement, { readonly from: number }>("swap", {
    fenced: "host",
    prepare: async ({ member }) => ({ from: fake.process(member).installed }),
    look: async ({ member, version }) => (fake.process(member).installed === version ? { is: "done" } : { is: "open" }),
    act: async ({ member, version }, _, context) => context.send(member, () => (fake.install(member, version), null)),
    undo: ({ member }, { from }): readonly Item[] => [swap.step("swap back", "replace", { member, version: from })],
    predict: (facts, { member, version }) => ({
      ...facts,
      structure: { ...facts.structure, members: { ...facts.structure.members, [member]: version } },
    }),
  });
  const start = operation<EtcdFacts, Member>("start", {
    fenced: "host",
    look: async ({ member }) => {
      const process = fake.process(member);
      return process.running ? { is: "done" } : { is: "open", why: process.refused ?? "stopped" };
    },
    act: async ({ member }, _, context) => context.send(member, () => (fake.start(member), null)),
    undo: (member): readonly Item[] => [stop.step("stop", "stop", member)],
    predict: (facts, { member }) => {
      const started = up(facts, member, true);
      const lowest = Math.min(...Object.values(started.structure.members));
      return { ...started, structure: { ...started.structure, clusterVersion: Math.max(started.structure.clusterVersion, lowest) } };
    },
  });
  const ready = operation<EtcdFacts, Replacement>("ready", {
    look: async ({ member, version }) =>
      fake.status(member).version === version && leader() ? { is: "done" } : { is: "waiting", for: `${member} to serve ${version}` },
  });
  const raised = operation<EtcdFacts, { readonly version: number }>("raised", {
    look: async ({ version }) =>
      all.every((member) => fake.status(member).clusterVersion === version) ? { is: "done" } : { is: "waiting", for: `cluster version ${version}` },
  });

  const turn = (member: string, goal: EtcdGoal, first: boolean, last: boolean): Turn => {
    const finalises = { of: "run" as const, why: `the cluster version becomes ${goal.version}: no member can go back` };
    const { version } = goal;
    return {
      id: member,
      nodes: [member],
      items: [
        ...(first ? [backup.step("backup", "backup", { from: other(member), name: `before-${version}` })] : []),
        moveAway.step(`${member} away`, "move", { member }, last ? { ask: `Go past the point of no return: ${finalises.why}?` } : {}),
        stop.step(`${member} stop`, "stop", { member }),
        swap.step(`${member} swap`, "replace", { member, version }),
        start.step(`${member} start`, "start", { member }, last ? { commits: finalises } : {}),
        ready.step(`${member} ready`, "ready", { member, version }, { commits: { of: "turn", why: "the member serves with the new version" } }),
        ...(last ? [raised.step("raised", "verify", { version })] : []),
      ],
    };
  };

  return {
    system: "etcd",
    operations: operationTable<EtcdFacts>(moveAway, backup, stop, swap, start, ready, raised),
    invariants: [
      {
        name: "quorum",
        holds: "always",
        broken: ({ now }) => (now.up.length < 2 ? [{ object: "cluster", what: `${now.up.length} of 3 members up` }] : []),
      },
      {
        name: "skew",
        holds: "always",
        broken: ({ structure }) =>
          Math.max(...Object.values(structure.members)) - structure.clusterVersion > 1
            ? [{ object: "cluster", what: "more than one minor release apart" }]
            : [],
      },
      {
        // No step raises or clears it, so no step makes it worse: only the gate can see to it that no turn begins under it.
        name: "no alarm",
        holds: "between turns",
        broken: ({ now }) => (now.alarm ? [{ object: "cluster", what: "an alarm is raised" }] : []),
      },
      {
        name: "all there",
        holds: "between turns",
        broken: ({ now }) => all.filter((member) => !now.up.includes(member)).map((object) => ({ object, what: "down" })),
      },
    ],
    inspect: async () => ({
      structure: { clusterVersion: fake.clusterVersion, members: Object.fromEntries(all.map((member) => [member, fake.process(member).installed])) },
      now: { leader: leader(), up: fake.ready(), alarm: fake.alarm() },
    }),
    plan(facts, goal) {
      const { clusterVersion, members } = facts.structure;
      if (goal.version < clusterVersion)
        return { refused: `no way back: the cluster version is ${clusterVersion}`, clear: "restore the backup into a new cluster" };
      const leads = (member: string): number => Number(member === facts.now.leader);
      const due = all.filter((member) => members[member] !== goal.version).sort((a, b) => leads(a) - leads(b));
      if (due.length === 0) return { refused: "every member has this version", clear: "nothing to do" };
      const raises = goal.version > clusterVersion;
      return { turns: rolling(due, (member, index) => turn(member, goal, index === 0, raises && index === due.length - 1)) };
    },
  };
}
