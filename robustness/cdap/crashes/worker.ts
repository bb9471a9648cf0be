// A thread that plays kills.
import { crashOutcome } from "../../harness/crash-trial.ts";
import { serveTasks } from "../../harness/serve-tasks.ts";
import { crashTrial } from "./crash-trial.ts";

serveTasks((point) => crashOutcome(crashTrial, point));
