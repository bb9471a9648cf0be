// The steps of this driver, as plans, expansions and undos name them. Pure: the operations of the same names do them.
import type { Json } from "../../model/json.ts";
import type { Phase, Step } from "../../model/step.ts";
import { stuckAfterSeconds } from "./ledger/run-records.ts";
import type { StepName, StepParams } from "./step-names.ts";

type More = Partial<Omit<Step, "id" | "phase" | "do" | "params">>;
const make = (id: string, phase: Phase, operation: StepName, params: Json, more: More): Step => ({ id, phase, do: operation, params, ...more });
const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => count * 60_000;
const many = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? "" : "s"}`;

/** How many ledgers one drain may write: a trigger that was under way costs one more. */
const ledgers = 50;
/** Longest time of a stop, with what a run that is STUCK takes to be called so. */
const stopMs = (stop: StepParams["stopRuns"]["stop"], runs: number): number =>
  seconds(stuckAfterSeconds(stop.budgetSeconds) + (typeof stop.grace === "number" ? stop.grace : 0)) + minutes(10) + runs * 200;
const graceWords = ({ grace, budgetSeconds }: StepParams["stopRuns"]["stop"]): string =>
  grace === "server"
    ? `${String(budgetSeconds)} s each by the server's own budget`
    : grace === "never"
      ? `never by force from here; the server's own budget is ${String(budgetSeconds)} s`
      : `gracefully for ${String(grace)} s, then by force`;

export const steps = {
  suspendSchedules: (id: string, params: StepParams["suspendSchedules"], more: More = {}): Step =>
    make(id, "guard", "suspendSchedules", params, {
      title: "schedules that are SCHEDULED: suspended, all namespaces",
      expectedMs: seconds(5),
      withinMs: minutes(30),
      may: { do: ["suspendListed"], atMost: ledgers },
      ...more,
    }),
  suspendListed: (id: string, params: StepParams["suspendListed"]): Step =>
    make(id, "guard", "suspendListed", params, { title: `${many(params.schedules.length, "schedule")} suspended`, withinMs: minutes(30) }),
  enableSchedules: (id: string, params: StepParams["enableSchedules"]): Step =>
    make(id, "restore", "enableSchedules", params, {
      title: `${many(params.schedules.length, "schedule")} enabled again, no other`,
      withinMs: minutes(30),
    }),

  drain: (id: string, params: StepParams["drain"], more: More = {}): Step =>
    make(id, "drain", "drain", params, {
      title: `${params.apps === null ? "every program" : `programs of ${many(params.apps.length, "application")}`} drained: ${graceWords(params.stop)}`,
      expectedMs: seconds(60),
      withinMs: params.batch === "wait" ? minutes(24 * 60) : minutes(60),
      may: { do: ["stopRuns"], atMost: ledgers },
      ...more,
    }),
  stopRuns: (id: string, params: StepParams["stopRuns"]): Step =>
    make(id, "drain", "stopRuns", params, {
      title: `${many(params.runs.length, "run")} stopped, each by its run id; ${graceWords(params.stop)}`,
      expectedMs: seconds(60),
      withinMs: stopMs(params.stop, params.runs.length),
    }),
  stopPrograms: (id: string, params: StepParams["stopPrograms"]): Step =>
    make(id, "drain", "stopPrograms", params, {
      title: `${many(params.inputs.length, "input")}: runs found and stopped; ${graceWords(params.stop)}`,
      expectedMs: seconds(60),
      withinMs: minutes(60),
      may: { do: ["stopRuns"], atMost: 2 },
    }),
  startPrograms: (id: string, params: StepParams["startPrograms"]): Step =>
    make(id, "restore", "startPrograms", params, {
      title: `${many(params.entries.length, "run")} of the ledger started again, each once, with the arguments that it had`,
      expectedMs: seconds(60),
      withinMs: minutes(60),
    }),

  backup: (id: string, params: StepParams["backup"]): Step =>
    make(id, "backup", "backup", params, {
      title: "definitions of all applications backed up, reopened, counted and hashed",
      expectedMs: seconds(60),
      withinMs: minutes(60),
    }),
  restoreDefinitions: (id: string, params: StepParams["restoreDefinitions"]): Step =>
    make(id, "restore", "restoreDefinitions", params, {
      title: `${params.kind}${params.apps === null ? "" : ` of ${many(params.apps.length, "application")}`}: compared with the backup, and what differs put back`,
      expectedMs: seconds(30),
      withinMs: minutes(60),
    }),

  replacePlatform: (id: string, params: StepParams["replacePlatform"], more: More = {}): Step =>
    make(id, "replace", "replacePlatform", params, {
      title: `CDAP ${params.from ?? "?"} replaced by ${params.version}`,
      expectedMs: minutes(10),
      withinMs: minutes(6 * 60),
      ...more,
    }),
  awaitReplacement: (id: string, params: StepParams["awaitReplacement"], more: More = {}): Step =>
    make(id, "replace", "awaitReplacement", params, {
      title: `CDAP ${params.from ?? "?"} replaced by ${params.version}, by a person`,
      expectedMs: minutes(10),
      withinMs: minutes(24 * 60),
      ...more,
    }),
  platformReady: (id: string, params: StepParams["platformReady"], more: More = {}): Step =>
    make(id, "ready", "platformReady", params, {
      title: `CDAP${params.version === null ? "" : ` ${params.version}`} ready: ping, version, every service, namespaces, pipeline studio`,
      expectedMs: minutes(2),
      withinMs: minutes(60),
      ...more,
    }),
  loadSystemArtifacts: (id: string, params: StepParams["loadSystemArtifacts"]): Step =>
    make(id, "recover", "loadSystemArtifacts", params, {
      title: `system artefacts of ${params.version} loaded`,
      expectedMs: seconds(30),
      withinMs: minutes(30),
    }),
  upgradeApps: (id: string, params: StepParams["upgradeApps"]): Step =>
    make(id, "recover", "upgradeApps", params, {
      title: `${many(params.apps.length, "application")} upgraded, in batches of at most 50, none twice`,
      expectedMs: seconds(5 + params.apps.length),
      withinMs: minutes(60),
      may: { do: ["upgradeBatch"], atMost: 2 * Math.ceil(params.apps.length / 50) + 2 * new Set(params.apps.map(({ ns }) => ns)).size },
    }),
  upgradeBatch: (id: string, params: StepParams["upgradeBatch"]): Step =>
    make(id, "recover", "upgradeBatch", params, {
      title: `${many(params.apps.length, "application")} of ${params.ns}: one call, then each read again`,
      expectedMs: seconds(params.apps.length),
      withinMs: minutes(30),
    }),
  copyCheckpoints: (id: string, params: StepParams["copyCheckpoints"]): Step =>
    make(id, "backup", "copyCheckpoints", params, {
      title: `${params.from} copied to ${params.to}: the new deployment deletes it when it starts`,
      expectedMs: seconds(30),
      withinMs: minutes(2 * 60),
    }),
  redeployPipeline: (id: string, params: StepParams["redeployPipeline"]): Step =>
    make(id, "recover", "redeployPipeline", params, {
      title: `${params.pipeline.ns}.${params.pipeline.app} deployed again under its name with the artefacts of the target`,
      expectedMs: seconds(10),
      withinMs: minutes(15),
    }),
  deployAgain: (id: string, params: StepParams["deployAgain"]): Step =>
    make(id, "restore", "deployAgain", params, {
      title: `${params.ns}.${params.app} with its former configuration`,
      expectedMs: seconds(10),
      withinMs: minutes(15),
    }),
  verifyApps: (id: string, params: StepParams["verifyApps"]): Step =>
    make(id, "verify", "verifyApps", params, {
      title: "artefacts and plug-ins on target; configurations, schedules and triggers otherwise as before",
      expectedMs: seconds(10),
      withinMs: minutes(15),
    }),
} as const;
