// Every fault that is tried on real servers.
import { badArtefact, badClusterFile, missingSecret } from "./bad-input.ts";
import { editedPlan, stalePlan } from "./bad-plan.ts";
import { droppedConnections } from "./connections.ts";
import { fullAtStaging, fullAtUnpack, fullUnderJournal } from "./disks.ts";
import { frozenWorker } from "./frozen-worker.ts";
import { nobodyResumes } from "./nobody-resumes.ts";
import { cutInTheMoment, diesElsewhere, frozenReceiver, neverReady, stopsReplicating } from "./nodes.ts";
import { bothKilled, deadProbe, frozenProbe, noProbe } from "./probe.ts";
import { promotedByHand } from "./promoted-by-hand.ts";
import { realLoss } from "./real-loss.ts";
import type { Scenario } from "./scene.ts";
import { sameInstant, twoApplies } from "./two-operators.ts";
import { wayBack } from "./way-back.ts";

export const scenarios: readonly Scenario[] = [
  stalePlan,
  editedPlan,
  badArtefact,
  missingSecret,
  badClusterFile,
  twoApplies,
  sameInstant,
  frozenWorker(/^stop pg3$/),
  frozenWorker(/promote/),
  frozenWorker(/^ready pg2$/, "done"),
  neverReady,
  diesElsewhere,
  stopsReplicating,
  cutInTheMoment,
  frozenReceiver,
  promotedByHand,
  fullAtStaging,
  fullAtUnpack,
  fullUnderJournal,
  droppedConnections(1),
  droppedConnections(2),
  wayBack("before any turn", "unpack pg3"),
  wayBack("in the middle of the first turn", "swap pg2"),
  wayBack("after the first turn", "tidy pg2"),
  wayBack("while it works", "tidy pg2", true),
  wayBack("after the last turn but the primary's", "tidy pg3"),
  wayBack("in the middle of the last turn, after the switchover", "swap pg1"),
  noProbe,
  deadProbe("acting", /^swap pg2$/),
  deadProbe("acting", /promote/),
  deadProbe("done", /^ready pg1$/),
  deadProbe("finished", null),
  frozenProbe,
  bothKilled,
  nobodyResumes,
  realLoss,
];

/** From every step of an undisturbed run: what the issue calls "from every step before the point of no return". */
export const wayBackFrom = (steps: readonly string[]): readonly Scenario[] => steps.map((step) => wayBack(`from ${step}`, step));
