// Whether the work of a CDAP is as it was: each run that was stopped runs again, once; schedules, applications and records as they must be. Knows nothing of
// the lab and of Stillwater but the argument by which a start is found again.
export interface RunSeen {
  readonly id: string;
  /** `NAMESPACE.APPLICATION.TYPE.PROGRAM`. */
  readonly program: string;
  readonly status: string;
  /** It has an end. */
  readonly ended: boolean;
  /** Run of the workflow that started it. */
  readonly parent: string | null;
  readonly version: string;
  readonly args: Readonly<Record<string, string>>;
  /** It was told to stop; ms since 1970. */
  readonly stopping: number | null;
  /** ms since 1970. */
  readonly starting: number;
}
export interface AppSeen {
  /** `NAMESPACE.APPLICATION`. */
  readonly app: string;
  readonly artifact: string;
  readonly artifactVersion: string;
  /** How many there are of it: an upgrade makes one. */
  readonly versions: number;
}
/** Of a real-time pipeline, counted in records. */
export interface RecordsSeen {
  readonly app: string;
  readonly lost: number;
  readonly delivered: number;
}
export interface WorkSeen {
  readonly runs: readonly RunSeen[];
  /** `NAMESPACE.APPLICATION.SCHEDULE`. */
  readonly schedules: readonly { readonly schedule: string; readonly status: string }[];
  readonly apps: readonly AppSeen[];
  readonly records: readonly RecordsSeen[];
}
export interface Expected {
  /** `stillwater.start`. */
  readonly mark: string;
  /** Programs that others may have started or ended meanwhile. */
  readonly othersTouched: ReadonlySet<string>;
  /** A program that runs until somebody stops it. */
  readonly isContinuous: (program: string) => boolean;
  /** Of applications that the plan upgrades: the artefact's version afterwards. */
  readonly targets: ReadonlyMap<string, string>;
  /** Of each real-time pipeline, as the plan had it. */
  readonly verdicts: ReadonlyMap<string, "no-loss" | "loss-possible" | "not-supported">;
}
export interface WorkVerdict {
  /** Started more than once, or running more often than before. */
  readonly doubleStarts: readonly string[];
  /** Ran before, and does not run. */
  readonly notStarted: readonly string[];
  /** Started again with other arguments. */
  readonly otherArguments: readonly string[];
  readonly schedules: readonly string[];
  readonly notUpgraded: readonly string[];
  readonly upgradedTwice: readonly string[];
  /** `no loss` was said, and records were lost. */
  readonly contradicted: readonly string[];
  /** Records lost in the run, of pipelines that were said to lose some. */
  readonly lossPossible: readonly { readonly app: string; readonly lost: number }[];
}

export function judgeWork(before: WorkSeen, after: WorkSeen, expected: Expected): WorkVerdict {
  const lostNow = (app: string): number =>
    (after.records.find((each) => each.app === app)?.lost ?? 0) - (before.records.find((each) => each.app === app)?.lost ?? 0);
  const verdicts = [...expected.verdicts];
  return {
    doubleStarts: [...twice(after, expected), ...tooMany(before, after, expected)],
    notStarted: missing(before, after, expected),
    otherArguments: changedArguments(before, after, expected),
    schedules: before.schedules.flatMap(({ schedule, status }) => {
      const now = after.schedules.find((each) => each.schedule === schedule)?.status ?? "gone";
      return now === status ? [] : [`${schedule} was ${status} and is ${now}`];
    }),
    notUpgraded: after.apps.flatMap(({ app, artifact, artifactVersion }) => {
      const target = expected.targets.get(app);
      return target === undefined || target === artifactVersion ? [] : [`${app}: ${artifact} ${artifactVersion}, not ${target}`];
    }),
    upgradedTwice: after.apps.flatMap(({ app, versions }) => {
      const made = versions - (before.apps.find((each) => each.app === app)?.versions ?? 0);
      return made > 1 ? [`${app}: ${String(made)} new versions`] : [];
    }),
    contradicted: verdicts.flatMap(([app, verdict]) =>
      verdict === "no-loss" && lostNow(app) > 0 ? [`${app}: ${String(lostNow(app))} records lost`] : [],
    ),
    lossPossible: verdicts.flatMap(([app, verdict]) => (verdict === "loss-possible" ? [{ app, lost: lostNow(app) }] : [])),
  };
}

const isOwn = ({ parent, status }: RunSeen): boolean => parent === null && status !== "REJECTED";
const activeOf = ({ runs }: WorkSeen, program: string): number => runs.filter((run) => isOwn(run) && run.program === program && !run.ended).length;

function twice({ runs }: WorkSeen, { mark }: Expected): readonly string[] {
  const marked = Map.groupBy(
    runs.filter((run) => isOwn(run) && run.args[mark] !== undefined),
    (run) => `${run.program} ${run.args[mark] ?? ""}`,
  );
  return [...marked].flatMap(([name, own]) => (own.length > 1 ? [`${name}: ${String(own.length)} runs`] : []));
}
function tooMany(before: WorkSeen, after: WorkSeen, { othersTouched }: Expected): readonly string[] {
  const programs = new Set(after.runs.filter(isOwn).map(({ program }) => program));
  return [...programs].flatMap((program) => {
    const [was, is] = [activeOf(before, program), activeOf(after, program)];
    return is > was && !othersTouched.has(program) ? [`${program}: ${String(is)} runs instead of ${String(was)}`] : [];
  });
}
function missing(before: WorkSeen, after: WorkSeen, { othersTouched, isContinuous }: Expected): readonly string[] {
  const running = before.runs.filter((run) => isOwn(run) && !run.ended);
  const programs = new Set(running.map(({ program }) => program));
  return [...programs].flatMap((program) => {
    const [was, is] = [activeOf(before, program), activeOf(after, program)];
    if (is >= was) return [];
    // A batch run may have ended by itself, unless it was stopped.
    const ended = running.map(({ id }) => after.runs.find((run) => run.id === id)).filter((run) => run?.program === program);
    const byItself = ended.filter((run) => run !== undefined && run.status === "COMPLETED" && run.stopping === null).length;
    if (!isContinuous(program) && is + byItself >= was) return [];
    return othersTouched.has(program) && is > 0 ? [] : [`${program}: ${String(is)} runs instead of ${String(was)}`];
  });
}
/** What a run was started with; the mark is ours. */
const argumentsOf = ({ args }: RunSeen, mark: string): string =>
  JSON.stringify(
    Object.entries(args)
      .filter(([name]) => name !== mark)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
function changedArguments(before: WorkSeen, after: WorkSeen, { mark, othersTouched }: Expected): readonly string[] {
  const known = Map.groupBy(before.runs.filter(isOwn), ({ program }) => program);
  return after.runs
    .filter((run) => isOwn(run) && run.args[mark] !== undefined && !othersTouched.has(run.program))
    .flatMap((run) => {
      const had = (known.get(run.program) ?? []).map((each) => argumentsOf(each, mark));
      return had.includes(argumentsOf(run, mark)) ? [] : [`${run.program}: ${argumentsOf(run, mark)} instead of ${had.join(" or ")}`];
    });
}
