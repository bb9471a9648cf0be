// What differs from release to release (facts 1.3, 1.7, 2, 5.3, 7).

/** The numbers of `2.00.8.12` or `2.00.8.12_JIT`. Missing ones are 0. */
const numbersOf = (release: string): readonly number[] =>
  (release.split(/[ _-]/)[0] ?? "").split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : 0));

/** Below 0: `a` is older. */
export function compareReleases(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
export const isAtLeast = (release: string, floor: string): boolean => compareReleases(release, floor) >= 0;
const isThree = (release: string): boolean => isAtLeast(release, "3.00.0");
/** A change that came to both lines; null: it never came to the stable line. */
const since = (release: string, stable: string | null, newest: string): boolean =>
  isThree(release) ? isAtLeast(release, newest) : stable !== null && isAtLeast(release, stable);

export interface Behaviour {
  /** What version() answers. */
  readonly versionText: string;
  /** getClusterPerf(true) and the column isLeader. */
  readonly listsControllers: boolean;
  /** triggerNodeReport, getUnresolvedTxn. */
  readonly triggersReports: boolean;
  /** stopDataNode answers before the node has stopped. */
  readonly stopsAsynchronously: boolean;
  readonly recoveryStatus: { readonly finished: string; readonly aborted: string };
  readonly hasExecutors: boolean;
  readonly tellsFailureReason: boolean;
  /** A node that stopped gracefully is believed alive until its heartbeats are missed. */
  readonly forgetsGoodbye: boolean;
  /** datanodeRestartInterval below 100 s restarts even what was stopped gracefully. */
  readonly restartsStopped: boolean;
  /** lanCluster=0: a follower does not end on SIGTERM. */
  readonly followerHangsWithoutLan: boolean;
  /** lanCluster=1: the controller does not end on SIGTERM. */
  readonly controllerHangsWithLan: boolean;
  readonly jobSchedulerLine: string;
  readonly licenseFromMemory: boolean;
  readonly hasBackupSettings: boolean;
  readonly hasVolumeUsage: boolean;
  /** Cache engines above half of maxMemSize: the node does not start. */
  readonly limitsCacheEngines: boolean;
  /** Of Raft entries: an older release cannot read a newer one's. */
  readonly raftFormat: number;
}

export const behaviourOf = (release: string): Behaviour => {
  const bare = release.split("_")[0] ?? release;
  const flavour = release.includes("_") ? ` ${release.slice(release.indexOf("_") + 1)}` : "";
  const date = isThree(bare) ? "2025.09.05" : "2023.01.10";
  const finished = isAtLeast(bare, "2.00.10");
  return {
    versionText: isThree(bare) ? `${bare} ${date} LINUX${flavour} x86_64` : `${bare} ${date}${flavour}`,
    listsControllers: isAtLeast(bare, "2.00.7"),
    triggersReports: isAtLeast(bare, "2.00.8"),
    stopsAsynchronously: isAtLeast(bare, "3.00.2"),
    recoveryStatus: { finished: finished ? "Finished" : "Finish", aborted: finished ? "Aborted" : "Abort" },
    hasExecutors: !isAtLeast(bare, "2.00.10"),
    tellsFailureReason: isAtLeast(bare, "2.00.7"),
    forgetsGoodbye: !isAtLeast(bare, "2.00.8"),
    restartsStopped: !isAtLeast(bare, "2.00.9.4"),
    followerHangsWithoutLan: isThree(bare) && !isAtLeast(bare, "3.00.3.3"),
    controllerHangsWithLan: isAtLeast(bare, "3.00.4") && !isAtLeast(bare, "3.00.4.3"),
    jobSchedulerLine: isAtLeast(bare, "2.00.11") ? "Job scheduler initialization completed." : "Job schedule initialized successfully.",
    licenseFromMemory: isAtLeast(bare, "2.00.10.2"),
    hasBackupSettings: isAtLeast(bare, "3.00.0.2"),
    hasVolumeUsage: since(bare, "2.00.17", "3.00.4"),
    limitsCacheEngines: isAtLeast(bare, "3.00.5"),
    raftFormat: isAtLeast(bare, "3.00.5") ? 3 : isThree(bare) ? 2 : 1,
  };
};
