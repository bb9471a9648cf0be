// The proof about the work that ran: what was terminated has run again, once, and nothing else was touched. From what the steps left in the journal, and the
// facts before and after. Pure.
import type { StepEvidence, SystemProof } from "../../model/driver.ts";
import {
  askedFirst,
  endedThemselves,
  killedIn,
  managerSteps,
  pausedIn,
  rerunIn,
  resumedIn,
  type KilledInstance,
  type RerunInstance,
} from "./evidence.ts";
import type { DpFacts } from "./facts.ts";

type Finding = SystemProof["violations"][number];
type Object_ = SystemProof["objects"][number];
const things = (count: number, word: string): string => `${String(count)} ${word}${count === 1 ? "" : "s"}`;
const titleOf = ({ name, due }: Pick<KilledInstance, "name" | "due">): string => (due === "" ? name : `${name} (due ${due})`);

export function prove(evidence: readonly StepEvidence[], before: DpFacts, after: DpFacts): SystemProof {
  const killed = killedIn(evidence);
  const again = rerunIn(evidence);
  const asked = askedFirst(evidence);
  const judged = [...killed.values()].map((instance) => judge(instance, again.get(instance.id), asked.has(instance.id)));
  const realtime = realtimeOf(before, after);
  return {
    coverage: coverageOf(killed.size, judged.filter(({ ended }) => ended).length, realtime.words),
    objects: [
      ...judged.flatMap(({ object }) => object),
      ...endedThemselves(evidence).map((instance) => ({
        object: titleOf(instance),
        evidence: `${instance.end} by itself before it was terminated: not run again`,
      })),
      ...managerSteps(evidence).map(managerObject),
    ],
    violations: [...judged.flatMap(({ violation }) => violation), ...nodeViolations(evidence), ...realtime.violations],
  };
}

interface Judged {
  readonly object: readonly Object_[];
  readonly violation: readonly Finding[];
  /** It ran again, and that run has succeeded. */
  readonly ended: boolean;
}
function judge(killed: KilledInstance, again: RerunInstance | undefined, asked: boolean): Judged {
  const object = titleOf(killed);
  const fine = (words: string, ended = false): Judged => ({ object: [{ object, evidence: words }], violation: [], ended });
  const wrong = (what: string): Judged => ({ object: [], violation: [{ object, what }], ended: false });
  if (again === undefined)
    return asked
      ? fine("terminated, and left to the operator, who was asked: run it by hand in Task O&M if it is to run")
      : wrong("was terminated, and has not been run again");
  const succeeded = again.runs.filter(({ status }) => status === "SUCCESS").length;
  if (succeeded > 1) return wrong(`has succeeded ${String(succeeded)} times since it was terminated: ${again.runs.map(({ id }) => id).join(", ")}`);
  switch (again.end) {
    case "succeeded":
      return fine(
        again.runs.length === 1
          ? "terminated, run again once, succeeded"
          : `terminated; ${things(again.runs.length, "run")} since, the last of which succeeded: those before it failed`,
        true,
      );
    case "running":
      return fine("terminated, runs again");
    case "queued":
      return fine("terminated, its re-run is accepted and waits for its turn");
    case "failed":
      return wrong(`was terminated and run again, and that run failed (${again.runs.at(-1)?.id ?? "?"})`);
    case "finished before":
    case "failed before":
      return fine(`ended by itself (${again.end}): not run again`, true);
    case "vanished":
      return wrong("was terminated, and the platform does not know it any more");
  }
}

/** Nobody knows but who did it: the report says so. */
function managerObject({ step, proof }: ReturnType<typeof managerSteps>[number]): Object_ {
  const who =
    proof.by === "operator"
      ? "done by the operator"
      : `done by the configured command${proof.said === null || proof.said === "" ? "" : ` ("${proof.said}")`}`;
  const again = proof.attempts > 1 ? `, at attempt ${String(proof.attempts)}` : "";
  return { object: step, evidence: `${who}${again}; ${proof.seen === null ? "nothing outside Dataphin Manager tells" : proof.seen}` };
}

function nodeViolations(evidence: readonly StepEvidence[]): readonly Finding[] {
  const [paused, resumed] = [pausedIn(evidence), new Set(resumedIn(evidence))];
  const left = paused.filter((node) => !resumed.has(node));
  if (left.length === 0) return [];
  return [{ object: "nodes", what: `${things(left.length, "node")} that this run paused have not been resumed: ${left.slice(0, 5).join(", ")}` }];
}

/** A job that was restarted meanwhile has another id, or another start. */
function realtimeOf(before: DpFacts, after: DpFacts): { readonly words: string; readonly violations: readonly Finding[] } {
  const was = before.now.realtime?.filter(({ state }) => state === "RUNNING") ?? null;
  const is = after.now.realtime;
  if (was === null || is === null) return { words: "real-time instances were not seen", violations: [] };
  const running = new Set(is.filter(({ state }) => state === "RUNNING").map(({ id }) => id));
  const stopped = was.filter(({ id }) => !running.has(id));
  return {
    words: `${String(was.length - stopped.length)} of ${things(was.length, "real-time instance")} run on under the same job id`,
    violations: stopped.map(({ name, id }) => ({ object: name, what: `job ${id} ran before, and does not run now` })),
  };
}

const coverageOf = (killed: number, ended: number, realtime: string): string =>
  killed === 0
    ? `no instance was terminated; ${realtime}`
    : `${things(killed, "instance")} terminated, ${String(ended)} of them run again once to a successful end; ${realtime}`;
