// The real engine and the real operations on a lab cluster in memory, on virtual time.
import { MemoryDisk } from "../../../../lab/kit/memory-disk.ts";
import { digest } from "../../../../lab/kit/trees.ts";
import { memoryCluster, type MemoryCluster, type MemoryClusterOptions } from "../../../../lab/dolphindb/memory/cluster.ts";
import { MemoryHost } from "../../../../lab/dolphindb/memory/host.ts";
import { CLUSTER_DIRECTORY, SERVER } from "../../../../lab/dolphindb/memory/layout.ts";
import { contentOf, packageName, packageOf } from "../../../../lab/dolphindb/memory/releases.ts";
import { memoryTransport } from "../../../../lab/dolphindb/memory/transport.ts";
import type { Outcome } from "../../../engine/run-request.ts";
import { RunInMemory } from "../../../engine/testing/run-in-memory.ts";
import { hostErrors } from "../../../hosts/testing/memory-host-errors.ts";
import { requestThroughHost } from "../../../hosts/http-through-host.ts";
import type { ClusterDefinition } from "../../../model/cluster.ts";
import type { NodeService } from "../../../model/driver.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { Artefact, Goal } from "../../../model/goal.ts";
import type { HttpClient } from "../../../model/http.ts";
import type { StepEvidence } from "../../../model/driver.ts";
import type { Turn } from "../../../model/step.ts";
import type { DdFacts } from "../facts.ts";
import { Inspector } from "../inspect.ts";
import { invariants } from "../invariants.ts";
import { openCluster, type OpenedCluster } from "../open-cluster.ts";
import { operationsOf } from "../operations/table.ts";
import { plan } from "../planning/plan.ts";

/** What happens to an effect of Stillwater on a server. `lose`: it arrives, and its answer does not. */
export type Disturb = (effect: { readonly to: string; readonly script: string }) => "pass" | "lose" | "drop";

export { Killed } from "../../../engine/testing/run-in-memory.ts";

export interface MemoryRunOptions extends MemoryClusterOptions {
  readonly service?: (run: MemoryRun, node: string) => NodeService | null;
  /** Of the release that `upgrade` brings. */
  readonly to?: string;
}

export const goalOf = (more: Partial<Goal> = {}): Goal => ({
  version: null,
  artefact: null,
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
  ...more,
});

export class MemoryRun extends RunInMemory {
  readonly lab: MemoryCluster;
  readonly artefact: Artefact;
  /** Every effect that a server was sent, with the virtual time. */
  readonly sent: { readonly at: number; readonly to: string; readonly script: string }[] = [];
  disturb: Disturb = () => "pass";
  readonly #hosts: ReadonlyMap<string, MemoryHost>;
  readonly #options: MemoryRunOptions;
  #processes = 0;

  private constructor(lab: MemoryCluster, options: MemoryRunOptions) {
    super();
    this.lab = lab;
    this.#options = options;
    const local = new MemoryDisk();
    const made = packageOf(options.to ?? "2.00.8.12");
    const content = contentOf(made);
    this.artefact = { path: `/releases/${packageName(made)}`, sha256: digest(content), bytes: content.length, version: made.release };
    local.write(this.artefact.path, content);
    this.#hosts = new Map(
      lab.machines.map((machine) => [machine.name, new MemoryHost({ machine, network: lab.network, clock: lab.world, errors: hostErrors, local })]),
    );
  }
  static async begin(options: MemoryRunOptions = {}): Promise<MemoryRun> {
    const made = new MemoryRun(await memoryCluster(options), options);
    await made.lab.world.run(made.lab.settled());
    return made;
  }

  /** A table of the users with so many chunks, and two rows in each. */
  async fill(chunks = 4): Promise<void> {
    const { lab } = this;
    const last = String(chunks - 1);
    const create = [
      `db = database("dfs://users", VALUE, 0..${last}, engine="TSDB")`,
      "shape = table(1:0, `seq`lane, [LONG, INT])",
      "db.createPartitionedTable(shape, `rows, `lane, sortColumns=`seq, keepDuplicates=ALL)",
    ];
    await lab.world.run(lab.script("node1", create.join("\n")));
    const lanes = Array.from({ length: 2 * chunks }, (_, seq) => seq % chunks);
    await lab.world.run(this.write("node1", lanes));
    await lab.world.run(lab.settled());
  }
  async write(through: string, lanes: readonly number[]): Promise<void> {
    const columns = [
      { name: "seq", type: "long" as const, items: lanes.map((_, seq) => BigInt(seq)) },
      { name: "lane", type: "int" as const, items: lanes },
    ];
    await this.lab.call(through, 'tableInsert{loadTable("dfs://users", "rows")}', [{ form: "table", name: "", columns }]);
  }

  get upgrade(): Goal {
    return goalOf({ version: this.artefact.version, artefact: this.artefact });
  }
  host(name: string): MemoryHost {
    const found = this.#hosts.get(name);
    if (found === undefined) throw new Error(`no host ${name}`);
    return found;
  }
  /** A new process of Stillwater has a new one. */
  open(): { readonly cluster: OpenedCluster; readonly inspector: Inspector } {
    this.#processes += 1;
    const { lab } = this;
    const transport = memoryTransport(lab.network, `127.0.0.1:${String(20_000 + this.#processes)}`, {
      refused: (message, object) => new Refused(message, { object }),
      unreachable: (message, object) => new Unreachable(message, { object }),
    });
    const cluster = openCluster(
      definitionOf(lab),
      {
        host: (name) => this.host(name),
        http: () => this.#http(),
        service: (node) => this.#options.service?.(this, node) ?? null,
        secret: async (reference) => (reference === "@env:DDB_PASSWORD" ? "123456" : reference),
        now: () => lab.world.now(),
      },
      { transport },
    );
    return { cluster, inspector: new Inspector(cluster) };
  }
  #http(): HttpClient {
    return {
      request: async (request) => {
        const { through, url, body = "" } = request;
        if (through === undefined) throw new Error(`${url} is an effect and goes through no host`);
        const { host: to } = new URL(url);
        const script = scriptIn(body);
        this.sent.push({ at: this.lab.world.now(), to, script });
        const fate = this.disturb({ to, script });
        if (fate === "drop") throw new Unreachable(`${to} did not answer`);
        const reply = await requestThroughHost(through.host, through.fence, request);
        if (fate === "lose") throw new Unreachable(`${to} did not answer`);
        return reply;
      },
    };
  }

  inspect(): Promise<DdFacts> {
    return this.lab.world.run(this.open().inspector.inspect());
  }
  /** Plans and checks; the plan is kept. Error when the driver refuses or the checker finds anything. */
  async plan(goal: Goal): Promise<readonly Turn[]> {
    const { cluster, inspector } = this.open();
    const facts = await this.lab.world.run(inspector.inspect());
    const draft = plan(facts, goal, { nodes: cluster.nodes, holdsTraffic: false });
    return this.keep({ operations: operationsOf(cluster), invariants: invariants(1) }, facts, draft);
  }
  /** One process of Stillwater, until it ends, pauses, asks or dies. `release`: the watchdog's part. */
  process(release?: readonly string[]): Promise<Outcome | "killed"> {
    return this.lab.world.run(this.#process(release), 24 * 3_600_000);
  }
  async #process(release?: readonly string[]): Promise<Outcome | "killed"> {
    const { cluster, inspector } = this.open();
    const driver = { operations: operationsOf(cluster), invariants: invariants(1), inspect: () => inspector.inspect() };
    try {
      return await this.engine(this.lab.world, driver, release === undefined ? {} : { release });
    } finally {
      await cluster.rpc.close();
    }
  }

  /** Proofs of every step that is done, as `prove` gets them. */
  evidence(): readonly StepEvidence[] {
    return this.evidenceOf(operationsOf(this.open().cluster));
  }
  /** Effects that servers got whose script has that text in it. */
  count(text: string): number {
    return this.sent.filter(({ script }) => script.includes(text)).length;
  }
  /** Processes that were started since the instant, by alias of the node or role for controllers and agents of a host. */
  starts(since: number): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const machine of this.lab.machines)
      for (const { at, role, alias } of machine.starts)
        if (at > since) {
          const name = alias ?? `${role}@${machine.name}`;
          counts[name] = (counts[name] ?? 0) + 1;
        }
    return counts;
  }
}

/** Of a request of the JSON API (facts 3.5), without what logs in. */
function scriptIn(body: string): string {
  const request = JSON.parse(body) as { readonly params?: readonly { readonly value?: string }[] };
  return decodeURIComponent(request.params?.[0]?.value ?? "").replace(/^login\([^)]*\);\s*/, "");
}

const definitionOf = (lab: MemoryCluster): ClusterDefinition => ({
  version: 1,
  cluster: "lab",
  system: "dolphindb",
  hosts: lab.machines.map(({ name }) => ({
    name,
    transport: "openssh",
    address: name,
    user: null,
    stateDirectory: "/var/lib/stillwater",
    domain: null,
  })),
  nodes: lab.nodes.map(({ alias, role, endpoint, host }) => ({
    name: alias,
    host,
    endpoint,
    service: null,
    options: { role, alias, server: SERVER, clusterDirectory: CLUSTER_DIRECTORY },
  })),
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: null, rate: 1, minAcks: 1, verifyAfterS: 1 },
  options: { authorization: { user: "admin", password: "@env:DDB_PASSWORD" } },
});
