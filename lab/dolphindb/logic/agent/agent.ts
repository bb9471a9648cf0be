import { ClusterLink } from "../cluster-link.ts";
import { NO_LOAD } from "../load.ts";
import { ServerError, type Launch } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import { NoReply } from "../../../kit/network.ts";

/** An agent: starts data and compute nodes of its host when the leading controller asks it to. */
export class Agent {
  readonly process: NodeProcess;
  readonly link: ClusterLink;

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

  async start(): Promise<void> {
    const { process } = this;
    if (!(await process.listen())) return;
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
    await process.sleep(process.component.durations.listen);
    try {
      this.link.start();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      process.log("ERROR", error.message);
      process.exit(1, error.message);
    }
  }
  terminate(): void {
    void this.link.leave();
    if (this.process.faults.has("ignore-terminate")) return;
    this.process.clock.after(this.process.component.durations.gracefulStop / 4, () => {
      this.process.exit(0, "SIGTERM");
    });
  }
}
