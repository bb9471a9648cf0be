// The vendor's tutorial, step by step, by somebody who does what it says and nothing else (facts 1.1): its gate, its script, its order.
import { ServerError } from "../../../lab/dolphindb/logic/node.ts";
import type { MemoryCluster } from "../../../lab/dolphindb/memory/cluster.ts";
import type { MemoryHost } from "../../../lab/dolphindb/memory/host.ts";
import { CLUSTER_DIRECTORY } from "../../../lab/dolphindb/memory/layout.ts";
import { contentOf, packageName, packageOf } from "../../../lab/dolphindb/memory/releases.ts";
import type { LabValue } from "../../../lab/dolphindb/value.ts";
import type { Fence } from "../../../src/model/fence.ts";

export interface TutorialOptions {
  readonly version: string;
  /** The package lies where the script looks for it. */
  readonly uploaded: boolean;
  /** A person, and a slow machine: between the end of the processes and their start, milliseconds. */
  readonly workMs: number;
}
const fence: Fence = { run: "tutorial", epoch: 1, connection: 1, signal: new AbortController().signal };
const POLL_MS = 1_000;
const EXIT_WITHIN_MS = 600_000;
/** Recovery of a chunk takes a second here, five tries of it a few. */
const PATIENCE_MS = 300_000;

export class Tutorial {
  readonly #cluster: MemoryCluster;
  readonly #hostOf: (name: string) => MemoryHost;
  readonly #options: TutorialOptions;
  /** What each script printed last. */
  readonly said: string[] = [];

  constructor(cluster: MemoryCluster, hostOf: (name: string) => MemoryHost, options: TutorialOptions) {
    this.#cluster = cluster;
    this.#hostOf = hostOf;
    this.#options = options;
  }

  /** Every machine, in the order of the page. Null: all of them; else the one before which its gate never opened. */
  async everyHost(): Promise<string | null> {
    for (const { name } of this.#cluster.machines) {
      if (!(await this.#opens())) return name;
      await this.host(name);
    }
    return null;
  }
  /** 3.1: the next machine as soon as no chunk is anything else than COMPLETE. */
  async #opens(): Promise<boolean> {
    const { world } = this.#cluster;
    const end = world.now() + PATIENCE_MS;
    while (!(await this.gate())) {
      if (world.now() > end) return false;
      await world.sleep(POLL_MS);
    }
    return true;
  }
  async host(name: string): Promise<void> {
    const cluster = this.#cluster;
    const data = cluster.on(name).flatMap(({ alias, role }) => (role === "datanode" || role === "computenode" ? [alias] : []));
    await this.#script(name, ["sh", "stopAllNode.sh"]);
    const { machine } = { machine: cluster.machine(name) };
    await cluster.until("the processes have ended", async () => machine.processes().length === 0, EXIT_WITHIN_MS);
    await this.#upgrade(name);
    await this.#script(name, ["sh", "startController.sh"]);
    await this.#script(name, ["sh", "startAgent.sh"]);
    await cluster.until("the data nodes are told to start", () => this.#start(data));
    // Green in the web page.
    await cluster.until("the data nodes are green", async () => {
      const alive = await cluster.alive().catch(none);
      return data.every((alias) => alive.has(alias));
    });
  }
  /** `select * from getClusterChunksStatus() where state != "COMPLETE"`: nothing. */
  async gate(): Promise<boolean> {
    try {
      return (await this.#cluster.chunks()).every((chunk) => chunk["state"] === "COMPLETE");
    } catch (error) {
      if (error instanceof ServerError) return false;
      throw error;
    }
  }
  /** 3.2: upgrade.sh, with its answers typed in a terminal. */
  async #upgrade(name: string): Promise<void> {
    const { version, uploaded, workMs } = this.#options;
    const made = packageOf(version);
    const { disk } = this.#cluster.machine(name);
    if (uploaded) disk.write(`${CLUSTER_DIRECTORY}/${packageName(made)}`, contentOf(made));
    await this.#script(name, ["bash", "upgrade.sh"], `y\n2\n${version}\n`);
    await this.#cluster.world.sleep(workMs);
  }
  async #start(aliases: readonly string[]): Promise<boolean> {
    const wanted: LabValue = { form: "vector", type: "string", items: aliases };
    try {
      await this.#cluster.atLeader("startDataNode", [wanted]);
      return true;
    } catch (error) {
      if (error instanceof ServerError) return false;
      throw error;
    }
  }
  async #script(name: string, argv: readonly string[], input?: string): Promise<void> {
    const options = { directory: CLUSTER_DIRECTORY, environment: { TERM: "xterm" }, timeoutMs: EXIT_WITHIN_MS };
    const { code, stdout } = await this.#hostOf(name).run(fence, argv, input === undefined ? options : { ...options, input });
    this.said.push(`${name}: ${argv.join(" ")}: ${String(code)} ${stdout.trim().split("\n").at(-1) ?? ""}`);
    // Whoever follows the page goes on unless a script fails.
    if (code !== 0) throw new Error(`${argv.join(" ")} on ${name} ended with ${String(code)}`);
    await this.#cluster.world.sleep(POLL_MS);
  }
}
function none(error: unknown): ReadonlySet<string> {
  if (error instanceof ServerError) return new Set();
  throw error;
}
