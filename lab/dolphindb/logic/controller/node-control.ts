import { NoReply } from "../../../kit/network.ts";
import { settingsFor, type NodeRow, type Site } from "../cluster-files.ts";
import { ServerError, type Launch } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import type { Members } from "./members.ts";

/** Real milliseconds between two looks at nodes that are to stop. */
const LOOK_MS = 500;

interface NodeControlContext {
  readonly process: NodeProcess;
  readonly members: Members;
  readonly rows: () => readonly NodeRow[];
  readonly controllers: () => readonly Site[];
  readonly clusterSettings: () => Readonly<Record<string, string>>;
}

/** How a controller starts and stops data and compute nodes: through the agent of their host, when somebody asks or by itself (facts 0.8, 1.3). */
export class NodeControl {
  /** Seconds; of this process alone, and forgotten with it. */
  restartIntervalS: number;
  readonly #context: NodeControlContext;

  constructor(context: NodeControlContext) {
    this.#context = context;
    this.restartIntervalS = context.process.number("datanodeRestartInterval", 0);
  }

  /** Settings that its agent hands to a data node. */
  #launchOf(row: NodeRow): Launch {
    const sites = this.#context.controllers().map(({ endpoint, alias }) => `${endpoint}:${alias}:controller`);
    const shared = ["dfsReplicationFactor", "dataSync", "lanCluster", "dfsHAMode"].flatMap((name) => {
      const value = this.#context.process.component.settings[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    return {
      role: row.role === "computenode" ? "computenode" : "datanode",
      alias: row.alias,
      endpoint: row.endpoint,
      settings: {
        ...Object.fromEntries(shared),
        ...settingsFor(this.#context.clusterSettings(), row),
        localSite: `${row.endpoint}:${row.alias}`,
        sites: [`${row.endpoint}:${row.alias}:${row.role}`, ...sites].join(","),
      },
    };
  }
  async start(names: readonly string[]): Promise<void> {
    for (const row of this.#named(names)) await this.#throughAgent(row, "agent/start", this.#launchOf(row));
  }
  async stop(names: readonly string[]): Promise<void> {
    const rows = this.#named(names);
    for (const row of rows) {
      await this.#throughAgent(row, "agent/stop", { endpoint: row.endpoint });
      const member = this.#context.members.get(row.alias);
      if (member !== null) member.stoppedOnPurpose = true;
    }
    if (this.#context.process.behaviour.stopsAsynchronously) return;
    while (rows.some(({ alias }) => this.#context.members.isOnline(alias))) await this.#context.process.sleep(this.#context.process.scaled(LOOK_MS));
  }

  #named(names: readonly string[]): readonly NodeRow[] {
    return names.map((name) => {
      const row = this.#context
        .rows()
        .find(({ alias, endpoint, role }) => (alias === name || endpoint === name) && (role === "datanode" || role === "computenode"));
      if (row === undefined) throw new ServerError(`The node ${name} does not exist.`);
      return row;
    });
  }
  async #throughAgent(row: NodeRow, path: string, body: unknown): Promise<void> {
    const agent = this.#context.members.agentOf(row.host);
    if (agent === null || !this.#context.members.isOnline(agent.alias))
      throw new ServerError(`The agent does not exist or is not available for node ${row.alias}.`);
    try {
      await this.#context.process.ask(agent.endpoint, path, body);
    } catch (error) {
      if (error instanceof NoReply) throw new ServerError(`The agent ${agent.alias} of node ${row.alias} does not answer.`);
      throw error;
    }
  }

  /** datanodeRestartInterval: whatever is down that long is started, but for what this leader was told to stop (facts 0.8). */
  restartMissing(): void {
    const { restartIntervalS } = this;
    const { process, members } = this.#context;
    if (restartIntervalS <= 0) return;
    const now = process.clock.now();
    const everything = process.setting("datanodeRestartLevel", "CRASH").toUpperCase() === "OFFLINE";
    const forgets = process.behaviour.restartsStopped && restartIntervalS < 100;
    for (const member of members.all()) {
      const row = members.row(member.alias);
      if (row === null || row.role === "agent" || member.online) continue;
      if (member.stoppedOnPurpose && !everything && !forgets) continue;
      const since = Math.max(member.offlineSince, member.restartedAt);
      if (now - since < process.scaled(restartIntervalS * 1_000)) continue;
      member.restartedAt = now;
      process.log("WARNING", `node ${member.alias} is restarted: datanodeRestartInterval`);
      void this.#throughAgent(row, "agent/start", this.#launchOf(row)).catch((error: unknown) => {
        process.log("ERROR", `node ${member.alias} is not restarted: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
  }
}
