// One seed: a whole grayscale upgrade by the real engine and driver while an application writes, one fault on the way, and the judgement of its end.
import { seededRandom } from "../../../lab/kit/random.ts";
import type { MemoryClusterOptions } from "../../../lab/dolphindb/memory/cluster.ts";
import { ServerError } from "../../../lab/dolphindb/logic/node.ts";
import type { LabValue } from "../../../lab/dolphindb/value.ts";
import type { DdFacts } from "../../../src/drivers/dolphindb/facts.ts";
import type { Timing } from "../../../src/engine/rules.ts";
import type { Goal } from "../../../src/model/goal.ts";
import { StillwaterError } from "../../../src/model/errors.ts";
import { isUndo, type Turn } from "../../../src/model/step.ts";
import { makePlan } from "../../../src/planner/plan.ts";
import type { Instant, Moment } from "../../orchestrator/instants.ts";
import { Operator, type Ended } from "../../orchestrator/operator.ts";
import { Mortal } from "../../orchestrator/process.ts";
import { judgeHistory, type HistoryVerdict } from "../../validators/dolphindb-history.ts";
import { judgeRows, type RowVerdict } from "../../validators/dolphindb-rows.ts";
import type { NodeLog } from "../../validators/dolphindb-times.ts";
import { judgeState, type StateVerdict } from "../../validators/dolphindb-state.ts";
import { ApiSession } from "../api-client.ts";
import { Recorder } from "../recorder.ts";
import { replicaRows, snapshotOf } from "../snapshot.ts";
import { RELEASES, Stand } from "../stand.ts";
import { createTable, Writers } from "../writers.ts";
import { fire, type FaultKind } from "./faults.ts";
import { columnOf, type Column } from "./columns.ts";

export interface TrialOptions {
  readonly seed: number;
  /** Null: nothing goes wrong. */
  readonly fault: { readonly kind: FaultKind; readonly at: Column; readonly occurrence: number } | null;
  /** Stillwater is killed there, once. */
  readonly crash?: { readonly number: number; readonly moment: Moment };
  /** Absent: host by host. */
  readonly mode?: "zero-downtime" | "downtime";
  readonly cluster?: MemoryClusterOptions;
  /** A slow machine: how long it takes to put the new files in place; milliseconds. */
  readonly replaceMs?: number;
  readonly partitions?: number;
  /** Of each partition. */
  readonly everyMs?: number;
  /** How often the engine looks; absent: less often than the product does, which finds the same for a fraction of the work. */
  readonly timing?: Timing;
}
export interface TrialResult {
  readonly seed: number;
  readonly ended: Ended;
  readonly mode: "zero-downtime" | "downtime";
  /** Of the run after an abort that has left hosts on both releases; null: there was none. */
  readonly wayBack: Ended | null;
  readonly rows: RowVerdict;
  readonly state: StateVerdict;
  readonly history: HistoryVerdict;
  readonly fired: { readonly kind: FaultKind; readonly at: Column } | null;
  /** Of every node at the end, by alias. */
  readonly versions: Readonly<Record<string, string | null>>;
  /** First step of the run; milliseconds since 1970. */
  readonly began: number;
  readonly virtualMs: number;
  /** Of the writers, by the vendor's API. */
  readonly waits: Writers["waits"];
  readonly logs: readonly NodeLog[];
  readonly reached: readonly Instant[];
  readonly refusals: ReadonlyMap<string, number>;
  /** What the run was doing when it did not end. */
  readonly said: string;
}

const DATABASE = "dfs://shop";
const TABLE = "orders";
const LONGEST_MS = 8 * 3_600_000;
const SETTLE_MS = 1_200_000;
const POLL_MS = 100;

export async function playTrial(options: TrialOptions): Promise<TrialResult> {
  const { replaceMs = 0 } = options;
  const stand: Stand = new Stand(
    { seed: options.seed, controllerSettings: { datanodeRestartInterval: "30" }, ...options.cluster },
    {
      disturb: async ({ what, after }) => {
        if (replaceMs > 0 && !after && what.startsWith("run sh -c") && what.includes(" exchange /")) await stand.cluster.world.sleep(replaceMs);
      },
    },
  );
  return stand.cluster.world.run(new TrialRun(stand, options).play(), LONGEST_MS);
}

class TrialRun {
  readonly #stand: Stand;
  readonly #options: TrialOptions;
  readonly #random: () => number;
  readonly #ownStarts = new Map<string, number>();
  readonly #ownKills = new Map<string, number>();
  readonly #columns = new Map<string, Column>();
  readonly #turnOf = new Map<string, string>();
  /** Steps of the wanted column that were reached, in order. */
  readonly #seen: string[] = [];
  #fired: TrialResult["fired"] = null;
  #firing: Promise<void> = Promise.resolve();
  #over = false;
  readonly #startsBefore = new Map<string, number>();

  constructor(stand: Stand, options: TrialOptions) {
    this.#stand = stand;
    this.#options = options;
    this.#random = seededRandom(options.seed * 7_919 + 13);
  }

  async play(): Promise<TrialResult> {
    const { cluster } = this.#stand;
    const { world } = cluster;
    await cluster.boot();
    const writers = await this.#writers();
    // While somebody writes some chunk is always in a transaction.
    await cluster.settled();
    writers.start();
    await world.sleep(3_000 + this.#random() * 2_000);
    const before = await snapshotOf(cluster);
    for (const { alias } of cluster.nodes) this.#startsBefore.set(alias, cluster.startsOf(alias).length);
    const recorder = new Recorder(cluster);
    recorder.start(250);
    const { goal, facts } = await this.#begin();
    const turns = await this.#plan(goal, facts);
    for (const turn of turns)
      for (const item of turn.items)
        if (!isUndo(item)) {
          this.#columns.set(item.id, columnOf(item.do));
          if (turn.nodes.length > 0 && turn.id !== "cluster") this.#turnOf.set(item.id, turn.id);
        }
    const operator = this.#operator();
    const began = world.now();
    this.#watch(operator);
    const ended = await operator.toTheEnd(turns);
    const virtualMs = world.now() - began;
    this.#over = true;
    await this.#firing;
    const { wayBack, version: wanted } =
      ended.outcome?.is === "aborted" ? await this.#wayBack(goal, facts, operator) : { wayBack: null, version: RELEASES.to };
    await world.sleep(3_000);
    writers.stop();
    await cluster.until("the writers have their answers", async () => writers.underWay === 0, SETTLE_MS);
    await cluster.settled(SETTLE_MS).catch(() => {});
    recorder.stop();
    const after = await snapshotOf(cluster);
    return {
      seed: this.#options.seed,
      ended,
      mode: goal.mode === "downtime" ? "downtime" : "zero-downtime",
      wayBack,
      rows: judgeRows(writers.rows, await replicaRows(cluster, DATABASE)),
      state: judgeState(before, after, {
        version: wanted,
        replicationFactor: cluster.shape.replicationFactor,
        ownStarts: this.#ownStarts,
        ownKills: this.#ownKills,
      }),
      history: judgeHistory(
        recorder.samples,
        recorder.downs((alias) => this.#ownKills.has(alias)),
        recorder.tasks,
      ),
      fired: this.#fired,
      versions: Object.fromEntries(after.nodes.map(({ alias, version }) => [alias, version])),
      began,
      virtualMs,
      waits: writers.waits,
      logs: cluster.nodes.map(({ alias, log }) => ({ alias, lines: log })),
      reached: operator.instants.reached,
      refusals: writers.refusals,
      said: operator.said,
    };
  }

  async #writers(): Promise<Writers> {
    const { cluster } = this.#stand;
    const { partitions = 4, everyMs = 1_000 } = this.#options;
    const sites = cluster.of("datanode").map(({ endpoint }) => endpoint);
    const transport = this.#stand.transport("127.0.0.1:4");
    const session = await ApiSession.open(transport, sites[0] ?? "", 30_000);
    await session.script(createTable(DATABASE, TABLE, partitions), 30_000);
    session.close();
    return new Writers({ clock: cluster.world, transport, sites, database: DATABASE, table: TABLE, partitions, everyMs });
  }
  #operator(): Operator<DdFacts> {
    const { world } = this.#stand.cluster;
    const operator = new Operator<DdFacts>({
      clock: world,
      hosts: this.#stand,
      ...(this.#options.timing === undefined ? {} : { timing: this.#options.timing }),
      driver: (process) => this.#stand.driver(process),
      watchdog: () => this.#options.fault?.kind !== "killed, nobody there",
      pauseMs: () => 15_000 + this.#random() * 30_000,
      approve: () => {
        void this.#heal();
        return true;
      },
    });
    return operator;
  }
  /** What a person does about chunks that nothing heals by itself (facts 5.2): each node tells the controllers again what it has. */
  async #heal(): Promise<void> {
    const { cluster } = this.#stand;
    for (const { alias } of cluster.of("datanode")) {
      const name: LabValue = { form: "scalar", type: "string", value: alias };
      await cluster.atLeader("triggerNodeReport", [name]).catch((error: unknown) => {
        if (!(error instanceof ServerError)) throw error;
      });
    }
  }
  async #begin(): Promise<{ readonly goal: Goal; readonly facts: DdFacts }> {
    const driver = this.#stand.driver(new Mortal(this.#stand.cluster.world));
    const goal: Goal = {
      version: RELEASES.to,
      artefact: this.#stand.artefact,
      settings: {},
      restart: false,
      mode: this.#options.mode ?? "zero-downtime",
      only: null,
      options: { level: "4", "level-source": "the trial" },
    };
    const facts = await driver.inspect();
    await driver.close();
    return { goal, facts };
  }
  /** An abort leaves hosts whose turns are over on the new release: they go back while an old controller leads, else on. Null: there is none, or all are. */
  async #wayBack(goal: Goal, before: DdFacts, aborted: Operator<DdFacts>): Promise<{ readonly wayBack: Ended | null; readonly version: string }> {
    const { cluster } = this.#stand;
    const driver = this.#stand.driver(new Mortal(cluster.world));
    const back = driver.goalBack(before, goal);
    let facts = await driver.inspect();
    // After the leader's host, whose turn an abort has finished, there is no way back any more: clients have written.
    for (const version of [RELEASES.from, RELEASES.to])
      if (Object.values(facts.structure.nodes).every(({ installed }) => installed === version)) return { wayBack: null, version };
    let turns: readonly Turn[] = [];
    // Once a controller of the new release leads no other can take its metadata from an old one: then what is left goes on.
    const isForward = (): boolean => facts.structure.nodes[facts.now.leader ?? ""]?.installed === RELEASES.to;
    await cluster.until(
      "there is a way back, or on",
      async () => {
        try {
          facts = await driver.inspect();
          turns = await this.#plan(isForward() ? goal : back, facts);
          return true;
        } catch (error) {
          if (error instanceof StillwaterError) return false;
          throw error;
        }
      },
      SETTLE_MS,
    );
    await driver.close();
    const operator = this.#operator();
    // Hosts refuse older claims, also those of another run.
    while (operator.journal.epoch < aborted.journal.epoch) operator.journal.claim("the trial");
    const version = isForward() ? RELEASES.to : RELEASES.from;
    return { wayBack: await operator.toTheEnd(turns), version };
  }
  async #plan(goal: Goal, facts: DdFacts): Promise<readonly Turn[]> {
    const { world } = this.#stand.cluster;
    const driver = this.#stand.driver(new Mortal(world));
    const { turns } = makePlan(driver, {
      cluster: "ticks",
      goal,
      facts,
      examined: await driver.examine(facts, goal),
      overrides: [],
      rollsBack: null,
      createdAt: new Date(world.now()).toISOString(),
      createdBy: "the trial",
    });
    await driver.close();
    return turns;
  }

  /** Tells of each step that Stillwater reaches: by what it writes and sends, and by what it says that it waits for. */
  #watch(operator: Operator<DdFacts>): void {
    const { crash } = this.#options;
    const { world } = this.#stand.cluster;
    operator.instants.on((number, instant, moment) => {
      if (moment === "before") this.#entered(instant.step, operator);
      return crash !== undefined && number === crash.number && moment === crash.moment;
    });
    const look = (): void => {
      if (this.#over) return;
      const [known] = [...this.#columns.keys()].filter((id) => operator.said.startsWith(`${id} `)).toSorted((a, b) => b.length - a.length);
      this.#entered(known ?? null, operator);
      world.after(POLL_MS, look);
    };
    look();
  }
  #entered(step: string | null, operator: Operator<DdFacts>): void {
    const { fault } = this.#options;
    if (fault === null || step === null || this.#fired !== null || this.#columns.get(step) !== fault.at) return;
    if (!this.#seen.includes(step)) this.#seen.push(step);
    if (this.#seen.length < fault.occurrence) return;
    this.#fired = { kind: fault.kind, at: fault.at };
    this.#firing = this.#fire(fault.kind, this.#turnOf.get(step) ?? null, operator);
  }
  async #fire(kind: FaultKind, host: string | null, operator: Operator<DdFacts>): Promise<void> {
    const { cluster } = this.#stand;
    const count = (map: Map<string, number>, alias: string): void => void map.set(alias, (map.get(alias) ?? 0) + 1);
    await fire(kind, {
      cluster,
      random: this.#random,
      host,
      killStillwater: () => operator.kill(),
      abort: () => operator.journal.wish("abort"),
      ownKill: (alias) => count(this.#ownKills, alias),
      ownStart: (alias) => count(this.#ownStarts, alias),
      isRenewed: (alias) => cluster.startsOf(alias).length > (this.#startsBefore.get(alias) ?? 0),
    });
  }
}
