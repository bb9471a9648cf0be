// The steps around a host's stop and start, as plans and undos name them. Pure: the operations of the same names do them.
import type { Json } from "../../model/json.ts";
import type { Phase, Step } from "../../model/step.ts";
import type { StepName, StepParams } from "./step-names.ts";

type More = Partial<Omit<Step, "id" | "phase" | "do" | "params">>;
const make = (id: string, phase: Phase, operation: StepName, params: Json, more: More): Step => ({ id, phase, do: operation, params, ...more });
const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => count * 60_000;
const list = (names: readonly string[]): string => names.join(", ");

/** How often the chunks must be found well, and how far apart, before the next host may go down. */
export const stablePolls: StepParams["chunksStable"] = { polls: 3, everyMs: 500 };

export const steps = {
  // ------------------------------------------------------------------------------------------------ leases
  /** `nodes`: data nodes that go down meanwhile, and must be up again before recovery is resumed. */
  suspendRecovery: (id: string, params: StepParams["suspendRecovery"]): Step =>
    make(id, "guard", "suspendRecovery", params, { title: "suspendRecovery() on every controller", expectedMs: 200, withinMs: minutes(5) }),
  resumeRecovery: (id: string, nodes: readonly string[]): Step =>
    // No deadline of its own: a watchdog that waits for nodes holds the cluster meanwhile, and must let go of it soon.
    make(id, "restore", "resumeRecovery", { nodes }, { title: "resumeRecovery() on every controller", expectedMs: 200 }),
  liftRecovery: (id: string): Step =>
    make(
      id,
      "guard",
      "resumeRecovery",
      { nodes: [], wasSuspended: true },
      {
        title: "resumeRecovery() on every controller: you had suspended it, and at the end it is suspended again",
        expectedMs: 200,
        withinMs: minutes(5),
      },
    ),
  stopRestarting: (id: string): Step =>
    make(id, "guard", "stopRestarting", {}, { title: "datanodeRestartInterval 0 on every controller", expectedMs: 200, withinMs: minutes(5) }),
  restoreRestarting: (id: string, params: StepParams["restoreRestarting"]): Step =>
    make(id, "restore", "restoreRestarting", params, {
      title: "datanodeRestartInterval as it was on every controller",
      expectedMs: 200,
      withinMs: minutes(5),
    }),
  holdUnits: (id: string, params: StepParams["holdUnits"]): Step =>
    make(id, "guard", "holdUnits", params, {
      title: `no unit of systemd on ${params.host} starts ${list(params.nodes)}`,
      expectedMs: 100,
      withinMs: minutes(5),
    }),
  releaseUnits: (id: string, params: StepParams["releaseUnits"]): Step =>
    make(id, "restore", "releaseUnits", params, {
      title: `Restart= of ${list(params.units)} on ${params.host} as it was`,
      expectedMs: 100,
      withinMs: minutes(5),
    }),

  // ------------------------------------------------------------------------------------------------ undo of a start with another release
  restoreBackup: (id: string, params: StepParams["restoreBackup"]): Step =>
    make(id, "restore", "restoreBackup", params, {
      title:
        params.way === "restore"
          ? `metadata of ${params.node} as its copy has it, as a whole; what is there now is copied first`
          : `metadata of ${params.node} set aside, so that it takes everything from the leading controller`,
      expectedMs: seconds(2),
      withinMs: minutes(60),
    }),
  nothingWritten: (id: string, params: StepParams["nothingWritten"]): Step =>
    make(id, "guard", "nothingWritten", params, {
      title: `nothing was written since the data nodes were started (${params.since} chunks and versions)`,
      expectedMs: 200,
      withinMs: minutes(5),
    }),

  // ------------------------------------------------------------------------------------------------ down and up
  drain: (id: string, params: StepParams["drain"]): Step =>
    make(id, "drain", "drain", params, {
      title: `${params.jobs === "wait" ? "jobs waited for" : "jobs listed"}, caches flushed, redo logs recycled: ${list(params.nodes)}`,
      expectedMs: seconds(1),
      withinMs: minutes(params.jobs === "wait" ? 24 * 60 : 30),
    }),
  stopDataNodes: (id: string, params: StepParams["stopDataNodes"]): Step =>
    make(id, "stop", "stopDataNodes", params, {
      title: `stopDataNode: ${list(params.nodes)}, until ${params.nodes.length === 1 ? "its process is" : "their processes are"} gone`,
      expectedMs: seconds(12),
      // Without what is healed first: that is the time of the gate it expands into.
      withinMs: minutes(30),
      ...(params.whole ? { may: { do: ["resumeRecovery", "chunksStable", "suspendRecovery"], atMost: 30 } } : {}),
    }),
  stopNodes: (id: string, params: StepParams["stopNodes"]): Step =>
    make(id, "stop", "stopNodes", params, {
      title: `SIGTERM to ${list(params.nodes)}, never kill -9, until ${params.nodes.length === 1 ? "its process is" : "their processes are"} gone`,
      expectedMs: seconds(3),
      withinMs: minutes(5),
      // A data node that came back by itself goes down before its agent does.
      may: { do: ["stopDataNodes"], atMost: 8 },
    }),
  startNodes: (id: string, params: StepParams["startNodes"]): Step =>
    make(id, "start", "startNodes", params, {
      title: `start ${list(params.nodes)}, until ${params.nodes.length === 1 ? "it answers" : "they answer"}`,
      expectedMs: seconds(5),
      withinMs: minutes(10),
    }),
  startDataNodes: (id: string, params: StepParams["startDataNodes"]): Step =>
    make(id, "start", "startDataNodes", params, {
      title: `startDataNode: ${list(params.nodes)}, until initialised, which is later than green`,
      expectedMs: seconds(10),
      withinMs: minutes(60),
    }),
  ready: (id: string, params: StepParams["ready"], more: More = {}): Step =>
    make(id, "ready", "ready", params, {
      title: `${list(params.nodes)} ready${params.version === null ? "" : ` as ${params.version}`}: each asked, and the leading controller`,
      expectedMs: seconds(2),
      withinMs: minutes(30),
      // One that ended after it had come up.
      may: { do: ["startNodes", "startDataNodes"], atMost: 3 * params.nodes.length + 3 },
      ...more,
    }),
  chunksStable: (id: string, params: StepParams["chunksStable"] = stablePolls, more: More = {}): Step =>
    make(id, "verify", "chunksStable", params, {
      title: `every chunk COMPLETE, with all its replicas, of equal versions, nothing queued: ${String(params.polls)} times`,
      expectedMs: seconds(5) + params.polls * params.everyMs,
      // "about half an hour" for an ordinary recovery (facts 5.2).
      withinMs: minutes(90),
      ...more,
    }),
} as const;
