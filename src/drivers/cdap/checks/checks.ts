// Prechecks from facts alone. Pure.
import { meansRun } from "../ledger/inputs.ts";
import type { Check } from "../../../model/facts.ts";
import type { Goal, ProgramInput } from "../../../model/goal.ts";
import type { CdapFacts } from "../facts.ts";
import { chosenMode } from "../planning/modes.ts";
import { planOptions } from "../planning/options.ts";
import { count, passed, some, warning } from "./check-kit.ts";
import { applicationChecks, mixedVersions } from "./applications.ts";
import { pipelineChecks } from "./pipelines.ts";
import { platformChecks } from "./platform.ts";
import { runChecks } from "./runs.ts";
import { nameOf } from "./selection.ts";
import { serverChecks } from "./server.ts";
import { graceOf } from "./verdicts.ts";

/** Seconds that a run of the goal usually takes: what a token must live for. */
export const usualSeconds = { applications: 15 * 60, platform: 60 * 60, maintenance: 10 * 60 } as const;

const ofRuns = (facts: CdapFacts, inputs: readonly ProgramInput[]): CdapFacts => ({
  ...facts,
  now: { ...facts.now, activeRuns: facts.now.activeRuns.filter((run) => inputs.some((input) => meansRun(input, run))) },
});

export function checks(facts: CdapFacts, goal: Goal): readonly Check[] {
  const options = planOptions(goal);
  if ("refused" in options) return [];
  const { maintenance } = goal;
  if (maintenance) {
    // Without it nobody could be asked what a backup or a start needs; more of them would refuse what helps.
    const own =
      maintenance.is === "stop-programs"
        ? [
            ...notThere(facts, maintenance.inputs),
            ...runChecks(ofRuns(facts, maintenance.inputs), true, maintenance.grace),
            ...schedulesStay(facts),
            ...pipelineChecks(facts, goal, options),
          ]
        : maintenance.is === "start-programs"
          ? notThere(facts, maintenance.inputs)
          : [];
    return [...serverChecks(facts, usualSeconds.maintenance), ...own];
  }
  const stops = options.of === "platform" || chosenMode(facts, goal) !== "zero-downtime";
  const of = options.of === "platform" && goal.version !== null ? platformChecks(facts, goal.version) : [];
  return [
    ...serverChecks(facts, usualSeconds[options.of]),
    ...of,
    ...applicationChecks(facts, goal, options),
    ...mixedVersions(facts),
    ...runChecks(facts, stops, graceOf(goal, options)),
    ...pipelineChecks(facts, goal, options),
  ];
}

/** Each has its answer when the run is over; a name that was mistyped is read before. */
function notThere({ structure: { namespaces } }: CdapFacts, inputs: readonly ProgramInput[]): readonly Check[] {
  const missing = inputs.flatMap(({ namespace = "default", appId }) =>
    appId === undefined || namespaces[namespace]?.apps[appId] !== undefined ? [] : [nameOf({ ns: namespace, app: appId })],
  );
  if (missing.length === 0) return [];
  const others = Object.entries(namespaces).flatMap(([ns, { apps }]) =>
    missing.flatMap((name) => {
      const app = name.slice(name.indexOf(".") + 1);
      return apps[app] === undefined ? [] : [nameOf({ ns, app })];
    }),
  );
  return [
    warning("application", some(missing), `there is no such application${others.length === 0 ? "" : `; there is ${some(others)}`}`, {
      remedy: "`stillwater inspect --table applications` lists them. It is answered with 404, and the report fails for it.",
      source: "CD-16",
    }),
  ];
}
/** A stop suspends none: only plans of upgrades do. */
function schedulesStay({ now: { schedules } }: CdapFacts): readonly Check[] {
  if (schedules.scheduled === 0) return [passed("schedules", "schedules", "none is SCHEDULED, so nothing starts by itself", { source: "facts 3.3" })];
  return [
    warning(
      "schedules",
      "schedules",
      `${count(schedules.scheduled, "schedule")} ${schedules.scheduled === 1 ? "stays" : "stay"} SCHEDULED: a time that comes, or the end of what is stopped, may start a program again`,
      {
        remedy: "Disable in CDAP those that would (POST .../apps/APP/schedules/NAME/disable); a plan of an upgrade suspends all of them by itself.",
        source: "facts 3.3",
      },
    ),
  ];
}
