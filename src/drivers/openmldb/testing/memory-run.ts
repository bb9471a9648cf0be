// The real engine and the real operations on a lab cluster in memory, on virtual time.
import { MemoryDisk } from "../../../../lab/kit/memory-disk.ts";
import { NoReply } from "../../../../lab/kit/network.ts";
import { memoryCluster, type MemoryCluster, type MemoryClusterOptions } from "../../../../lab/openmldb/memory/cluster.ts";
import { MemoryHost } from "../../../../lab/openmldb/memory/host.ts";
import { archiveOf } from "../../../../lab/openmldb/memory/releases.ts";
import { digest } from "../../../../lab/kit/trees.ts";
import { Decider } from "../../../engine/decide.ts";
import { RunFold } from "../../../engine/run-fold.ts";
import type { Outcome } from "../../../engine/run-request.ts";
import { RunInMemory } from "../../../engine/testing/run-in-memory.ts";
import { hostErrors } from "../../../hosts/testing/memory-host-errors.ts";
import type { ClusterDefinition } from "../../../model/cluster.ts";
import type { TrafficHooks } from "../../../model/driver.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { Artefact, Goal, Maintenance } from "../../../model/goal.ts";
import type { HttpClient } from "../../../model/http.ts";
import type { Json } from "../../../model/json.ts";
import type { Turn } from "../../../model/step.ts";
import type { OmCluster } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { Inspector } from "../inspect.ts";
import { invariants } from "../invariants.ts";
import { openCluster } from "../open-cluster.ts";
import { operationsOf } from "../operations/table.ts";
import { plan } from "../planning/plan.ts";

/** What happens to a request of Stillwater. `lose`: it arrives, and its answer does not. */
export type Disturb = (request: { readonly to: string; readonly method: string }) => "pass" | "lose" | "drop";

export { Killed } from "../../../engine/testing/run-in-memory.ts";

export interface MemoryRunOptions extends MemoryClusterOptions {
  readonly traffic?: TrafficHooks;
  /** `options` of the cluster file. */
  readonly clusterOptions?: ClusterDefinition["options"];
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
  /** Every request that Stillwater sent, with the virtual time. */
  readonly sent: { readonly at: number; readonly to: string; readonly method: string; readonly body: string }[] = [];
  disturb: Disturb = () => "pass";
  readonly #hosts: ReadonlyMap<string, MemoryHost>;
  readonly #options: MemoryRunOptions;

  private constructor(lab: MemoryCluster, options: MemoryRunOptions) {
    super();
    this.lab = lab;
    this.#options = options;
    const local = new MemoryDisk();
    const content = archiveOf("0.9.3");
    this.artefact = { path: "/releases/openmldb-0.9.3.tar.gz", sha256: digest(content), bytes: content.length, version: "0.9.3" };
    local.write(this.artefact.path, content);
    this.#hosts = new Map(lab.nodes.map(({ machine }) => [machine.name, new MemoryHost({ machine, clock: lab.world, errors: hostErrors, local })]));
  }
  static async begin(options: MemoryRunOptions = {}): Promise<MemoryRun> {
    const made = new MemoryRun(await memoryCluster(options), options);
    await made.lab.world.run(made.lab.settled());
    return made;
  }

  get upgrade(): Goal {
    return goalOf({ version: "0.9.3", artefact: this.artefact });
  }
  /** A new process of Stillwater has a new one. */
  open(): { readonly cluster: OmCluster; readonly inspector: Inspector } {
    const cluster = openCluster(definitionOf(this.lab, this.#options.clusterOptions), {
      host: (name) => {
        const found = this.#hosts.get(name);
        if (found === undefined) throw new Error(`no host ${name}`);
        return found;
      },
      http: () => this.#http(),
      traffic: () => this.#options.traffic ?? null,
      secret: async (reference) => reference,
      now: () => this.lab.world.now(),
    });
    return { cluster, inspector: new Inspector(cluster) };
  }
  #http(): HttpClient {
    return {
      request: async ({ method, url, headers = {}, body = "", timeoutMs }) => {
        const { host, pathname } = new URL(url);
        const to = { to: host, method: pathname.slice(1) };
        this.sent.push({ at: this.lab.world.now(), ...to, body });
        const fate = this.disturb(to);
        try {
          if (fate === "drop") throw new Unreachable(`${host} did not answer`);
          const reply = await this.lab.network.call("127.0.0.1:2", host, { method, path: pathname, headers: { ...headers }, body }, timeoutMs);
          if (fate === "lose") throw new Unreachable(`${host} did not answer`);
          return reply;
        } catch (error) {
          if (!(error instanceof NoReply)) throw error;
          throw error.failure === "refused" ? new Refused(`${host} cannot be reached`) : new Unreachable(`${host} did not answer: ${error.failure}`);
        }
      },
    };
  }

  inspect(): Promise<OmFacts> {
    return this.lab.world.run(this.open().inspector.inspect());
  }
  /** Plans and checks; the plan is kept. Error when the driver refuses or the checker finds anything. */
  async plan(goal: Goal): Promise<readonly Turn[]> {
    const { cluster, inspector } = this.open();
    const facts = await this.lab.world.run(inspector.inspect());
    const draft = plan(facts, goal, { nodes: cluster.nodes, holdsTraffic: cluster.traffic !== null });
    return this.keep({ operations: operationsOf(cluster), invariants: invariants(1) }, facts, draft);
  }
  /** One process of Stillwater, until it ends, pauses, asks or dies. `release`: the watchdog's part. */
  process(release?: readonly string[]): Promise<Outcome | "killed"> {
    const { cluster, inspector } = this.open();
    const driver = { operations: operationsOf(cluster), invariants: invariants(1), inspect: () => inspector.inspect() };
    const { world } = this.lab;
    return world.run(this.engine(world, driver, release === undefined ? {} : { release }), 24 * 3_600_000);
  }

  /** What the watchdog would put back, in its order. */
  held(): readonly string[] {
    const { cluster } = this.open();
    const left = new Decider(new RunFold(this.turns, this.events), operationsOf(cluster)).left();
    return left.map(({ id }) => id).toReversed();
  }
  /** Proofs of the steps of one operation. */
  proofs(operation: string): readonly Json[] {
    const fold = this.fold(operationsOf(this.open().cluster));
    return this.events.flatMap((event) => (event.is === "done" && fold.known.get(event.step)?.do === operation ? [event.proof] : []));
  }
  /** What a restore is given of a drain. */
  kept(): Extract<Maintenance, { is: "restore" }>["drained"] {
    const fold = this.fold(operationsOf(this.open().cluster));
    return [...fold.steps].flatMap(([id, state]) => {
      const step = fold.known.get(id);
      if (step === undefined || !state.done || state.undone || state.skipped) return [];
      return [{ do: step.do, params: step.params, before: state.before ?? null, proof: state.proof }];
    });
  }
  /** Effects that a server got, by method: `NameServer/ChangeLeader`, ... */
  count(method: string): number {
    return this.sent.filter((each) => each.method === method).length;
  }
}

export const definitionOf = (lab: MemoryCluster, options: ClusterDefinition["options"] = {}): ClusterDefinition => ({
  version: 1,
  cluster: "lab",
  system: "openmldb",
  hosts: [],
  nodes: lab.nodes.map(({ name, role, endpoint, directory, machine }) => ({
    name,
    host: machine.name,
    endpoint,
    service: null,
    options: { role, directory },
  })),
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: { hosts: [] }, rate: 1, minAcks: 1, verifyAfterS: 1 },
  options,
});
