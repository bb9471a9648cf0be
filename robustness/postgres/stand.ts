// A real cluster to try things on: put back before every trial, under load during it, judged after it.
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { stringify } from "yaml";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "../../src/drivers/postgres/demo/demo-cluster.ts";
import { call, documentOf, inWords, start, type Call, type Ended, type Process } from "../harness/stillwater.ts";
import { until } from "../harness/until.ts";
import type { Description } from "../validators/description.ts";
import { clusterState, type ClusterState } from "../validators/postgres-state.ts";

const command = promisify(execFile);

export interface StandOptions {
  readonly synchronous?: boolean;
  readonly nodes?: number;
  readonly settings?: Readonly<Record<string, string>>;
}
export type How = Partial<Omit<Call, "args">>;

/** What is laid out once and hard-linked into later trials: staging is most of a run's time, and its own kills are tried without that. */
const stagedParts = ["releases", "stillwater"] as const;

export class Stand {
  readonly cluster: DemoCluster;
  readonly artefact: string;
  readonly clusterFile: string;
  readonly stateDirectory: string;
  /** One line for each alert: the hook writes what it is told into it. */
  readonly alerts: string;
  readonly description: Description;
  readonly #plan: string;
  #staged = false;

  private constructor(cluster: DemoCluster, artefact: string) {
    this.cluster = cluster;
    this.artefact = artefact;
    this.clusterFile = join(cluster.directory, "cluster.robustness.yaml");
    this.stateDirectory = join(cluster.directory, "state");
    this.alerts = join(cluster.directory, "alerts");
    this.#plan = join(cluster.directory, "plan.json");
    this.description = this.describe(this.stateDirectory);
  }

  static async create(options: StandOptions = {}): Promise<Stand> {
    const directory = await temporaryDirectory("stillwater-robustness-");
    const cluster = await createDemoCluster({ directory, ...options });
    try {
      const stand = new Stand(cluster, await cluster.artefact());
      await stand.#writeClusterFile(stand.clusterFile, {});
      await cluster.snapshot();
      return stand;
    } catch (error) {
      await cluster.destroy();
      throw error;
    }
  }

  /** What a validator needs to know. */
  describe(journalDirectory: string): Description {
    const { name, nodes, user, password } = this.cluster;
    return {
      cluster: name,
      nodes: nodes.map(({ name: node, host, port, dataDirectory, installation, logFile, stateDirectory }) => ({
        name: node,
        host,
        port,
        dataDirectory,
        installation,
        logFile,
        stateDirectory,
      })),
      user,
      password,
      journalDirectory,
      settings: ["synchronous_standby_names", "max_connections", "wal_level", "hot_standby", "shared_buffers", "archive_mode"],
    };
  }

  /** Another cluster file for the same cluster. */
  async clusterFileWith(name: string, changes: Readonly<Record<string, unknown>>): Promise<string> {
    const file = join(this.cluster.directory, name);
    await this.#writeClusterFile(file, changes);
    return file;
  }
  async #writeClusterFile(file: string, changes: Readonly<Record<string, unknown>>): Promise<void> {
    const { name, nodes, user, directory, serverUser } = this.cluster;
    const content = {
      version: 1,
      cluster: name,
      system: "postgres",
      hosts: Object.fromEntries(
        nodes.map((node) => [
          node.hostName,
          { transport: "local", ...(serverUser === null ? {} : { user: serverUser.name }), stateDirectory: node.stateDirectory },
        ]),
      ),
      nodes: Object.fromEntries(
        nodes.map((node) => [
          node.name,
          {
            host: node.hostName,
            endpoint: node.endpoint,
            dataDirectory: node.dataDirectory,
            installation: node.installation,
            logFile: node.logFile,
          },
        ]),
      ),
      hooks: { alert: ["sh", "-c", `cat >>"$1"; echo >>"$1"`, "alert", this.alerts] },
      continuity: { verifyAfterS: 1 },
      options: { user, password: `@file:${join(directory, "password")}`, database: "postgres" },
      ...changes,
    };
    await writeFile(file, stringify(content, { lineWidth: 0 }));
  }

  start(args: readonly string[], how: How = {}): Process {
    return start({ clusterFile: this.clusterFile, stateDirectory: this.stateDirectory, ...how, args });
  }
  call(args: readonly string[], how: How = {}): Promise<Ended> {
    return call({ clusterFile: this.clusterFile, stateDirectory: this.stateDirectory, ...how, args });
  }

  /** Everything as it was at the beginning, all nodes up, nothing of an earlier trial left. `staged`: the release lies on the hosts already. */
  async restore({ staged = false }: { readonly staged?: boolean } = {}): Promise<void> {
    await this.endSidecars();
    await rm(this.stateDirectory, { recursive: true, force: true });
    await rm(this.alerts, { force: true });
    await this.cluster.restore();
    if (staged) await this.#layStaged();
  }

  /** The plan to the newer release: made once, because after every `restore` the cluster is the same. */
  async plan(): Promise<{ readonly file: string; readonly hash: string }> {
    if (!existsSync(this.#plan)) {
      const made = await this.call(["plan", "--to", this.cluster.releases.to, "--artifact", this.artefact]);
      const file = documentOf(made)?.["file"];
      if (made.code !== 0 || typeof file !== "string") throw new Error(`no plan: ${inWords(made)}`);
      await copyFile(file, this.#plan);
    }
    const { hash } = JSON.parse(await readFile(this.#plan, "utf8")) as { hash: string };
    return { file: this.#plan, hash: hash.slice(0, 8) };
  }
  async applyArgs(): Promise<readonly string[]> {
    const { file, hash } = await this.plan();
    return ["apply", file, "--yes", hash];
  }

  /** Keeps what a run has staged on the hosts for `restore({ staged: true })`. */
  async keepStaged(): Promise<void> {
    const kept = join(this.cluster.directory, "staged");
    await rm(kept, { recursive: true, force: true });
    for (const node of this.cluster.nodes) {
      await mkdir(join(kept, node.name), { recursive: true });
      for (const part of stagedParts) await command("cp", ["-al", join(node.directory, part), join(kept, node.name, part)]);
      // The record and its lock belong to a run, not to the release; the old release is laid by the cluster itself.
      await command("sh", [
        "-c",
        `rm -rf "$1"/stillwater/*.record "$1"/stillwater/*.lock "$1"/stillwater/*.busy "$1"/releases/"$2"`,
        "sh",
        join(kept, node.name),
        this.cluster.releases.from,
      ]);
    }
    this.#staged = true;
  }
  async #layStaged(): Promise<void> {
    if (!this.#staged) throw new Error("nothing was kept by keepStaged()");
    await Promise.all(
      this.cluster.nodes.map((node) =>
        command("cp", ["-al", ...stagedParts.map((part) => join(this.cluster.directory, "staged", node.name, part)), `${node.directory}/`]),
      ),
    );
  }

  /** The state once what ends by itself has ended. */
  async state(description: Description = this.description): Promise<ClusterState> {
    let last = await clusterState(description);
    await until("nothing is left", 4_000, async () => {
      if (last.leftovers.length === 0) return true;
      last = await clusterState(description);
      return null;
    }).catch(() => undefined); // then the leftovers are in the state, and judged
    return last;
  }
  async report(run = 1): Promise<Readonly<Record<string, unknown>> | null> {
    const file = join(this.stateDirectory, "runs", String(run), "report.json");
    return existsSync(file) ? (JSON.parse(await readFile(file, "utf8")) as Readonly<Record<string, unknown>>) : null;
  }

  /** A sidecar outlives its worker: that of a trial that broke off would watch the next one. */
  async endSidecars(): Promise<void> {
    for (const file of globSync(join(this.stateDirectory, "runs", "*", "sidecar.process.json"))) {
      const { pid } = JSON.parse(await readFile(file, "utf8")) as { readonly pid: number };
      const running = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      if (running.includes(this.stateDirectory)) process.kill(pid, "SIGKILL");
    }
  }

  async destroy(): Promise<void> {
    await this.endSidecars();
    await this.cluster.destroy();
  }
}
