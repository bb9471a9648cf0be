// A thread that plays the vendor's procedure.
import { serveTasks } from "../../harness/serve-tasks.ts";
import { lossOutcome } from "./loss-outcome.ts";

serveTasks(lossOutcome);
