// The real engine and the real operations on a CDAP in memory, on virtual time; whoever kills, pauses and answers is the harness's operator.
import { ENDPOINT, HOST, memoryCdap, REPLACE, type MemoryCdap, type MemoryCdapOptions } from "../../../../lab/cdap/memory/cluster.ts";
import type { MemoryHost } from "../../../../lab/kit/memory-host.ts";
import { Operator, type Ended } from "../../../../robustness/orchestrator/operator.ts";
import type { Mortal } from "../../../../robustness/orchestrator/process.ts";
import { Decider } from "../../../engine/decide.ts";
import { RunFold } from "../../../engine/run-fold.ts";
import { hostErrors } from "../../../hosts/testing/memory-host-errors.ts";
import type { ClusterDefinition } from "../../../model/cluster.ts";
import type { Check } from "../../../model/facts.ts";
import type { Handles, StepEvidence, SystemProof } from "../../../model/driver.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { Goal, Maintenance } from "../../../model/goal.ts";
import type { HttpReply, HttpRequest } from "../../../model/http.ts";
import type { Json } from "../../../model/json.ts";
import type { Turn } from "../../../model/step.ts";
import { checkDraft } from "../../../planner/checker.ts";
import { CdapDriver } from "../driver.ts";
import type { CdapFacts } from "../facts.ts";
import { openCluster, type CdapCluster } from "../open-cluster.ts";
import type { ClusterOptions } from "../options.ts";
import { prove } from "../prove.ts";
import { MemoryFiles } from "./memory-files.ts";

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
export const maintenance = (is: Maintenance): Goal => goalOf({ maintenance: is });

export interface MemoryRunOptions extends MemoryCdapOptions {
  /** Approves questions; default: every one that the plan asks, no other. */
  readonly approve?: (step: string, question: string) => boolean;
  readonly upgrade?: ClusterOptions["upgrade"];
  readonly checkpoints?: ClusterOptions["checkpoints"];
  /** What the reference in the cluster file stands for; absent: it names none. */
  readonly backupKey?: string;
}
export interface Sent {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly body: string;
}

export class MemoryRun {
  readonly lab: MemoryCdap;
  readonly files = new MemoryFiles();
  /** Every request of Stillwater, with the virtual time. */
  readonly sent: Sent[] = [];
  turns: readonly Turn[] = [];
  /** What the kept plan was made from. */
  planned: CdapFacts | null = null;
  readonly schedulesAtFirst: readonly string[];
  operator: Operator<CdapFacts>;
  readonly #options: MemoryRunOptions;
  backupKey: string | undefined;
  /** What becomes of a request instead; null: what the lab answers. */
  meddle: (sent: Sent) => HttpReply | null = () => null;
  #losing: { readonly which: (sent: Sent) => boolean; left: number } | null = null;
  readonly #host: MemoryHost;

  private constructor(lab: MemoryCdap, options: MemoryRunOptions) {
    this.lab = lab;
    this.#options = options;
    this.backupKey = options.backupKey;
    this.#host = lab.host(hostErrors);
    this.operator = this.#newOperator();
    this.schedulesAtFirst = this.schedules();
  }
  static async begin(options: MemoryRunOptions = {}): Promise<MemoryRun> {
    return new MemoryRun(await startedCdap(options), options);
  }

  #newOperator(): Operator<CdapFacts> {
    const { approve = (_: string, question: string) => question.startsWith("Every program is drained") } = this.#options;
    return new Operator<CdapFacts>({
      clock: this.lab.world,
      hosts: this.#host,
      driver: (process) => this.driver(process),
      watchdog: () => true,
      pauseMs: () => 5_000,
      approve,
    });
  }
  /** So many answers to these requests are lost; the requests arrive. */
  lose(which: (sent: Sent) => boolean, times: number): void {
    this.#losing = { which, left: times };
  }
  /** Somebody deploys it again as it is: a new version where the release keeps several. */
  async redeploy(ns: string, app: string): Promise<void> {
    const { api } = this.cluster();
    const detail = await this.lab.world.run(api.appDetail(ns, app));
    if (detail === null) throw new Error(`there is no ${app}`);
    const config = JSON.parse(detail.configuration ?? "{}") as Json;
    const fence = { run: "1", epoch: 0, connection: 1, signal: new AbortController().signal };
    const { status, words } = await this.lab.world.run(api.deployApp(fence, ns, app, { artifact: detail.artifact, config }));
    if (status !== 200) throw new Error(words);
  }
  /** Somebody else's way to it. */
  cluster(): CdapCluster {
    return openCluster(definitionOf({}), this.#handles(), { files: this.files, wait: (ms) => this.lab.world.sleep(ms) });
  }
  #handles(): Handles {
    const cdap = this.lab;
    const http = cdap.http({
      refused: (message, object) => new Refused(message, { object }),
      unreachable: (message, object) => new Unreachable(message, { object }),
    });
    return { host: () => this.#host, http: () => http, secret: async (reference) => reference, now: () => cdap.world.now() };
  }
  /** As a process of Stillwater has it; null: one that nobody kills. */
  driver(process: Mortal | null = null): CdapDriver {
    const cdap = this.lab;
    const http = cdap.http({
      refused: (message, object) => new Refused(message, { object }),
      unreachable: (message, object) => new Unreachable(message, { object }),
    });
    const request = async (asked: HttpRequest) => {
      const sent: Sent = { at: cdap.world.now(), method: asked.method, path: asked.url.replace(`http://${ENDPOINT}`, ""), body: asked.body ?? "" };
      this.sent.push(sent);
      const instead = this.meddle(sent);
      if (instead !== null) return instead;
      const reply = await (process === null ? http.request(asked) : process.live(() => http.request(asked)));
      if (this.#losing === null || this.#losing.left === 0 || !this.#losing.which(sent)) return reply;
      this.#losing.left -= 1;
      throw new Unreachable(`${sent.path} did not answer`, { object: ENDPOINT });
    };
    return new CdapDriver(
      definitionOf({
        upgrade: this.#options.upgrade ?? { by: "command", command: [REPLACE] },
        ...(this.#options.checkpoints === undefined ? {} : { checkpoints: this.#options.checkpoints }),
        ...(this.backupKey === undefined ? {} : { backupKey: "@env:KEY" }),
      }),
      { host: () => this.#host, http: () => ({ request }), secret: async () => this.backupKey ?? "", now: () => cdap.world.now() },
      { wait: (ms) => (process === null ? cdap.world.sleep(ms) : process.sleep(ms)), files: this.files },
    );
  }

  inspect(): Promise<CdapFacts> {
    return this.lab.world.run(this.driver().inspect());
  }
  /** Prechecks of a goal that ask hosts and files. */
  async examined(goal: Goal): Promise<readonly Check[]> {
    const facts = await this.inspect();
    return this.lab.world.run(this.driver().examine(facts, goal));
  }
  /** Plans and checks; the plan is kept. Error when the driver refuses or the checker finds anything. */
  async plan(goal: Goal): Promise<readonly Turn[]> {
    const facts = await this.inspect();
    const driver = this.driver();
    const draft = driver.plan(facts, await driver.complete(goal));
    if ("refused" in draft) throw new Error(draft.refused);
    const wrong = checkDraft(driver, facts, draft);
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
    this.operator = this.#newOperator();
    this.planned = facts;
    this.turns = JSON.parse(JSON.stringify(draft.turns)) as readonly Turn[];
    return this.turns;
  }
  /** The kept plan, to its end. */
  run(withinMs = 24 * 3_600_000): Promise<Ended> {
    return this.lab.world.run(this.operator.toTheEnd(this.turns), withinMs);
  }

  /** `stillwater abort` of the kept plan, to its end. */
  abort(): Promise<Ended> {
    this.operator.journal.wish("abort");
    return this.run();
  }

  /** Proofs of every step that is done, those of undos among them. */
  evidence(): readonly StepEvidence[] {
    const events = this.operator.journal.read();
    const fold = new RunFold(this.turns, events);
    const decider = new Decider(fold, this.driver().operations);
    for (const step of fold.known.values()) decider.undoing(step);
    return events.flatMap((event) => {
      const step = event.is === "done" ? fold.known.get(event.step) : undefined;
      return event.is === "done" && step !== undefined ? [{ step: step.id, do: step.do, params: step.params, proof: event.proof }] : [];
    });
  }
  /** Proof of the last step of that operation. */
  proof(operation: string): Json {
    const found = this.evidence().findLast((each) => each.do === operation);
    if (found === undefined) throw new Error(`no step ${operation} is done`);
    return found.proof;
  }
  async proved(): Promise<SystemProof> {
    const after = await this.inspect();
    return prove(this.evidence(), after, after);
  }
  /** Programs that run now, one entry for each run that no workflow has started, sorted. */
  running(): readonly string[] {
    return this.lab.platform.programs
      .all()
      .filter(({ end, parent, program }) => end === null && parent === null && program.namespace !== "system")
      .map(({ program: { namespace, app, type, name } }) => `${namespace}.${app}.${type}.${name}`)
      .toSorted();
  }
  /** Schedules that are SCHEDULED, sorted. */
  schedules(): readonly string[] {
    const { schedules } = this.lab.platform;
    return schedules
      .all()
      .filter(({ status }) => status === "SCHEDULED")
      .map(({ namespace, application, name }) => `${namespace}.${application}.${name}`)
      .toSorted();
  }
  /** `NS.APP` to its versions, oldest first. */
  versions(): Readonly<Record<string, readonly string[]>> {
    const { applications } = this.lab.platform.cluster;
    return Object.fromEntries(
      ["default", "finance"].flatMap((ns) =>
        applications
          .apps(ns)
          .map((app): [string, readonly string[]] => [`${ns}.${app}`, (applications.versions(ns, app) ?? []).map(({ version }) => version)]),
      ),
    );
  }
  count(method: string, pattern: RegExp): number {
    return this.sent.filter((each) => each.method === method && pattern.test(each.path)).length;
  }
}

const definitionOf = (options: ClusterOptions): ClusterDefinition => ({
  version: 1,
  cluster: "lab",
  system: "cdap",
  hosts: [{ name: HOST, transport: "openssh", address: HOST, user: null, stateDirectory: "/var/lib/stillwater", domain: null }],
  nodes: [{ name: "router", host: HOST, endpoint: ENDPOINT, service: null, options: { role: "router" } }],
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: null, rate: 1, minAcks: 1, verifyAfterS: 1 },
  options: { ...options },
});

/** Longest start of a program, from its request on. */
const startedMs = 10_000;
async function startedCdap(options: MemoryCdapOptions): Promise<MemoryCdap> {
  const cdap = await memoryCdap(options);
  await cdap.world.advance(startedMs);
  return cdap;
}
