// A thread that plays seeds.
import { serveTasks } from "../../harness/serve-tasks.ts";
import { seedOutcome } from "./outcome.ts";

serveTasks(seedOutcome);
