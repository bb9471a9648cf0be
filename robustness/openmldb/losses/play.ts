// Unfenced leader changes under load on the memory lab: what they lose, by whose fault, and whether the validator says the same.
import { MemoryCluster } from "../../../lab/openmldb/memory/cluster.ts";
import { compareWithClient, leaderChanges, lostOffsets, type Comparison, type LeaderChange } from "../../validators/openmldb-loss.ts";
import { Recorder } from "../recorder.ts";
import { bodyOf, seeRequests } from "../tap.ts";
import { Writers, type WrittenRow } from "../writers.ts";
import { VendorTool } from "./vendor.ts";

/** Windows of facts 4.1. */
export const causes = ["A", "B", "C", "D", "E", "F"] as const;
export type Cause = (typeof causes)[number];
export const causeWords: Readonly<Record<Cause, string>> = {
  A: "acknowledged and not yet replicated when the new leader was chosen",
  B: "acknowledged by the old leader after the new one was chosen",
  C: "the candidate lagged behind although it was called alive, without any traffic",
  D: "auto_failover: the leader died with rows that it had not replicated",
  E: "a pre-aggregated table and its base table moved at different times",
  F: "a failed change left followers fenced: the leader went on without replicating (upstream #2849)",
};

export interface LossRun {
  readonly seed: number;
  readonly cause: Cause;
  readonly acknowledged: number;
  readonly changes: readonly LeaderChange[];
  readonly comparisons: readonly Comparison[];
  /** Missing acknowledged rows by the cause that explains each; E: rows that the aggregate has counted and the base table has lost. */
  readonly lost: Partial<Record<Cause, number>>;
  /** What does not agree; empty: the validator's figure is the client's. */
  readonly wrong: readonly string[];
}

const DB = "test";
const TABLE = "t1";
/** Stands for what a long window keeps beside its base table: the same keys, in a hidden database, on leaders of its own (upstream #3044). */
const AGGREGATE = { db: "__PRE_AGG_DB", name: "pre_t1" } as const;
const PARTITIONS = 4;

export async function playLoss(cause: Cause, seed: number): Promise<LossRun> {
  const cluster = new MemoryCluster({
    seed,
    nameservers: 1,
    tablets: 3,
    apiservers: 2,
    partitions: PARTITIONS,
    replicas: 2,
    durations: { replicationDelay: 40 + (seed % 7) * 20 },
  });
  const scene = new LossScene(cluster);
  return cluster.world.run(scene.play(cause, seed));
}

class LossScene {
  readonly #cluster: MemoryCluster;
  #tid = 0;
  /** When followers of a partition were given a higher term, by partition. */
  readonly #selected = new Map<number, number[]>();

  constructor(cluster: MemoryCluster) {
    this.#cluster = cluster;
  }

  async play(cause: Cause, seed: number): Promise<LossRun> {
    const cluster = this.#cluster;
    await cluster.boot();
    const { world } = cluster;
    const { tid } = await cluster.table(DB, TABLE);
    this.#tid = tid;
    for (const { endpoint } of cluster.of("nameserver"))
      seeRequests(cluster.network, endpoint, (method, request) => {
        if (method !== "TabletServer/AppendEntries") return;
        const body = bodyOf(request.body);
        if (body["tid"] === tid) this.#selected.set(Number(body["pid"]), [...(this.#selected.get(Number(body["pid"])) ?? []), world.now()]);
      });
    const recorder = new Recorder(cluster);
    const apiservers = cluster.of("apiserver").map(({ endpoint }) => endpoint);
    const writers = new Writers({
      clock: world,
      network: cluster.network,
      apiservers,
      db: DB,
      table: TABLE,
      partitions: PARTITIONS,
      perPartition: 20,
    });
    const aggregate = cause === "E" ? await this.#aggregate(apiservers) : null;
    await world.sleep(2_000 + (seed % 10) * 37);
    recorder.start(100);
    writers.start();
    aggregate?.start();
    await world.sleep(1_500 + (seed % 13) * 61);
    await this.#happen(cause, writers, recorder);
    writers.stop();
    aggregate?.stop();
    await cluster.until("the writers have their answers", async () => writers.underWay() === 0);
    await cluster.settled();
    await recorder.look();
    recorder.stop();
    const judged = await this.#judge(cause, seed, writers.rows, recorder);
    return aggregate === null ? judged : { ...judged, lost: { E: await this.#inconsistent(writers, aggregate) } };
  }
  async #aggregate(apiservers: readonly string[]): Promise<Writers> {
    const { world, network } = this.#cluster;
    const column_desc = ["id", "v"].map((name) => ({ name, data_type: "kString" }));
    await this.#cluster.ask("CreateTable", {
      table_info: { ...AGGREGATE, partition_num: PARTITIONS, replica_num: 2, key_column: "id", column_desc },
    });
    return new Writers({ clock: world, network, apiservers, db: AGGREGATE.db, table: AGGREGATE.name, partitions: PARTITIONS, perPartition: 20 });
  }
  /** Rows that both tables have acknowledged, that the aggregate has, and the base table has not. */
  async #inconsistent(base: Writers, aggregate: Writers): Promise<number> {
    const counted = new Set(aggregate.rows.filter((row) => row.outcome === "acknowledged").map((row) => row.key));
    const kept = await presentKeys(this.#cluster, DB, TABLE);
    const aggregated = await presentKeys(this.#cluster, AGGREGATE.db, AGGREGATE.name);
    const both = base.rows.filter((row) => row.outcome === "acknowledged" && counted.has(row.key));
    return both.filter(({ key }) => aggregated.has(key) && !kept.has(key)).length;
  }

  async #happen(cause: Cause, writers: Writers, recorder: Recorder): Promise<void> {
    const cluster = this.#cluster;
    const { world } = cluster;
    const tool = new VendorTool(cluster, { db: DB, name: TABLE });
    const tablet = cluster.of("tablet")[0];
    if (tablet === undefined) throw new Error("there is no tablet");
    const { endpoint, name } = tablet;
    const slow = (perSecond: number): void => {
      for (const each of cluster.of("tablet")) cluster.tablet(each.name).paces.set("*", { perSecond });
    };
    const asFast = (): void => {
      for (const each of cluster.of("tablet")) if (each.running !== null) cluster.tablet(each.name).paces.clear();
    };
    switch (cause) {
      case "A":
      case "B":
      case "E": {
        await tool.autoFailover(false);
        const moved = await tool.preUpgrade(endpoint);
        await world.sleep(3_000);
        await tool.postUpgrade(endpoint, moved);
        break;
      }
      case "C": {
        await tool.autoFailover(false);
        slow(3);
        await world.sleep(4_000);
        writers.stop();
        await world.sleep(3_000);
        await tool.preUpgrade(endpoint);
        asFast();
        break;
      }
      case "D": {
        slow(3);
        await world.sleep(3_000);
        writers.stop();
        await cluster.until("the writers have their answers", async () => writers.underWay() === 0);
        await recorder.look();
        cluster.kill(name);
        await world.sleep(75_000);
        asFast();
        cluster.start(name);
        await world.sleep(20_000);
        return;
      }
      case "F": {
        await tool.autoFailover(false);
        const [pid = 0] = await tool.ledBy(endpoint);
        cluster.nameserver("nameserver1").faults.add({ kind: "fail-task", task: "kChangeLeader" });
        if (await tool.changeLeader(pid, "auto")) throw new Error("the change was to fail");
        await world.sleep(5_000);
        await tool.changeLeader(pid, "auto");
        await tool.recover(pid, endpoint);
        break;
      }
    }
    await tool.autoFailover(true);
  }

  async #judge(cause: Cause, seed: number, rows: readonly WrittenRow[], recorder: Recorder): Promise<LossRun> {
    const cluster = this.#cluster;
    const tid = this.#tid;
    const present = await presentKeys(cluster, DB, TABLE);
    const changes = leaderChanges(recorder.recorded).filter((change) => change.partition.startsWith(`${tid}/`));
    const client = rows.flatMap(({ key, pid, outcome }) =>
      outcome === "acknowledged" || outcome === "unknown" ? [{ key, partition: `${tid}/${pid}`, outcome }] : [],
    );
    const comparisons = compareWithClient(changes, client, present);
    const lost: Partial<Record<Cause, number>> = {};
    for (const row of rows)
      if (row.outcome === "acknowledged" && !present.has(row.key)) {
        const why = this.#causeOf(cause, row, changes);
        lost[why] = (lost[why] ?? 0) + 1;
      }
    return {
      seed,
      cause,
      acknowledged: rows.filter((row) => row.outcome === "acknowledged").length,
      changes,
      comparisons,
      lost,
      wrong: comparisons
        .filter((each) => !each.agrees)
        .map(
          ({ partition, lostOffsets: offsets, missingAcknowledged, missingUnknown }) =>
            `${partition}: the validator says ${offsets}, the client misses ${missingAcknowledged} (and ${missingUnknown} without an answer); ${describe(changes, partition)}`,
        ),
    };
  }
  /** By when the row was acknowledged, against when the followers of its partition were given a new term. */
  #causeOf(scenario: Cause, { pid, answeredAt }: WrittenRow, changes: readonly LeaderChange[]): Cause {
    if (scenario === "C" || scenario === "D") return scenario;
    const chosen = this.#selected.get(pid) ?? [];
    const change = changes.find((each) => each.partition === `${this.#tid}/${pid}` && each.at >= (answeredAt ?? 0));
    // A term that was given out before the change that counted: its operation failed, and nothing was replicated since.
    const before = chosen.filter((at) => at <= (change?.at ?? Infinity));
    if (scenario === "F" && before.length > 1 && (answeredAt ?? 0) >= (before[0] ?? 0) && (answeredAt ?? 0) < (before.at(-1) ?? 0)) return "F";
    return chosen.some((at) => at <= (answeredAt ?? 0) && at > (answeredAt ?? 0) - 10_000) ? "B" : "A";
  }
}

const describe = (changes: readonly LeaderChange[], partition: string): string =>
  changes
    .filter((change) => change.partition === partition)
    .map((change) => `${change.from} to ${change.to} shared ${change.shared} old ${String(change.old)} lost ${lostOffsets(change)}`)
    .join(", ");

/** What can be read where the metadata says that the leader is. */
export async function presentKeys(cluster: MemoryCluster, db: string, name: string): Promise<ReadonlySet<string>> {
  const { tid, table_partition } = await cluster.table(db, name);
  const present = new Set<string>();
  for (const { pid, partition_meta } of table_partition) {
    const leader = partition_meta.find((meta) => meta.is_leader && meta.is_alive !== false);
    const rows = leader === undefined ? null : await cluster.rows(leader.endpoint, tid, pid);
    if (rows === null) throw new Error(`partition ${pid} cannot be read at its leader`);
    for (const key of rows.keys()) present.add(key);
  }
  return present;
}
