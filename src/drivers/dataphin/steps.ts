// Steps as plans and undos name them. Pure: the operations of the same names do them.
import type { Json } from "../../model/json.ts";
import type { Phase, Step } from "../../model/step.ts";
import { askFor } from "./planning/instructions.ts";
import type { DispatchParams, ManagerParams, ShutDownParams, StepName, StepParams } from "./step-names.ts";

type More = Partial<Omit<Step, "id" | "phase" | "do" | "params">>;
const make = (id: string, phase: Phase, operation: StepName, params: Json, more: More): Step => ({ id, phase, do: operation, params, ...more });
const seconds = (count: number): number => count * 1_000;
const minutes = (count: number): number => count * 60_000;
const hours = (count: number): number => count * 3_600_000;
const things = (count: number, word: string): string => `${String(count)} ${word}${count === 1 ? "" : "s"}`;

/** A person's step has an instruction; a command needs nobody. */
const asked = (operation: Parameters<typeof askFor>[0], params: ManagerParams): More =>
  params.by === "operator" ? { ask: askFor(operation, params) } : {};
/** As often as an operator may have a failed command run once more. */
const again: More = { may: { do: ["commandAgain"], atMost: 20 } };

export const steps = {
  // ------------------------------------------------------------------------------------------------ through the OpenAPI
  pauseNodes: (id: string, params: StepParams["pauseNodes"]): Step =>
    make(id, "guard", "pauseNodes", params, {
      title: "pause the nodes whose instances run or are due, and note which",
      expectedMs: seconds(5),
      withinMs: minutes(10),
    }),
  resumeNodes: (id: string, params: StepParams["resumeNodes"]): Step =>
    make(id, "restore", "resumeNodes", params, {
      title: `resume the ${things(Object.values(params.nodes).flat().length, "node")} that this run has paused`,
      expectedMs: seconds(5),
      withinMs: minutes(30),
    }),
  listRunning: (id: string, params: StepParams["listRunning"]): Step =>
    make(id, "drain", "listRunning", params, {
      title:
        params.drainMs === 0
          ? "list what runs, keep the list, terminate; until nothing runs"
          : `${things(params.drainMs / 60_000, "minute")} for what runs to end; list the rest, terminate`,
      expectedMs: params.drainMs + seconds(20),
      withinMs: params.drainMs + minutes(30),
      may: { do: ["killInstances"], atMost: 60 },
    }),
  killInstances: (id: string, params: StepParams["killInstances"]): Step =>
    make(id, "stop", "killInstances", params, {
      title: `terminate ${things(params.ledger.length, "instance")}`,
      expectedMs: seconds(10),
      withinMs: minutes(10),
      // While the platform is down nobody can run them again: only a person can know when.
      held: "page",
    }),
  rerunInstances: (id: string, params: StepParams["rerunInstances"], ask: boolean): Step =>
    make(id, "restore", "rerunInstances", params, {
      title: `run ${things(params.ledger.length, "terminated instance")} again, once, upstream first`,
      expectedMs: minutes(5),
      withinMs: hours(24),
      ...(ask ? { ask: rerunQuestion(params) } : {}),
    }),

  // ------------------------------------------------------------------------------------------------ in Dataphin Manager
  selectVersion: (id: string, params: ManagerParams, more: More = {}): Step =>
    make(id, "stage", "selectVersion", params, {
      title: `select the version and upgrade mode: ${params.version}, ${params.mode}`,
      expectedMs: minutes(2),
      withinMs: hours(4),
      ...again,
      ...asked("selectVersion", params),
      ...more,
    }),
  enterMaintenance: (id: string, params: ManagerParams, more: More = {}): Step =>
    make(id, "guard", "enterMaintenance", params, {
      title: "start the upgrade: maintenance mode, no logon",
      expectedMs: seconds(30),
      withinMs: hours(1),
      maintenance: "begins",
      ...again,
      ...asked("enterMaintenance", params),
      ...more,
    }),
  leaveMaintenance: (id: string, params: ManagerParams): Step =>
    make(id, "restore", "leaveMaintenance", params, {
      title: "maintenance mode ends",
      expectedMs: seconds(30),
      withinMs: hours(4),
      maintenance: "ends",
      ...again,
      ...asked("leaveMaintenance", params),
    }),
  stopDispatch: (id: string, params: DispatchParams, more: More = {}): Step =>
    make(id, "guard", "stopDispatch", params, {
      title: "stop task dispatch: nothing starts any more",
      expectedMs: seconds(30),
      withinMs: hours(1),
      ...again,
      ...asked("stopDispatch", params),
      ...more,
    }),
  resumeDispatch: (id: string, params: DispatchParams): Step =>
    make(id, "restore", "resumeDispatch", params, {
      title: "dispatch works again",
      expectedMs: seconds(30),
      withinMs: hours(1),
      ...again,
    }),
  shutDown: (id: string, params: ShutDownParams, more: More = {}): Step =>
    make(id, "stop", "shutDown", params, {
      title: "shut down: the OpenAPI is answered no longer",
      expectedMs: minutes(5),
      withinMs: hours(2),
      may: { do: ["commandAgain", "killInstances"], atMost: 60 },
      ...asked("shutDown", params),
      ...more,
    }),
  backupDatabase: (id: string, params: ManagerParams, more: More = {}): Step =>
    make(id, "backup", "backupDatabase", params, {
      title: "database backup",
      expectedMs: minutes(10),
      withinMs: hours(6),
      ...again,
      ...asked("backupDatabase", params),
      ...more,
    }),
  preUpgrade: (id: string, params: ManagerParams, more: More = {}): Step =>
    make(id, "stage", "preUpgrade", params, {
      title: "pre-upgrade",
      expectedMs: minutes(5),
      withinMs: hours(2),
      ...again,
      ...asked("preUpgrade", params),
      ...more,
    }),
  upgradeApplication: (id: string, params: ManagerParams, more: More = {}): Step =>
    make(id, "replace", "upgradeApplication", params, {
      title: `upgrade application: the server answers as ${params.version}`,
      expectedMs: minutes(20),
      withinMs: hours(6),
      ...again,
      ...asked("upgradeApplication", params),
      ...more,
    }),
  updateData: (id: string, params: ManagerParams, more: More = {}): Step =>
    make(id, "recover", "updateData", params, {
      title: "data update",
      expectedMs: minutes(10),
      withinMs: hours(6),
      ...again,
      ...asked("updateData", params),
      ...more,
    }),
  verifyResult: (id: string, params: ManagerParams, more: More = {}): Step =>
    make(id, "verify", "verifyResult", params, {
      title: "verify the upgrade result",
      expectedMs: minutes(10),
      withinMs: hours(1),
      // Whoever did the rest: only a person finishes an upgrade.
      ask: askFor("verifyResult", params),
      ...more,
    }),
  consoleAccessible: (id: string, more: More = {}): Step =>
    make(
      id,
      "ready",
      "consoleAccessible",
      {},
      {
        title: "users can log on",
        expectedMs: seconds(30),
        withinMs: hours(1),
        ...more,
      },
    ),
  commandAgain: (id: string, params: StepParams["commandAgain"], output: string): Step =>
    make(id, "replace", "commandAgain", params, {
      title: `the command for ${params.of} once more`,
      withinMs: minutes(5),
      ask: `The configured command for "${params.of}" did not succeed: ${output}. Mend the cause; once you approve, it is run once more (attempt ${String(params.attempt)}).`,
    }),
} as const;

function rerunQuestion({ ledger }: StepParams["rerunInstances"]): string {
  const careful = ledger.filter(({ idempotent }) => !idempotent);
  const names = ledger.map(({ name, due }) => (due === "" ? name : `${name} (due ${due})`)).slice(0, 20);
  const more = ledger.length > names.length ? `, and ${String(ledger.length - names.length)} more` : "";
  const why =
    careful.length > 0
      ? "the cluster file says that they must not run twice unseen: look at what they have written before they were terminated"
      : "this plan asks before it runs anything again";
  return `Run again ${names.join(", ")}${more}? ${why}. Approve to run them once more; skip to leave them as they are, and run them by hand in Task O&M.`;
}
