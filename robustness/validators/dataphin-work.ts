// What became of the work of a Dataphin installation over an upgrade: judged from what executors, database and Manager kept, and nothing of Stillwater's own.

export interface RunSeen {
  readonly id: string;
  readonly trigger: string;
  readonly status: string;
  readonly killedBy: string | null;
}
export interface InstallationSeen {
  readonly instances: readonly { readonly id: string; readonly name: string; readonly runs: readonly RunSeen[] }[];
  readonly pausedNodes: readonly string[];
  readonly pausedInstances: readonly string[];
  readonly dispatch: boolean;
  readonly tracking: boolean;
  readonly maintenance: boolean;
  readonly versions: readonly string[];
  readonly record: string | null;
  /** Steps that the Manager was told to do and did, each as often as it was told. */
  readonly commands: readonly string[];
  readonly realtimeRestarts: number;
}
export interface WorkVerdict {
  readonly killed: number;
  /** Ended by us, and never run to a good end again. */
  readonly notRerun: readonly string[];
  /** Ended by us, and run more than once since. */
  readonly rerunTwice: readonly string[];
  /** Run again although nobody had ended it. */
  readonly rerunForNothing: readonly string[];
  /** Ran before, was not ended by us, and never came to a good end. */
  readonly disturbed: readonly string[];
  /** Still set: pauses, the gate, maintenance. */
  readonly leftovers: readonly string[];
  readonly notUpgraded: readonly string[];
  /** Done more than once in the Manager. */
  readonly twice: readonly string[];
  readonly realtimeRestarts: number;
}
/** Who terminates through the OpenAPI, as the platform writes it. */
const OURS = "openapi";

/** What the run must have come to: an upgrade, or, when somebody ended it before its point of no return, the release from which it began. */
export interface Ending {
  readonly version: string;
  readonly records: readonly (string | null)[];
}
export const upgradedTo = (version: string): Ending => ({ version, records: ["Upgrade Succeeded"] });
/** `Configuring`: a record that was saved and never started, which only a person can cancel. */
export const stoppedAt = (version: string, { commands }: InstallationSeen): Ending => ({
  version,
  records: commands.includes("enter-maintenance") ? ["Upgrade Stopped"] : ["Configuring", null],
});

export function judgeWork(before: InstallationSeen, after: InstallationSeen, ending: Ending): WorkVerdict {
  const notRerun: string[] = [];
  const rerunTwice: string[] = [];
  const rerunForNothing: string[] = [];
  const disturbed: string[] = [];
  let killed = 0;
  for (const { id, name, runs } of after.instances) {
    const known = before.instances.find((each) => each.id === id)?.runs ?? [];
    const old = known.length;
    const at = runs.findIndex(({ killedBy }, index) => killedBy === OURS && index >= old - 1);
    const words = `${name} ${id}: ${runs.map(({ trigger, status }) => `${trigger} ${status}`).join(", ")}`;
    if (at < 0) {
      if (runs.slice(old).some(({ trigger }) => trigger.startsWith("RERUN"))) rerunForNothing.push(words);
      if (known.at(-1)?.status === "RUNNING" && !runs.some(({ status }) => status === "SUCCESS")) disturbed.push(words);
      continue;
    }
    killed += 1;
    const later = runs.slice(at + 1).filter(({ killedBy }) => killedBy !== OURS);
    if (later.length > 1) rerunTwice.push(words);
    if (!later.some(({ status }) => status === "SUCCESS")) notRerun.push(words);
  }
  const was = new Set([...before.pausedNodes, ...before.pausedInstances]);
  const done = new Set<string>();
  const twice = after.commands.filter((step) => done.size === done.add(step).size);
  return {
    killed,
    notRerun,
    rerunTwice,
    rerunForNothing,
    disturbed,
    leftovers: [
      ...after.pausedNodes.filter((node) => !was.has(node)).map((node) => `node ${node} is paused`),
      ...after.pausedInstances.filter((id) => !was.has(id)).map((id) => `instance ${id} is paused`),
      ...before.pausedNodes
        .filter((node) => !after.pausedNodes.includes(node))
        .map((node) => `node ${node}, which somebody else had paused, is not paused`),
      ...(after.dispatch ? [] : ["nothing is dispatched"]),
      ...(after.tracking ? [] : ["nothing is tracked"]),
      ...(after.maintenance ? ["maintenance mode is on"] : []),
    ],
    notUpgraded: [
      ...after.versions.filter((version) => version !== ending.version),
      ...(ending.records.includes(after.record) ? [] : [`the Manager's record: ${String(after.record)}`]),
    ],
    twice,
    realtimeRestarts: after.realtimeRestarts - before.realtimeRestarts,
  };
}
