// What each mode means here, and which of them a goal can have. Pure.
import { modes, type Goal, type Mode, type ModeVerdict } from "../../../model/goal.ts";
import { count, some } from "../checks/check-kit.ts";
import { nameOf } from "../checks/selection.ts";
import { changedApps } from "../checks/verdicts.ts";
import type { CdapFacts } from "../facts.ts";
import { isContinuous } from "../ledger/run-records.ts";
import { programText } from "../wire/programs.ts";
import { planOptions, type PlanOptions } from "./options.ts";

/**
 * zero-downtime: applications are upgraded while their batch runs go on, which keep the version that they began with (facts 0.8). semi-downtime: schedules
 * are suspended and what is upgraded is drained first, and started again from the ledger; CDAP itself serves all the time. downtime: CDAP itself is replaced,
 * so that nothing runs and nothing answers meanwhile (facts 5).
 */
export function modeVerdicts(facts: CdapFacts, goal: Goal): readonly ModeVerdict[] {
  if (goal.maintenance) return maintenanceVerdicts(goal);
  const options = planOptions(goal);
  if ("refused" in options) return modes.map((mode) => ({ mode, eligible: false, why: options.refused }));
  return options.of === "platform" ? platformVerdicts : applicationVerdicts(facts, goal, options);
}

/** The mode that a plan gets: the one that is asked for, or the least disruptive one that is eligible. Null: none. */
export function chosenMode(facts: CdapFacts, goal: Goal): Mode | null {
  const wanted = goal.mode === "auto" ? modes : [goal.mode];
  const verdicts = modeVerdicts(facts, goal);
  return wanted.find((mode) => verdicts.some((verdict) => verdict.mode === mode && verdict.eligible)) ?? null;
}

const platformVerdicts: readonly ModeVerdict[] = [
  {
    mode: "zero-downtime",
    eligible: false,
    why: "CDAP has none: one router and one appfabric are replaced as a whole, and runs that go on while they restart fail or are lost (CDAP-18680)",
  },
  {
    mode: "semi-downtime",
    eligible: false,
    why: "CDAP has none: while it is replaced neither its API nor its user interface answers, and every program must be stopped before (facts 5.1, 5.2)",
  },
  {
    mode: "downtime",
    eligible: true,
    why: "the vendor's order: schedules suspended, every program stopped, backup, CDAP replaced, programs and schedules of the ledger again (facts 5.2)",
  },
];

function applicationVerdicts(facts: CdapFacts, goal: Goal, options: PlanOptions): readonly ModeVerdict[] {
  const going = goingOn(facts, goal, options);
  return [
    going.length === 0
      ? {
          mode: "zero-downtime",
          eligible: true,
          why: "nothing is stopped: batch runs keep the version that they began with, and the next run has the new one (facts 0.8)",
        }
      : {
          mode: "zero-downtime",
          eligible: false,
          why: `${count(going.length, "program")} of them ${going.length === 1 ? "runs" : "run"} until somebody stops ${going.length === 1 ? "it" : "them"}, and would go on with the old version: ${some(going)}`,
        },
    {
      mode: "semi-downtime",
      eligible: true,
      why: "schedules suspended, runs of what is upgraded drained and started again from the ledger; CDAP and all other applications serve",
    },
    { mode: "downtime", eligible: false, why: "CDAP itself stays up when only applications are upgraded: there is nothing more to stop" },
  ];
}

/** Programs of the applications that will be upgraded whose runs have no end of their own. */
function goingOn(facts: CdapFacts, goal: Goal, options: PlanOptions): readonly string[] {
  const changed = changedApps(facts, goal, options);
  const running = facts.now.activeRuns.filter((run) => isContinuous(run) && changed.has(nameOf(run)));
  return [...new Set(running.map(programText))];
}

function maintenanceVerdicts({ maintenance }: Goal): readonly ModeVerdict[] {
  const stops = maintenance?.is === "stop-programs";
  return [
    stops
      ? { mode: "zero-downtime", eligible: false, why: "programs are stopped: that is what was asked for" }
      : { mode: "zero-downtime", eligible: true, why: "nothing that runs is touched" },
    stops
      ? { mode: "semi-downtime", eligible: true, why: "what is named is stopped, and everything else serves" }
      : { mode: "semi-downtime", eligible: false, why: "not needed" },
    { mode: "downtime", eligible: false, why: "CDAP itself stays up" },
  ];
}
