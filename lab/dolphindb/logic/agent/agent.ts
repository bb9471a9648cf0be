import { ClusterLink } from "../cluster-link.ts";
import { NO_LOAD } from "../load.ts";
import { ServerError, type Launch } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import { checkStart, orExit, type Checked } from "../start-checks.ts";
import { NoReply } from "../../../kit/network.ts";

/** An agent: starts data and compute nodes of its host when the leading controller asks it to. */
export class Agent {
  readonly process: NodeProcess;
  readonly link: ClusterLink;
  checked: Checked | null = null;

  constructor(process: NodeProcess) {
    this.process = process;
    this.link = new ClusterLink(process, {
      beat: () => ({
        alias: process.alias,
        boot: process.boot,
        release: process.component.release,
        initialised: null,
        transactions: [],
        load: NO_LOAD,
      }),
      report: () => {},
      leaderChanged: () => {},
    });
  }

  start(): Promise<void> {
    const { process } = this;
    return orExit(process, async () => {
      this.checked = checkStart(process);
      if (!(await process.listen())) return;
      this.#handlers();
      await process.sleep(process.component.durations.listen);
      this.link.start();
    });
  }
  terminate(): void {
    void this.link.leave();
    if (this.process.faults.has("ignore-terminate")) return;
    this.process.clock.after(this.process.component.durations.gracefulStop / 4, () => {
      this.process.exit(0, "SIGTERM");
    });
  }

  #handlers(): void {
    const { process } = this;
    process.on("agent/start", (body) => {
      const launch = body as Launch;
      process.log("INFO", `starts ${launch.role} ${launch.alias} at ${launch.endpoint}`);
      process.launch(launch);
    });
    process.on("agent/stop", async (body) => {
      const { endpoint } = body as { readonly endpoint: string };
      try {
        await process.ask(endpoint, "terminate", {});
      } catch (error) {
        // Nobody listens there: it does not run, so there is nothing to stop.
        if (!(error instanceof NoReply) || error.failure !== "refused") throw error instanceof NoReply ? new ServerError(error.message) : error;
      }
    });
    process.on("ping", () => process.alias);
  }
}
