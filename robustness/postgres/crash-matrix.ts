// Kill -9 of Stillwater at every instant of every step of a real upgrade under load; then one command, `resume`, and the same end as without a fault.
import { startLoad } from "../../src/drivers/postgres/demo/load.ts";
import { count, noFigures, type Figures } from "../harness/figures.ts";
import type { Options } from "../harness/options.ts";
import { inWords } from "../harness/stillwater.ts";
import { journalOf, stepsOf, type StepLine } from "../validators/journal.ts";
import type { ClusterState } from "../validators/postgres-state.ts";
import { instantsOf, sooner, standOf, type Instant } from "./instants.ts";
import { add, judge } from "./judge.ts";
import { Stand } from "./stand.ts";

/** Rows a second that the application writes meanwhile. */
const RATE = 100;

export interface BaseRun {
  readonly steps: readonly StepLine[];
  readonly state: ClusterState;
}
export async function baseRun(stand: Stand, staged: boolean): Promise<BaseRun> {
  const load = await under(stand, staged);
  const ended = await stand.call(await stand.applyArgs());
  const { lost } = await load.stop();
  const [state, report] = [await stand.state(), await stand.report()];
  const { broken } = judge({ state, lost, report }, state);
  if (ended.code !== 0 || broken.length > 0) throw new Error(`the run without a fault: ${inWords(ended)}; ${broken.join("; ")}`);
  if (!staged) await stand.keepStaged();
  return { steps: stepsOf(journalOf(stand.stateDirectory)), state };
}
const under = async (stand: Stand, staged: boolean): ReturnType<typeof startLoad> => {
  await stand.plan();
  await stand.restore({ staged });
  return startLoad(stand.cluster, { rate: RATE });
};

/** Both base runs of a stand, and the instants that they give. */
export async function bases(stand: Stand): Promise<{ readonly full: BaseRun; readonly staged: BaseRun; readonly instants: readonly Instant[] }> {
  const full = await baseRun(stand, false);
  const staged = await baseRun(stand, true);
  const acts = (base: BaseRun): ReadonlySet<string> => new Set(base.steps.filter(({ acting }) => acting !== null).map(({ step }) => step));
  const staging = [...acts(full)].filter((step) => !acts(staged).has(step) && staged.steps.some((each) => each.step === step));
  return {
    full,
    staged,
    instants: [
      ...instantsOf(full.steps, false).filter(({ step }) => staging.includes(step)),
      ...instantsOf(staged.steps, true).filter(({ step }) => !staging.includes(step)),
    ],
  };
}

export interface CrashResult {
  /** Null: it was not killed there; with the reason. */
  readonly missed: string | null;
  readonly unclear: boolean;
  readonly ms: number;
}

export async function crashTrial(stand: Stand, instant: Instant, base: ClusterState, figures: Figures): Promise<CrashResult> {
  const begun = performance.now();
  const where = `${instant.place} ${instant.step}`;
  const load = await under(stand, instant.staged);
  try {
    const killed = await stand.call(await stand.applyArgs(), { failpoint: instant.failpoint });
    const stood = killed.signal === "SIGKILL" && !killed.timedOut ? standOf(journalOf(stand.stateDirectory), instant) : null;
    if (!stood?.hit) {
      await load.stop();
      return { missed: stood ? `it stood at ${stood.step ?? "another instant"}` : inWords(killed), unclear: false, ms: performance.now() - begun };
    }
    const resumed = await stand.call(["resume"]);
    const { lost } = await load.stop();
    const unclear = resumed.code === 4;
    const report = await stand.report();
    // The run stood still with writes down: a window may hold too few acknowledgements, and then the report must not say pass. The application's rows
    // and the servers are judged all the same.
    const notMeasured = resumed.code === 6 && report?.["verdict"] === "not-measured";
    const verdict = judge({ state: await stand.state(), lost, report }, base, notMeasured ? { verdicts: ["not-measured"] } : {});
    add(figures, verdict, where);
    if (notMeasured) figures.notMeasured++;
    else if (resumed.code !== 0) figures.broken.push(`${where}: resume: ${inWords(resumed)}`);
    if (unclear) figures.unclear++;
    return { missed: null, unclear, ms: performance.now() - begun };
  } catch (error) {
    load.kill();
    throw error;
  }
}

/** One standing cluster for each worker; they share the list of what is to be tried. */
export async function crashMatrix(options: Options, log: (line: string) => void): Promise<Figures> {
  const figures = noFigures();
  const queue: Instant[] = [];
  let filled = false;
  const work = async (worker: number): Promise<void> => {
    const stand = await Stand.create();
    try {
      const { full, staged, instants } = await bases(stand);
      if (!filled) {
        filled = true;
        figures.steps = new Set(instants.filter(({ counted }) => counted).map(({ step }) => step)).size;
        queue.push(...sample(instants, options));
        log(
          `${figures.steps} steps acted, ${instants.filter(({ counted }) => counted).length} instants and ${instants.length - 4 * figures.steps} boundaries; ${queue.length} are tried`,
        );
      }
      for (let instant = queue.shift(); instant; instant = queue.shift()) {
        const base = instant.staged ? staged.state : full.state;
        let result = await crashTrial(stand, instant, base, figures);
        for (let [at, tried] = [sooner(instant), 1]; result.missed !== null && tried < 3; tried++, at = sooner(at))
          result = await crashTrial(stand, at, base, figures);
        const label = `${instant.place} ${instant.step}`;
        if (result.missed !== null) figures.broken.push(`${label}: not killed there: ${result.missed}`);
        else if (instant.counted) figures.instants++;
        else figures.boundaries++;
        if (result.missed === null) count(figures.faults, `kill ${instant.place}`);
        const problems = figures.broken.filter((each) => each.startsWith(`${label}: `));
        log(
          `[${worker}] ${label}: ${problems.length === 0 ? "same end" : problems.join("; ")} (${(result.ms / 1000).toFixed(1)} s, ${queue.length} left)`,
        );
      }
    } finally {
      await stand.destroy();
    }
  };
  await Promise.all(Array.from({ length: options.workers }, (_, index) => work(index + 1)));
  // A sample need not reach everything; the whole matrix must.
  if (options.every === 1 && options.only === null && figures.instants !== 4 * figures.steps)
    figures.broken.push(`${figures.instants} instants were tried, not 4 x ${figures.steps}`);
  if (figures.unclear > 0.05 * figures.runs) figures.broken.push(`${figures.unclear} of ${figures.runs} trials ended with a question or a pause`);
  return figures;
}

function sample(instants: readonly Instant[], { every, seed, only }: Options): readonly Instant[] {
  const wanted = instants.filter(({ place, step }) => only === null || only.test(`${place} ${step}`));
  return wanted.filter((_, index) => (index + seed) % every === 0);
}
