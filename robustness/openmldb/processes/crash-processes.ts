// kill -9 of Stillwater as a process, on a lab of real processes: each kind of operation once at each of its four instants.
import { count, noFigures, type Figures } from "../../harness/figures.ts";
import { inWords } from "../../harness/stillwater.ts";
import { instantsOf, type Instant } from "../../postgres/instants.ts";
import { processTrial, type TrialEnd } from "./crash-stand.ts";

export interface ProcessCrashesRequest {
  readonly every: number;
  readonly seed: number;
  readonly only: RegExp | null;
  readonly log: (line: string) => void;
}

/** `move tablet1/0.move` and `undo move tablet1/0.move/back/0.move`: the last word of a step, with whether it is an undo. */
export const kindOfStep = (step: string): string => {
  const last = step.split("/").at(-1) ?? step;
  return `${step.startsWith("undo ") ? "undo " : ""}${(last.replace(/^\d+\./, "").split(" ")[0] ?? last).toLowerCase()}`;
};
const label = ({ place, step }: Instant): string => `${place} ${step}`;

/** Labs that are tried beside the first one until the instant is met. */
const OTHER_LABS = 3;

/** Without a probe the verdict is "not measured", which the report says honestly: 6. */
const WELL: readonly (number | null)[] = [0, 6];

export async function crashProcesses({ every, seed, only, log }: ProcessCrashesRequest): Promise<Figures> {
  const figures = noFigures();
  const base = await processTrial(null);
  figures.runs++;
  figures.broken.push(...wrongOf(base, base).map((why) => `without a fault: ${why}`));
  const acted = base.steps.filter(({ acting }) => acting !== null);
  const ofKind = new Map(acted.map((step) => [kindOfStep(step.step), step]));
  const chosen = instantsOf([...ofKind.values()], false)
    .filter(({ counted }) => counted)
    .filter((instant, index) => index % every === seed % every && (only === null || only.test(label(instant))));
  figures.steps = ofKind.size;
  log(`${String(ofKind.size)} kinds of operation: ${[...ofKind.keys()].join(", ")}; ${String(chosen.length)} kills`);
  for (const instant of chosen) {
    const began = Date.now();
    let end = await processTrial(instant.failpoint);
    // Where the lab put fewer leaders on the tablet the run has fewer acts than the one that the instants were counted in, and is over before its end.
    for (let again = 0; end.killed?.signal !== "SIGKILL" && again < OTHER_LABS; again++) end = await processTrial(instant.failpoint);
    figures.runs++;
    figures.instants++;
    count(figures.faults, `kill ${instant.place}`);
    const missed = end.killed?.signal === "SIGKILL" ? [] : [`not killed there: ${end.killed === null ? "" : inWords(end.killed)}`];
    const wrong = [...missed, ...wrongOf(end, base)];
    figures.lost += end.lost;
    if (changes(end) > wantedChanges(end)) figures.doubleActions++;
    if (left(end).length > 0) figures.leftovers++;
    figures.broken.push(...wrong.map((why) => `${label(instant)}: ${why}`));
    log(`${label(instant)}: ${wrong.length === 0 ? "same end" : wrong.join("; ")} (${((Date.now() - began) / 1_000).toFixed(1)} s)`);
  }
  return figures;
}

const changes = ({ before, after }: TrialEnd): number => after.leaderChanges - before.leaderChanges;
/** Each partition that the tablet led goes away and comes back. */
const wantedChanges = ({ before }: TrialEnd): number => 2 * before.led;

const left = ({ before, after }: TrialEnd): readonly string[] => [
  ...(after.autoFailover === before.autoFailover ? [] : [`auto_failover is ${after.autoFailover}`]),
  ...after.placement.filter((each) => !before.placement.includes(each)),
];
function wrongOf(end: TrialEnd, base: TrialEnd): readonly string[] {
  return [
    ...(WELL.includes(end.ended.code) ? [] : [`ended: ${inWords(end.ended)}`]),
    ...left(end),
    ...(end.lost === 0 ? [] : [`${String(end.lost)} acknowledged rows lost`]),
    ...(end.after.releases.join() === base.after.releases.join() && end.after.releases.some((each) => each === "tablet1 0.9.3")
      ? []
      : [`releases: ${end.after.releases.join(", ")}`]),
    ...(changes(end) > wantedChanges(end) ? [`${String(changes(end))} changes of leader instead of ${String(wantedChanges(end))}`] : []),
  ];
}
