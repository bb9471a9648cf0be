// CDAP: drain with a ledger, upgrade the platform, upgrade every application once, start again what was stopped, once.
import type { Driver, Look } from "../../../../src/model/driver.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import type { Item } from "../../../../src/model/step.ts";
import { operation, operationTable } from "../../../../src/planner/kit.ts";
import { inFlightMs } from "../../simulation/faults.ts";
import type { FakeCdap, ScheduleState, Status } from "./fake.ts";

type Structure = { readonly installed: string; readonly artefacts: { readonly [program: string]: string } };
type Now = { readonly up: boolean; readonly active: number };
export type CdapFacts = Facts<Structure, Now>;
export interface CdapGoal {
  readonly version: string;
}
type Started = { readonly program: string; readonly args: string };

const isActive = (status: Status): boolean => status === "PENDING" || status === "RUNNING";

export function cdapDriver(server: FakeCdap): Driver<CdapFacts, CdapGoal> {
  const programs = [...server.programs.keys()];
  const now = (facts: CdapFacts, to: Partial<Now>): CdapFacts => ({ ...facts, now: { ...facts.now, ...to } });

  const quiet = operation<CdapFacts, null>("quiet", {
    look: async (): Promise<Look> => {
      const on = [...server.schedules.keys()].filter((name) => server.schedule(name) === "SCHEDULED");
      if (on.length === 0) return { is: "done" };
      return { is: "expand", into: on.map((name) => schedule.step(name, "drain", { name, is: "SUSPENDED" })) };
    },
  });
  const schedule = operation<CdapFacts, { readonly name: string; readonly is: ScheduleState }>("schedule", {
    settleMs: inFlightMs,
    fenced: "unfenced",
    look: async ({ name, is }) => (server.schedule(name) === is ? { is: "done" } : { is: "open" }),
    act: async ({ name, is }, _, context) => context.send(null, () => (server.setSchedule(name, is), null)),
    undo: ({ name }): readonly Item[] => [schedule.step("resume", "restore", { name, is: "SCHEDULED" })],
  });

  /** Everything that runs, by run id, in every version; again and again, because a trigger may have been under way. */
  const drain = operation<CdapFacts, null>("drain", {
    look: async (): Promise<Look> => {
      if (!server.process().running) return { is: "done" };
      const runs = server.list();
      const active = runs.filter((run) => isActive(run.status));
      if (active.length > 0) return { is: "expand", into: active.map(({ id }) => stopRun.step(id, "drain", { run: id })) };
      return runs.some((run) => run.status === "STOPPING") ? { is: "waiting", for: "runs that somebody else stops" } : { is: "done" };
    },
    predict: (facts) => now(facts, { active: 0 }),
  });
  const stopRun = operation<CdapFacts, { readonly run: string }, Started>("stopRun", {
    settleMs: inFlightMs + 200,
    fenced: "compare-and-set",
    prepare: async ({ run }) => {
      const { program, args } = server.run(run);
      return { program, args };
    },
    look: async ({ run }): Promise<Look> => {
      const { status } = server.run(run);
      if (status === "KILLED" || status === "COMPLETED") return { is: "done", proof: { status } };
      return status === "STOPPING" ? { is: "waiting", for: `${run} to end` } : { is: "open" };
    },
    act: async ({ run }, _, context) => context.send(null, () => (server.stopRun(run), null)),
    undo: ({ run }, { program, args }): readonly Item[] => [startRun.step("start", "restore", { program, args, after: run })],
  });
  /** The start carries the step's own token: so one whose answer was lost is found again, also beside other runs of the same program. */
  const startRun = operation<CdapFacts, Started & { readonly after: string }>("startRun", {
    settleMs: inFlightMs + 200,
    fenced: "unfenced",
    look: async ({ program, args, after }): Promise<Look> => {
      const old = server.run(after);
      if (old.status === "STOPPING") return { is: "waiting", for: `${after} to end` };
      if (old.status !== "KILLED") return { is: "done", proof: `${after} is ${old.status}` }; // it ended by itself, or was never stopped
      const own = server.list().find((run) => run.program === program && run.args === args && run.number > old.number && run.tag !== null);
      if (!own) return { is: "open" };
      return own.status === "PENDING" ? { is: "waiting", for: `${own.id} to run` } : { is: "done", proof: { run: own.id } };
    },
    act: async ({ program, args }, _, context) => context.send(null, () => (server.start(program, args, context.token), null)),
  });

  const backup = operation<CdapFacts, { readonly name: string }>("backup", {
    fenced: "host",
    look: async ({ name }) => (server.backup === name ? { is: "done" } : { is: "open" }),
    act: async ({ name }, _, context) => context.send("platform", () => (server.save(name), null)),
  });
  const stop = operation<CdapFacts, null>("stop", {
    fenced: "host",
    look: async () => (server.process().running ? { is: "open" } : { is: "done" }),
    act: async (_, __, context) => context.send("platform", () => (server.stop(), null)),
    undo: (): readonly Item[] => [start.step("start", "start", null)],
    predict: (facts) => now(facts, { up: false }),
  });
  const start = operation<CdapFacts, null>("start", {
    fenced: "host",
    look: async () => {
      if (!server.process().running) return { is: "open" };
      server.version();
      return { is: "done" };
    },
    act: async (_, __, context) => context.send("platform", () => (server.startPlatform(), null)),
    undo: (): readonly Item[] => [stop.step("stop", "stop", null)],
    predict: (facts) => now(facts, { up: true }),
  });
  const swap = operation<CdapFacts, { readonly version: string }, { readonly from: string }>("swap", {
    fenced: "host",
    prepare: async () => ({ from: server.process().installed }),
    look: async ({ version }) => (server.process().installed === version ? { is: "done" } : { is: "open" }),
    act: async ({ version }, _, context) => context.send("platform", () => (server.install(version), null)),
    undo: (_, { from }): readonly Item[] => [swap.step("swap back", "replace", { version: from })],
  });
  const ready = operation<CdapFacts, { readonly version: string }>("ready", {
    look: async ({ version }) => (server.version() === version ? { is: "done" } : { is: "waiting", for: version }),
  });
  const upgradeAll = operation<CdapFacts, { readonly version: string }>("upgradeAll", {
    look: async ({ version }): Promise<Look> => {
      const due = programs.filter((program) => server.artefact(program) !== version);
      if (due.length === 0) return { is: "done" };
      return { is: "expand", into: due.map((program) => upgrade.step(program, "recover", { program, version })) };
    },
  });
  /** Not idempotent: every call makes a version. So the artefact is read, and a call without an answer settles before it is read. */
  const upgrade = operation<CdapFacts, { readonly program: string; readonly version: string }>("upgrade", {
    settleMs: inFlightMs + 100,
    fenced: "unfenced",
    look: async ({ program, version }) => (server.artefact(program) === version ? { is: "done" } : { is: "open" }),
    act: async ({ program }, _, context) => context.send(null, () => (server.upgrade(program), null)),
  });

  return {
    system: "cdap",
    operations: operationTable<CdapFacts>(quiet, schedule, drain, stopRun, startRun, backup, stop, start, swap, ready, upgradeAll, upgrade),
    invariants: [
      {
        name: "no run dies with the platform",
        holds: "always",
        broken: ({ now: { up, active } }) => (!up && active > 0 ? [{ object: `${active} runs`, what: "would be killed" }] : []),
      },
      {
        name: "platform up",
        holds: "between turns",
        broken: (facts) => (facts.now.up ? [] : [{ object: "platform", what: "down" }]),
      },
    ],
    async inspect() {
      const { running: up, installed } = server.process();
      const artefacts = up ? Object.fromEntries(programs.map((program) => [program, server.artefact(program) ?? ""])) : {};
      const active = up ? server.list().filter((run) => isActive(run.status) || run.status === "STOPPING").length : 0;
      return { structure: { installed, artefacts }, now: { up, active } };
    },
    plan({ structure }, { version }) {
      if (structure.installed === version) return { refused: "this version is installed", clear: "nothing to do" };
      const many = 4 * programs.length;
      const commits = { of: "turn" as const, why: "the platform serves with the new version" };
      return {
        turns: [
          {
            id: "drain",
            nodes: [],
            items: [
              quiet.step("schedules", "drain", null, { held: "release", may: { do: ["schedule"], atMost: 20 } }),
              drain.step("programs", "drain", null, { held: "page", may: { do: ["stopRun"], atMost: many } }),
            ],
          },
          {
            id: "platform",
            nodes: ["platform"],
            items: [
              backup.step("backup", "backup", { name: `before ${version}` }),
              stop.step("stop", "stop", null),
              swap.step("swap", "replace", { version }),
              start.step("start", "start", null),
              ready.step("ready", "ready", { version }, { commits }),
            ],
          },
          {
            id: "applications",
            nodes: [],
            items: [upgradeAll.step("upgrade", "recover", { version }, { may: { do: ["upgrade"], atMost: many } })],
          },
          { id: "resume", nodes: [], items: [{ undo: "programs" }, { undo: "schedules" }] },
        ],
      };
    },
  };
}
