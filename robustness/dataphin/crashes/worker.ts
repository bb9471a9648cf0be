// A thread that plays kills.
import { serveTasks } from "../../harness/serve-tasks.ts";
import { crashOutcome } from "./crash-outcome.ts";

serveTasks(crashOutcome);
