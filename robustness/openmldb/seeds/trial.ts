// One seed: a whole upgrade by the real engine and driver under load, one fault while a leader move is under way, and the judgement of its end.
import { seededRandom } from "../../../lab/kit/random.ts";
import type { Goal } from "../../../src/model/goal.ts";
import type { Turn } from "../../../src/model/step.ts";
import { makePlan } from "../../../src/planner/plan.ts";
import type { OmFacts } from "../../../src/drivers/openmldb/facts.ts";
import type { Instant, Moment } from "../../orchestrator/instants.ts";
import { Operator, type Ended } from "../../orchestrator/operator.ts";
import { Mortal } from "../../orchestrator/process.ts";
import { moveMethods, Moves, type DrainStep, type Move } from "../moves.ts";
import { RELEASES, Stand, STILLWATER } from "../stand.ts";
import { hearAnswers, seeRequests } from "../tap.ts";
import { Writers } from "../writers.ts";
import { fire, type FaultKind } from "./faults.ts";
import { baselineOf, fruitlessOperations, judgeEnd, operationsBegun, type Baseline, type EndState } from "./judge.ts";

export type FenceChoice = "partition" | "tablet" | "hook" | "none";
export interface TrialOptions {
  readonly seed: number;
  readonly fence: FenceChoice;
  /** Null: nothing goes wrong. */
  readonly fault: { readonly kind: FaultKind; readonly step: DrainStep; readonly occurrence: number } | null;
  /** Nodes that are upgraded; null: all. */
  readonly only: readonly string[] | null;
  /** Stillwater is killed there, once. */
  readonly crash?: { readonly number: number; readonly moment: Moment };
  readonly partitions?: number;
  readonly perPartition?: number;
}
export interface TrialResult {
  readonly seed: number;
  readonly ended: Ended;
  readonly end: EndState;
  /** Where the fault fired: with a move under way; null: it never did. */
  readonly fired: { readonly kind: FaultKind; readonly step: DrainStep } | null;
  readonly moves: readonly Move[];
  /** The fewest rows that a moved partition acknowledged in its window. */
  readonly fewestAcks: number;
  readonly acknowledged: number;
  /** Operations beyond what the moves need. */
  readonly doubleActions: readonly string[];
  readonly virtualMs: number;
  /** Where Stillwater touched the world, in order, over all its processes. */
  readonly reached: readonly Instant[];
  readonly refusals: ReadonlyMap<string, number>;
  /** What the run was doing when it did not end. */
  readonly said: string;
}

/** Steps that are over in less than a second, and then leaders are moved. */
const leadsToMoves = /^(unpack openmldb tablet|auto_failover tablet|move tablet|recovered tablet)/;

export const DB = "test";
export const TABLE = "t1";
const LONGEST_MS = 3 * 3_600_000;
/** Before a move begins and after it ends its window goes on so long, in milliseconds. */
const MARGIN_MS = 1_500;

export async function playTrial(options: TrialOptions): Promise<TrialResult> {
  const { seed, partitions = 6 } = options;
  const stand = new Stand({ seed, nameservers: 2, tablets: 3, apiservers: 2, partitions, replicas: 2 });
  const trial = new TrialRun(stand, options);
  return stand.cluster.world.run(trial.play(), LONGEST_MS);
}

class TrialRun {
  readonly #stand: Stand;
  readonly #options: TrialOptions;
  readonly #random: () => number;
  readonly #moves: Moves;
  readonly #tids = new Map<string, number>();
  readonly #ownStarts = new Map<string, number>();
  #fired: TrialResult["fired"] = null;
  #hit: Move | null = null;
  #firing: Promise<void> = Promise.resolve();
  #seen = 0;

  constructor(stand: Stand, options: TrialOptions) {
    this.#stand = stand;
    this.#options = options;
    this.#random = seededRandom(options.seed * 7_919 + 13);
    this.#moves = new Moves(
      () => stand.cluster.world.now(),
      (db, name) => this.#tids.get(`${db}.${name}`) ?? -1,
    );
  }

  async play(): Promise<TrialResult> {
    const { cluster } = this.#stand;
    const { world } = cluster;
    hearAnswers(cluster.network, moveMethods, (answered) => this.#moves.hears(answered));
    await cluster.boot();
    await cluster.settled();
    this.#tids.set(`${DB}.${TABLE}`, (await cluster.table(DB, TABLE)).tid);
    for (const { db, name, tid } of await hiddenTables(this.#stand)) this.#tids.set(`${db}.${name}`, tid);
    const writers = this.#writers();
    await cluster.until("the APIServers take rows", async () => (await writers.put(writers.apiserver(0), 0, 0)).outcome === "acknowledged");
    writers.start();
    await world.sleep(500 + this.#random() * 1_500);
    const before = await baselineOf(cluster);
    const began = world.now();
    const operator = this.#makeOperator(writers);
    this.#operator = operator;
    const turns = await this.#plan();
    seeRequests(cluster.network, STILLWATER, (method, request) => this.#moves.sees(method, request));
    if (this.#options.fault !== null) this.#moves.onRequest((step) => this.#entered(step, operator));
    const { crash } = this.#options;
    if (crash) operator.instants.on((number, _, moment) => number === crash.number && moment === crash.moment);
    const ended = await operator.toTheEnd(turns);
    const virtualMs = world.now() - began;
    await this.#firing;
    await world.sleep(2_000);
    writers.stop();
    await cluster.until("the writers have their answers", async () => writers.underWay() === 0);
    return this.#judge(ended, operator, writers, before, virtualMs);
  }

  #operator: Operator<OmFacts> | null = null;

  #writers(): Writers {
    const { cluster } = this.#stand;
    const { partitions = 6, perPartition = 10 } = this.#options;
    return new Writers({
      clock: cluster.world,
      network: cluster.network,
      apiservers: cluster.of("apiserver").map(({ endpoint }) => endpoint),
      db: DB,
      table: TABLE,
      partitions,
      perPartition,
      // Rows that were sent just before a move are those that it may lose.
      slowly: () => this.#moves.underWay().length === 0 && this.#moves.quietFor(MARGIN_MS) && !leadsToMoves.test(this.#operator?.said ?? ""),
    });
  }
  #makeOperator(writers: Writers): Operator<OmFacts> {
    const { world } = this.#stand.cluster;
    const traffic = {
      pause: async (): Promise<void> => writers.pause(),
      resume: async (): Promise<void> => writers.resume(),
    };
    return new Operator({
      clock: world,
      hosts: this.#stand,
      driver: (process) => this.#stand.driver(process, this.#options.fence === "hook" ? traffic : null),
      watchdog: () => this.#options.fault?.kind !== "killed, nobody there",
      pauseMs: () => 2_000 + this.#random() * 15_000,
      // Rows of an old leader are accepted as lost only where nothing keeps them.
      approve: (step) => this.#options.fence === "none" || !step.includes("over"),
    });
  }
  async #plan(): Promise<readonly Turn[]> {
    const { world } = this.#stand.cluster;
    const driver = this.#stand.driver(new Mortal(world), this.#options.fence === "hook" ? { pause: async () => {}, resume: async () => {} } : null);
    const { fence, only } = this.#options;
    const goal: Goal = {
      version: RELEASES.to,
      artefact: this.#stand.artefact,
      settings: {},
      restart: false,
      mode: "auto",
      only,
      options: fence === "partition" ? {} : { fence },
    };
    const facts = await driver.inspect();
    const { turns } = makePlan(driver, {
      cluster: "shop",
      goal,
      facts,
      examined: await driver.examine(facts, goal),
      overrides: [],
      rollsBack: null,
      createdAt: new Date(world.now()).toISOString(),
      createdBy: "the trial",
    });
    return turns;
  }

  /** Stillwater has reached a step of some move: is it the one? */
  #entered(step: DrainStep, operator: Operator<OmFacts>): void {
    const { fault } = this.#options;
    if (fault === null || this.#fired !== null || step !== fault.step || ++this.#seen < fault.occurrence) return;
    const move = this.#moves.underWay().find((each) => each.step === step) ?? this.#moves.underWay()[0];
    if (move === undefined) return;
    this.#fired = { kind: fault.kind, step };
    this.#hit = move;
    this.#firing = this.#fire(fault.kind, step, move, operator);
  }
  async #fire(kind: FaultKind, step: DrainStep, move: Move, operator: Operator<OmFacts>): Promise<void> {
    const { cluster } = this.#stand;
    const scene = {
      cluster,
      random: this.#random,
      tid: move.tid,
      pid: move.pid,
      killStillwater: () => operator.kill(),
      moving: () => this.#moves.underWay().flatMap((each) => (each.tid === this.#tids.get(`${DB}.${TABLE}`) ? [each.pid] : [])),
      ...(await this.#replicas(move, kind)),
    };
    const running = new Map(cluster.nodes.map(({ name, running: process }) => [name, process]));
    await fire(kind, step, scene);
    for (const { name, running: process } of cluster.nodes)
      if (kind.endsWith("killed") && process !== null && running.get(name) !== null && process !== running.get(name)) this.#ownStarts.set(name, 1);
  }
  /** Operations of one move beyond the one change and the one recovery that it takes, those left out that came to nothing. */
  async #doubleActions(): Promise<readonly string[]> {
    const { cluster } = this.#stand;
    const fruitless = await fruitlessOperations(cluster);
    const began = operationsBegun(cluster);
    // A tablet that died is recovered beside the move; the vendor's tool recovers what it likes; a recovery is asked for again when what it began has failed.
    const more = this.#options.fault !== null && /tablet killed|vendor|failed task/.test(this.#options.fault.kind) ? 1 : 0;
    return this.#moves.all.flatMap(({ tid, pid, began: from, ended }) => {
      const own = began.filter(
        ({ at, name, pid: of, id }) =>
          of === pid &&
          at >= from &&
          at <= (ended ?? Infinity) &&
          [...this.#tids].some(([key, each]) => each === tid && key.endsWith(`.${name}`)) &&
          !fruitless.has(id),
      );
      // RecoverTable that finds its leader gone begins nothing, and does not fail either (facts 2.8).
      const of = (type: RegExp): readonly number[] => own.filter((each) => type.test(each.type)).map(({ id }) => id);
      const [changes, recoveries] = [of(/^kChangeLeaderOP$/), of(/^kReAddReplica/)];
      return changes.length > 1 || recoveries.length > 1 + more
        ? [`${tid}/${pid}: kChangeLeaderOP ${changes.join(", ")}, kReAddReplica ${recoveries.join(", ")}`]
        : [];
    });
  }
  /** By the lab's own metadata; only where the fault is about a tablet, because asking takes time. */
  async #replicas({ tid, pid }: Move, kind: FaultKind): Promise<{ readonly source: string; readonly target: string }> {
    if (!kind.includes("tablet")) return { source: "", target: "" };
    const { cluster } = this.#stand;
    const tables = await cluster.ask<{ readonly code: number; readonly table_info?: readonly TableRow[] }>("ShowTable", { show_all: true });
    const metas = tables.table_info?.find((each) => each.tid === tid)?.table_partition.find((each) => each.pid === pid)?.partition_meta ?? [];
    const source = metas.find((meta) => meta.is_leader)?.endpoint ?? "";
    return { source, target: metas.find((meta) => meta.endpoint !== source)?.endpoint ?? source };
  }

  async #judge(ended: Ended, operator: Operator<OmFacts>, writers: Writers, before: Baseline, virtualMs: number): Promise<TrialResult> {
    const { cluster } = this.#stand;
    const { only } = this.#options;
    // What does not settle is seen by the judgement.
    if (ended.outcome?.is === "succeeded") await cluster.settled().catch(() => undefined);
    const end = await judgeEnd(cluster, before, writers, {
      upgraded: cluster.nodes.flatMap(({ name }) => (only === null || only.includes(name) ? [name] : [])),
      release: RELEASES.to,
      ownStarts: this.#ownStarts,
      leadersReturn: true,
    });
    const moved = this.#moves.all.filter((move) => move.ended !== null && move.tid === this.#tids.get(`${DB}.${TABLE}`));
    const acks = moved.map(({ pid, began, ended: until }) => {
      const over = until ?? began;
      // Where the application is held back around many moves, what it had sent before is at stake in each of them.
      const pauses = writers.held.filter((pause) => pause.from <= over && (pause.until ?? Infinity) >= began);
      const from = Math.min(began, ...pauses.map((pause) => pause.from));
      const to = Math.max(over, ...pauses.map((pause) => pause.until ?? over));
      return writers.acknowledged(pid, from - MARGIN_MS, to + MARGIN_MS);
    });
    return {
      seed: this.#options.seed,
      ended,
      end,
      fired: this.#hit === null ? null : this.#fired,
      moves: this.#moves.all,
      fewestAcks: acks.length === 0 ? 0 : Math.min(...acks),
      acknowledged: writers.rows.filter((row) => row.outcome === "acknowledged").length,
      doubleActions: await this.#doubleActions(),
      virtualMs,
      reached: operator.instants.reached,
      refusals: writers.refusals,
      said: operator.said,
    };
  }
}

interface TableRow {
  readonly db: string;
  readonly name: string;
  readonly tid: number;
  readonly table_partition: readonly {
    readonly pid: number;
    readonly partition_meta: readonly { readonly endpoint: string; readonly is_leader: boolean }[];
  }[];
}
async function hiddenTables({ cluster }: Stand): Promise<readonly TableRow[]> {
  const { table_info = [] } = await cluster.ask<{ readonly code: number; readonly table_info?: readonly TableRow[] }>("ShowTable", {
    show_all: true,
  });
  return table_info;
}
