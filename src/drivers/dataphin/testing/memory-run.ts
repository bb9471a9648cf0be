// The real engine and the real operations on a lab installation in memory, on virtual time; the Manager's steps by its command.
import { MemoryDisk } from "../../../../lab/kit/memory-disk.ts";
import { MemoryHost } from "../../../../lab/kit/memory-host.ts";
import { NoReply } from "../../../../lab/kit/network.ts";
import { memoryCluster, type MemoryCluster, type MemoryClusterOptions } from "../../../../lab/dataphin/memory/cluster.ts";
import type { Outcome } from "../../../engine/run-request.ts";
import { RunInMemory } from "../../../engine/testing/run-in-memory.ts";
import { hostErrors } from "../../../hosts/testing/memory-host-errors.ts";
import type { ClusterDefinition } from "../../../model/cluster.ts";
import type { Handles, StepEvidence } from "../../../model/driver.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { RunEvent } from "../../../model/event.ts";
import { modes, type Goal, type Mode } from "../../../model/goal.ts";
import type { HttpClient } from "../../../model/http.ts";
import type { Turn } from "../../../model/step.ts";
import type { DpCluster } from "../cluster.ts";
import type { DpFacts } from "../facts.ts";
import { Inspector } from "../inspect.ts";
import { invariants } from "../invariants.ts";
import { openCluster } from "../open-cluster.ts";
import { operationsOf } from "../operations/table.ts";
import { plan } from "../planning/plan.ts";
import type { ApiParameters, OpenApi } from "../wire/openapi.ts";

/** What becomes of a call: `lose`: it arrives, and its answer does not. */
export type Fate = "pass" | "lose" | "drop";
export { Killed } from "../../../engine/testing/run-in-memory.ts";

export interface MemoryRunOptions extends MemoryClusterOptions {
  readonly by?: "operator" | "command";
  /** More keys of the cluster file's options. */
  readonly keys?: Readonly<Record<string, unknown>>;
}
export const TARGET = "6.2.0.2";
/** A little work, and steps that take seconds instead of minutes: what is slow in the lab is slow for every test. */
export const small: MemoryRunOptions = {
  workload: { longJobs: 3, longMs: 90_000, everyMinutes: 15, shortMs: 5_000 },
  settings: {
    podStartMs: 10_000,
    backupMs: 5_000,
    preUpgradeMs: 3_000,
    shutDownMs: 2_000,
    dataUpdatePartMs: 1_000,
    replicaRestartMs: 1_000,
    metricsStaleMs: 5_000,
  },
};
export const goalOf = (mode: Goal["mode"], options: Goal["options"] = {}, version = TARGET): Goal => ({
  version,
  artefact: null,
  settings: {},
  restart: false,
  mode,
  only: null,
  options,
});

/** Looks that are further apart find the same, for a fraction of the work. */
const coarse = { pollMinMs: 20, pollMaxMs: 500, patienceMs: 180_000, keepMs: 1_000, refusals: 5 };

export class MemoryRun extends RunInMemory {
  readonly lab: MemoryCluster;
  /** Every effect that the OpenAPI was sent. */
  readonly sent: { readonly at: number; readonly action: string; readonly parameters: ApiParameters }[] = [];
  /** Every run of the configured command. */
  readonly commands: string[] = [];
  readonly questions: string[] = [];
  disturb: (action: string, parameters: ApiParameters) => Fate = () => "pass";
  /** What a person does who is asked, in virtual time; the answer. */
  person: (step: string, question: string) => Promise<"approve" | "skip" | null> = async () => "approve";
  before: DpFacts | null = null;
  readonly #host: MemoryHost;
  readonly #options: MemoryRunOptions;
  #processes = 0;

  private constructor(lab: MemoryCluster, options: MemoryRunOptions) {
    super();
    this.lab = lab;
    this.#options = options;
    const disk = new MemoryDisk();
    const machine = {
      name: "jump",
      disk,
      process: () => null,
      command: (argv: readonly string[]) => this.#command(argv),
      unpack: () => false,
      mode: () => "755",
      freeBytes: () => Number.MAX_SAFE_INTEGER,
    };
    this.#host = new MemoryHost(machine, { clock: lab.world, errors: hostErrors, local: disk });
  }
  static async begin(options: MemoryRunOptions = {}): Promise<MemoryRun> {
    return new MemoryRun(await memoryCluster(options), options);
  }

  #command(argv: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> | null {
    const [name, step = "", mode = "", version = ""] = argv;
    const known: Mode | undefined = modes.find((each) => each === mode);
    if (name !== "lab-manager" || known === undefined) return null;
    this.commands.push(step);
    return this.lab.command(step, known, version).then(
      () => ({ code: 0, stdout: `${step} done\n`, stderr: "" }),
      (error: unknown) => ({ code: 1, stdout: "", stderr: `${error instanceof Error ? error.message : String(error)}\n` }),
    );
  }

  handles(): Handles {
    return {
      host: () => this.#host,
      http: () => this.http(),
      secret: async (reference) => Object.values(this.lab.workload.apps).find(({ key }) => reference === `@env:SECRET_${key}`)?.secret ?? reference,
      now: () => this.lab.world.now(),
    };
  }
  http(): HttpClient {
    return {
      request: async ({ method, url, headers = {}, body = "", timeoutMs }) => {
        const { hostname, port, pathname, search } = new URL(url);
        const to = `${hostname}:${port === "" ? "80" : port}`;
        const from = `stillwater-http:${String(this.#processes)}`;
        const reply = await this.#reach(to, () =>
          this.lab.network.call(from, to, { method, path: `${pathname}${search}`, headers, body }, timeoutMs),
        );
        return { status: reply.status, body: reply.body, headers: reply.headers ?? {} };
      },
    };
  }
  async #reach<T>(object: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      throw error.failure === "refused" ? new Refused(error.message, { object }) : new Unreachable(error.message, { object });
    }
  }
  openApi(): OpenApi {
    return {
      call: async (action, parameters, { timeoutMs }) => {
        const effect = !/^(Get|List)/.test(action);
        if (effect) this.sent.push({ at: this.lab.world.now(), action, parameters });
        const fate = this.disturb(action, parameters);
        if (fate === "drop") throw new Unreachable(`${action}: no answer`);
        const path = this.lab.signedPath(action, parameters);
        const to = this.lab.endpoints.openapi;
        const reply = await this.#reach(to, () =>
          this.lab.network.call(`stillwater:${String(this.#processes)}`, to, { method: "POST", path, headers: {}, body: "" }, timeoutMs),
        );
        if (fate === "lose") throw new Unreachable(`${action}: no answer`);
        return { status: reply.status, body: JSON.parse(reply.body) as never };
      },
    };
  }
  /** A new process of Stillwater has a new one. */
  open(): DpCluster {
    this.#processes += 1;
    return openCluster(definitionOf(this.lab, this.#options), this.handles(), {
      openApi: this.openApi(),
      sleep: (ms) => this.lab.world.sleep(ms),
    });
  }

  inspect(): Promise<DpFacts> {
    return this.lab.world.run(new Inspector(this.open()).inspect());
  }
  /** Plans and checks; the plan is kept. Error when the driver refuses or the checker finds anything. */
  async plan(goal: Goal): Promise<readonly Turn[]> {
    const cluster = this.open();
    const facts = await this.inspect();
    const draft = plan(facts, goal, { by: cluster.upgrade.by });
    const turns = this.keep({ operations: operationsOf(cluster), invariants }, facts, draft);
    this.before = facts;
    return turns;
  }

  /** Processes of Stillwater, one after the other, until the run is over, or nobody goes on. */
  async toTheEnd(): Promise<Outcome> {
    for (let processes = 0; processes < 40; processes++) {
      const ended = await this.process();
      if (ended === "killed") {
        this.append({ is: "claimed", holder: "test", verb: "resume", pid: processes });
        continue;
      }
      if (ended.is !== "asks") return ended;
      this.questions.push(ended.question);
      const answer = await this.lab.world.run(this.person(ended.step, ended.question), 24 * 3_600_000);
      if (answer === null) return ended;
      this.append({ is: "answered", step: ended.step, answer, by: "ana", reason: "test" });
    }
    throw new Error(`no end: ${[...this.said].slice(-3).join("; ")}`);
  }
  append(event: RunEvent): void {
    this.events.push(event);
  }
  /** One process of Stillwater, until it ends, pauses, asks or dies. */
  process(): Promise<Outcome | "killed"> {
    const cluster = this.open();
    const inspector = new Inspector(cluster);
    const driver = { operations: operationsOf(cluster), invariants, inspect: () => inspector.inspect() };
    const { world } = this.lab;
    return world.run(this.engine(world, driver, { timing: coarse }), 48 * 3_600_000);
  }

  /** What the executors really did: runs by node, with who ended each. */
  runs(): ReadonlyMap<string, readonly string[]> {
    const { data } = this.lab.database;
    const found = new Map<string, readonly string[]>();
    for (const { nodeId, bizDate, index, taskruns } of Object.values(data.instances))
      if (taskruns.length > 0)
        found.set(
          `${data.nodes[nodeId]?.name ?? nodeId} ${bizDate} ${String(index)}`,
          taskruns.map(({ trigger, status, killedBy }) => `${trigger} ${status}${killedBy === null ? "" : ` by ${killedBy}`}`),
        );
    return found;
  }
  /** Of instances that were ended at least once. */
  ended(): readonly (readonly string[])[] {
    return [...this.runs().values()].filter((all) => all.some((each) => each.includes(" by ")));
  }

  /** Proofs of every step that is done, as `prove` gets them. */
  evidence(): readonly StepEvidence[] {
    return this.evidenceOf(operationsOf(this.open()));
  }
}

/** A client for every feature, as a cluster file names them. */
export function watchKeys({ workload: { apis, apps } }: MemoryCluster): Readonly<Record<string, unknown>> {
  const api = (id: number) => ({ id: String(id) });
  const caller = ({ key }: { readonly key: string }) => ({ appKey: key, appSecret: `@env:SECRET_${key}` });
  const { direct, serviceUnit, composite, registered, logicalTable, dataphinSource, compositeLogical } = apis;
  const classes = { direct, serviceUnit, composite, registered, logicalTable, dataphinSource, compositeLogical };
  return {
    caller: caller(apps.caller),
    apis: Object.fromEntries(Object.entries(classes).map(([name, id]) => [name, api(id)])),
    ungranted: caller(apps.ungranted),
    withheld: { ...api(apis.fields), field: "b" },
    expiring: { ...api(apis.expiring), caller: caller(apps.caller) },
    throttled: { ...api(apis.limited), perSecond: 12 },
  };
}

export function definitionOf(lab: MemoryCluster, { by = "command", keys = {} }: MemoryRunOptions = {}): ClusterDefinition {
  const node = (name: string, endpoint: string) => ({ name, host: "jump", endpoint, service: null, options: { role: name } });
  return {
    version: 1,
    cluster: "lab",
    system: "dataphin",
    hosts: [{ name: "jump", transport: "openssh", address: "jump", user: null, stateDirectory: "/var/lib/stillwater", domain: null }],
    nodes: [
      { ...node("application", lab.endpoints.openapi), options: { role: "application", logon: `http://${lab.endpoints.console}/login` } },
      node("manager", lab.endpoints.manager),
      node("gateway", lab.endpoints.gateway),
      node("realtime", lab.endpoints.realtime),
    ],
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: false, route: null, rate: 1, minAcks: 1, verifyAfterS: 1 },
    options: {
      openapi: { accessKeyId: lab.credentials.accessKeyId, accessKeySecret: "@env:DATAPHIN_SECRET", tenantId: lab.credentials.tenantId },
      timeZone: "UTC",
      upgrade: by === "command" ? { by, command: ["lab-manager"] } : { by },
      watch: watchKeys(lab),
      ...keys,
    },
  };
}
