// What a server of a version does. Sources: facts sections 1, 2, 3 and 5.
export interface Release {
  /** As `/v3/version` says it. */
  readonly version: string;
  /** Every deploy and upgrade makes a new version of the application (lifecycle management edit, generally available in 6.9). Facts 0.6. */
  readonly lcmEdit: boolean;
  /** Run-level stop and batch stop read `?graceful`: only in development builds of 6.7 (facts section 2). */
  readonly graceful: boolean;
  /** A batch stop that meets a missing application answers 404 as a whole, after it has stopped what came before (facts 3.2). */
  readonly missingAppFailsBatch: boolean;
  /** Pending, starting and suspended runs go through STOPPING (between 6.6 and 6.8, facts 3.2). */
  readonly stoppingFromAnywhere: boolean;
  /** `PUT /apps/{app}` answers with a record instead of `Deploy Complete`. */
  readonly deployAnswersRecord: boolean;
  /** `DELETE /apps/{app}/state` (6.9.1). */
  readonly deletesState: boolean;
  /** Streaming sources may keep their own state (6.8, off by default; facts 2.1). */
  readonly nativeState: boolean;
  /** Streaming pipelines with checkpoints turn the write-ahead log on themselves (6.7, facts 4.2). */
  readonly autoWal: boolean;
  /** Enabling a schedule that is enabled is a conflict (facts 3.3). */
  readonly scheduleConflicts: boolean;
  /** Post-run actions move with an upgrade (6.8.3, CDAP-20567). */
  readonly upgradesPostActions: boolean;
}

/** Error for a text that is no version: `6.9.2`, `6.7.0-dev`. */
export function releaseOf(version: string): Release {
  const found = /^(\d+)\.(\d+)(?:\.(\d+))?(?:\.\d+)?(-.+)?$/.exec(version);
  if (found === null) throw new Error(`${version} is not a version of CDAP: 6.9.2, 6.7.0-dev`);
  const [, major, minor, patch = "0", qualifier = ""] = found;
  const number = Number(major) * 1_000_000 + Number(minor) * 1_000 + Number(patch);
  const from = (since: string): boolean => {
    const [a = 0, b = 0, c = 0] = since.split(".").map(Number);
    return number >= a * 1_000_000 + b * 1_000 + c;
  };
  return {
    version,
    lcmEdit: from("6.9"),
    graceful: from("6.7") && !from("6.7.1") && qualifier.startsWith("-dev"),
    missingAppFailsBatch: from("6.11"),
    stoppingFromAnywhere: from("6.8"),
    deployAnswersRecord: from("6.9"),
    deletesState: from("6.9.1"),
    nativeState: from("6.8"),
    autoWal: from("6.7"),
    scheduleConflicts: !from("6.0"),
    upgradesPostActions: from("6.8.3"),
  };
}
