// From facts and a goal to the one turn of an upgrade: the vendor's steps of the mode in the order of `vendor-steps.ts`, each with how it is done here. Pure.
import type { Draft, Refusal } from "../../../model/driver.ts";
import type { Goal, Mode } from "../../../model/goal.ts";
import type { Item, Step } from "../../../model/step.ts";
import { chosenMode, modeVerdicts } from "../eligibility.ts";
import { nodesOf, type DpFacts } from "../facts.ts";
import { methods } from "../methods.ts";
import type { ManagerParams, UpgradeBy } from "../step-names.ts";
import { steps } from "../steps.ts";
import { isVersion } from "../version.ts";
import { windowOf } from "../window.ts";
import { inGivenTime } from "./lengths.ts";
import { wayOptions, type WayOptions } from "./options.ts";
import { vendorSteps, type VendorStepRow } from "./vendor-steps.ts";

export interface PlanSurroundings {
  readonly by: UpgradeBy;
}

export function plan(facts: DpFacts, goal: Goal, { by }: PlanSurroundings): Draft | Refusal {
  const options = wayOptions(goal);
  if ("refused" in options) return options;
  const { version } = goal;
  if (version === null)
    return { refused: "Dataphin is upgraded to a version, and none is asked for", clear: "give the target: --to VERSION", code: "SW2110" };
  if (isVersion(facts.structure.version, version))
    return { refused: `the server runs ${facts.structure.version ?? version} already`, clear: "nothing to do", code: "SW2109" };
  const mode = chosenMode(facts, goal);
  if (mode === null) {
    const verdicts = modeVerdicts(facts, goal).filter((each) => goal.mode === "auto" || each.mode === goal.mode);
    return {
      refused: `${goal.mode === "auto" ? "no mode is" : `${goal.mode} is not`} eligible for ${version}`,
      clear: "choose another mode or another version",
      code: "SW2108",
      why: verdicts.map((each) => `${each.mode}: ${each.why}`),
    };
  }
  const window = windowOf(facts, goal, mode);
  if ("refused" in window) return window;
  return {
    turns: [
      {
        id: "upgrade",
        nodes: nodesOf(facts, "application"),
        role: "application",
        title: methods[mode].vendor,
        items: inGivenTime(itemsOf({ facts, options, mode, manager: { by, mode, version } }), window),
      },
    ],
  };
}

interface Frame {
  readonly facts: DpFacts;
  readonly options: WayOptions;
  readonly mode: Mode;
  readonly manager: ManagerParams;
}

function itemsOf(frame: Frame): readonly Item[] {
  return vendorSteps[frame.mode].flatMap((row) => itemsFor(row, frame));
}

/** Ids of the steps that are put back. */
const ids = { maintenance: "maintenance", pause: "pause nodes", dispatch: "stop dispatch", list: "kill list", shutDown: "shut down" } as const;

function itemsFor(row: VendorStepRow, { facts, options, mode, manager }: Frame): readonly Item[] {
  const projects = facts.structure.projects.map(({ id }) => id);
  const { drainMs, reruns, until, dispatch } = options;
  const inManager = dispatch !== "nodes";
  const throughNodes = dispatch !== "manager";
  switch (row.step) {
    case "selectVersion":
      return [told(row, steps.selectVersion("select version", manager))];
    case "enterMaintenance":
      return [told(row, steps.enterMaintenance(ids.maintenance, manager, { held: "page" }))];
    case "leaveMaintenance":
      return [{ undo: ids.maintenance }];
    case "pauseNodes":
      // Nodes that are paused while nobody is there are a matter for a person: resumed too early, they start what would be killed.
      return throughNodes ? [told(row, { ...steps.pauseNodes(ids.pause, { projects }), held: "page" })] : [];
    case "stopDispatch":
      return inManager ? [told(row, steps.stopDispatch(ids.dispatch, { ...manager, projects }, { held: "page" }))] : [];
    case "resumeDispatch":
      return [...(throughNodes ? [{ undo: ids.pause }] : []), ...(inManager ? [{ undo: ids.dispatch }] : [])];
    case "listRunning":
      return [told(row, steps.listRunning(ids.list, { projects, drainMs, reruns, until }))];
    case "rerunInstances":
      // What the shutdown itself found running was started last.
      return [{ undo: ids.shutDown }, { undo: ids.list }];
    case "shutDown":
      return [
        told(
          row,
          steps.shutDown(
            ids.shutDown,
            { ...manager, projects, reruns, until },
            { commits: { of: "run", why: "from the shutdown on, the vendor's upgrade can only be forced to end: nothing goes back by itself" } },
          ),
        ),
      ];
    case "backupDatabase":
      return [told(row, steps.backupDatabase("database backup", manager))];
    case "preUpgrade":
      return [told(row, steps.preUpgrade("pre-upgrade", manager))];
    case "upgradeApplication":
      return [
        told(
          row,
          steps.upgradeApplication("upgrade application", manager, {
            ...commitOf(mode),
            ...(mode === "zero-downtime" ? {} : { instant: "application restored" }),
          }),
        ),
      ];
    case "updateData":
      return [told(row, steps.updateData("data update", manager))];
    case "verifyResult":
      return [told(row, steps.verifyResult("verify result", manager))];
    case "consoleAccessible":
      return [told(row, steps.consoleAccessible("console accessible", { instant: "console accessible" }))];
  }
}

/** In downtime the shutdown is the point of no return, which comes before. */
const commitOf = (mode: Mode): Pick<Step, "commits"> =>
  mode === "downtime" ? {} : { commits: { of: "run", why: "the vendor has no way back from a begun application upgrade but the database backup" } };

/** Where the vendor's pages disagree, or have no such step, the plan says what is done here, and why. */
const told = ({ vendor, source, order }: VendorStepRow, step: Step): Step => ({
  ...step,
  note: `${vendor === null ? "ours" : `vendor's step: ${vendor}`} (${source})${order === undefined ? "" : `; ${order}`}`,
});
