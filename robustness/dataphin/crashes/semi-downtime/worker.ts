// A thread that plays kills in this mode.
import { crashOutcome } from "../../../harness/crash-trial.ts";
import { serveTasks } from "../../../harness/serve-tasks.ts";
import { crashTrialOf } from "../crash-trial.ts";

const trial = crashTrialOf("semi-downtime");
serveTasks((point) => crashOutcome(trial, point));
