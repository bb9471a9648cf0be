// One seed: a whole upgrade by the real engine and driver while programs run, one fault on the way, and the judgement of its end.
import type { MemoryCdap, MemoryCdapOptions } from "../../../lab/cdap/memory/cluster.ts";
import { seededRandom } from "../../../lab/kit/random.ts";
import { verdicts } from "../../../src/drivers/cdap/checks/verdicts.ts";
import type { CdapFacts } from "../../../src/drivers/cdap/facts.ts";
import { markArgument } from "../../../src/drivers/cdap/ledger/run-records.ts";
import { planOptions } from "../../../src/drivers/cdap/planning/options.ts";
import { defaultTiming, type Timing } from "../../../src/engine/rules.ts";
import type { Goal } from "../../../src/model/goal.ts";
import { isUndo, type Turn } from "../../../src/model/step.ts";
import { makePlan } from "../../../src/planner/plan.ts";
import type { Instant, Moment } from "../../orchestrator/instants.ts";
import { Operator, type Ended } from "../../orchestrator/operator.ts";
import { Mortal } from "../../orchestrator/process.ts";
import { judgeWork, type Expected, type WorkVerdict } from "../../validators/cdap-work.ts";
import { nameOf, workOf } from "../snapshot.ts";
import { AUTH, Stand } from "../stand.ts";
import { columnOf, type Column } from "./columns.ts";
import { WORKFLOWS, endLostRuns, fire, type Bit, type FaultKind } from "./faults.ts";

export interface TrialOptions {
  readonly seed: number;
  /** Null: nothing goes wrong. */
  readonly fault: { readonly kind: FaultKind; readonly at: Column } | null;
  /** Stillwater is killed there, once. */
  readonly crash?: { readonly number: number; readonly moment: Moment };
  /** CDAP itself and its applications afterwards, or applications alone on a CDAP that was replaced before. */
  readonly of: "platform" | "applications";
  /** The server's own budget for a stop, seconds; absent: as it is shipped. */
  readonly budgetSeconds?: number;
  /** Default: 6.8.3 to 6.9.2. */
  readonly releases?: { readonly from: string; readonly to: string };
  /** A workflow with two runs, and a run that stays on an older version of its application, where there are versions. */
  readonly busy?: boolean;
  /** The platform lets streaming sources keep their own state (facts 2.1). */
  readonly tracksState?: boolean;
  /** Somebody cuts the server's budget after the plan was made: what it says of losses is wrong then. For tests of the judgement. */
  readonly sabotage?: boolean;
  readonly cdap?: MemoryCdapOptions;
  readonly timing?: Timing;
}
export interface TrialResult {
  readonly seed: number;
  readonly ended: Ended;
  readonly work: WorkVerdict;
  readonly fired: { readonly kind: FaultKind; readonly at: Column } | null;
  /** The fault has done something: a request was lost, a token asked for again. */
  readonly bit: boolean;
  readonly version: string | null;
  readonly virtualMs: number;
  readonly reached: readonly Instant[];
  /** Records that reached the sinks in the run. */
  readonly delivered: number;
  readonly runsBefore: number;
  /** What the run was doing when it did not end. */
  readonly said: string;
}

export const RELEASES = { from: "6.8.3", to: "6.9.2" } as const;
const BUDGET = "app.program.max.stop.seconds";
const LONGEST_MS = 24 * 3_600_000;
const SETTLE_MS = 120_000;
const POLL_MS = 100;
/** Drains last minutes: looks that are further apart find the same, for a fraction of the work. */
const coarse: Timing = { ...defaultTiming, pollMinMs: 50, pollMaxMs: 2_000 };
const CONTINUOUS = /\.(SERVICE|WORKER)\.|\.DataStreamsSparkStreaming$/;

export async function playTrial(options: TrialOptions): Promise<TrialResult> {
  const { seed, budgetSeconds, tracksState = false } = options;
  const auth = options.fault?.kind === "token over" ? { auth: AUTH } : {};
  const site = {
    ...(budgetSeconds === undefined ? {} : { [BUDGET]: String(budgetSeconds) }),
    ...(tracksState ? { "feature.streaming.pipeline.native.state.tracking.enabled": "true" } : {}),
  };
  const stand = new Stand({ seed, apps: 12, site, release: (options.releases ?? RELEASES).from, ...auth, ...options.cdap });
  return stand.cdap.world.run(new TrialRun(stand, options).play(), LONGEST_MS);
}

class TrialRun {
  readonly #stand: Stand;
  readonly #options: TrialOptions;
  readonly #random: () => number;
  readonly #touched = new Set<string>();
  #fired: TrialResult["fired"] = null;
  #firing: Promise<Bit> = Promise.resolve(() => false);
  #over = false;

  constructor(stand: Stand, options: TrialOptions) {
    this.#stand = stand;
    this.#options = options;
    this.#random = seededRandom(options.seed * 7_919 + 13);
  }

  async play(): Promise<TrialResult> {
    const { cdap } = this.#stand;
    const { world } = cdap;
    await cdap.start();
    await world.sleep(60_000 + this.#random() * 30_000);
    if (this.#options.of === "applications") {
      await cdap.replace(this.#releases.to);
      await world.sleep(60_000);
    }
    if (this.#options.busy === true) {
      const [edited, doubled] = WORKFLOWS;
      cdap.platform.programs.start(doubled);
      await deployAgain(cdap, edited.namespace, edited.app);
      await world.sleep(10_000);
    }
    const { turns, verdictOf } = await this.#plan();
    const before = await workOf(cdap);
    if (this.#options.sabotage === true) cdap.settings.site[BUDGET] = "1";
    // What CDAP itself brings has its version; the rest has no newer artefact.
    const own = before.apps.filter(({ artifact }) => artifact === "cdap-data-pipeline" || artifact === "cdap-data-streams");
    const operator = this.#operator();
    const began = world.now();
    this.#watch(operator, turns);
    const ended = await operator.toTheEnd(turns);
    const virtualMs = world.now() - began;
    this.#over = true;
    const bit = await this.#firing;
    if (!cdap.running) await cdap.start();
    await world.sleep(SETTLE_MS);
    const after = await workOf(cdap);
    const expected: Expected = {
      mark: markArgument,
      othersTouched: this.#touched,
      isContinuous: (program) => CONTINUOUS.test(program),
      targets: new Map(own.map(({ app }) => [app, this.#releases.to])),
      verdicts: verdictOf,
    };
    const sum = (work: typeof after): number => work.records.reduce((all, { delivered }) => all + delivered, 0);
    return {
      seed: this.#options.seed,
      ended,
      work: judgeWork(before, after, expected),
      fired: this.#fired,
      bit: bit(),
      version: cdap.settings.release,
      virtualMs,
      reached: operator.instants.reached,
      delivered: sum(after) - sum(before),
      runsBefore: before.runs.filter(({ ended: over, parent }) => !over && parent === null).length,
      said: operator.said,
    };
  }

  get #releases(): { readonly from: string; readonly to: string } {
    return this.#options.releases ?? RELEASES;
  }
  #operator(): Operator<CdapFacts> {
    const { cdap } = this.#stand;
    return new Operator<CdapFacts>({
      clock: cdap.world,
      hosts: this.#stand,
      timing: this.#options.timing ?? coarse,
      driver: (process) => this.#stand.driver(process),
      watchdog: () => this.#options.fault?.kind !== "killed, nobody there",
      pauseMs: () => 15_000 + this.#random() * 30_000,
      approve: () => {
        void endLostRuns(cdap);
        return true;
      },
    });
  }
  async #plan(): Promise<{ readonly turns: readonly Turn[]; readonly verdictOf: Expected["verdicts"] }> {
    const { world } = this.#stand.cdap;
    const driver = this.#stand.driver(new Mortal(world));
    const applications = this.#options.of === "applications";
    const asked: Goal = {
      version: applications ? "latest" : this.#releases.to,
      artefact: null,
      settings: {},
      restart: false,
      mode: "auto",
      only: null,
      options: { [applications ? "apps" : "apps-after"]: "all", "real-time": "redeploy" },
    };
    const goal = (await driver.complete?.(asked)) ?? asked;
    const facts = await driver.inspect();
    const accepted = (code: string) => ({ code, by: "the trial", reason: "to see what it costs" });
    const { turns } = makePlan(driver, {
      cluster: "pipelines",
      goal,
      facts,
      examined: (await driver.examine?.(facts, goal)) ?? [],
      overrides: [accepted("data-loss")],
      rollsBack: null,
      createdAt: new Date(world.now()).toISOString(),
      createdBy: "the trial",
    });
    const options = planOptions(goal);
    if ("refused" in options) throw new Error(options.refused);
    await driver.close();
    return {
      turns,
      verdictOf: new Map(verdicts(facts, goal, options).map(({ pipeline, verdict }) => [`${pipeline.ns}.${pipeline.app}`, verdict.is])),
    };
  }

  /** Tells of each step that Stillwater reaches: by what it writes and sends, and by what it says that it waits for. */
  #watch(operator: Operator<CdapFacts>, turns: readonly Turn[]): void {
    const { crash } = this.#options;
    const { world } = this.#stand.cdap;
    const ids = turns.flatMap(({ items }) => items.flatMap((item) => (isUndo(item) ? [] : [item.id])));
    operator.instants.on((number, instant, moment) => {
      if (moment === "before") this.#entered(instant.step, operator);
      return crash !== undefined && number === crash.number && moment === crash.moment;
    });
    const look = (): void => {
      if (this.#over) return;
      const known = ids.filter((id) => operator.said.startsWith(`${id} `)).toSorted((a, b) => b.length - a.length);
      this.#entered(known[0] ?? null, operator);
      world.after(POLL_MS, look);
    };
    look();
  }
  #entered(step: string | null, operator: Operator<CdapFacts>): void {
    const { fault } = this.#options;
    if (fault === null || step === null || this.#fired !== null || columnOf(step) !== fault.at) return;
    this.#fired = { kind: fault.kind, at: fault.at };
    this.#firing = fire(fault.kind, {
      cdap: this.#stand.cdap,
      random: this.#random,
      killStillwater: () => operator.kill(),
      touched: (program) => this.#touched.add(nameOf(program)),
    });
  }
}

/** As the studio does when somebody saves a pipeline: from 6.9 on a new version, which runs under way do not see. */
async function deployAgain({ platform: { cluster } }: MemoryCdap, namespace: string, app: string): Promise<void> {
  const path = `/v3/namespaces/${namespace}/apps/${app}`;
  const detail = await cluster.serve({ method: "GET", path, headers: {}, body: "" });
  const { artifact, configuration } = JSON.parse(detail?.body ?? "") as { readonly artifact: object; readonly configuration: string };
  const reply = await cluster.serve({
    method: "PUT",
    path,
    headers: {},
    body: JSON.stringify({ artifact, config: JSON.parse(configuration) as object }),
  });
  if (reply?.status !== 200) throw new Error(`${path} was not deployed again: ${reply?.body ?? "no answer"}`);
}
