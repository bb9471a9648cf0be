// What goes wrong while a leader move is under way, and how it is made to.
import type { FaultRule } from "../../../lab/kit/virtual-network.ts";
import type { MemoryCluster, MemoryNode } from "../../../lab/openmldb/memory/cluster.ts";
import type { DrainStep } from "../moves.ts";
import { STILLWATER } from "../stand.ts";

export const faultKinds = [
  "nameserver killed",
  "nameserver session lost",
  "reply lost",
  "request lost",
  "request late",
  "killed, watchdog",
  "killed, nobody there",
  "source tablet killed",
  "target tablet killed",
  "tablet session lost",
  "slow replication",
  "failed task",
  "somebody's operation",
  "vendor's tool",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What a fault may do to its surroundings. */
export interface Scene {
  readonly cluster: MemoryCluster;
  /** In [0, 1), by the seed. */
  readonly random: () => number;
  /** Of the move that it hits. */
  readonly tid: number;
  readonly pid: number;
  /** Partitions of the application's table whose moves are under way now. */
  readonly moving: () => readonly number[];
  /** kill -9 of the orchestrator, at once. */
  readonly killStillwater: () => void;
  /** Tablets that hold the partition now: the old leader, and the other one. */
  readonly source: string;
  readonly target: string;
}

/** Calls of effects: what a look asks again does no harm. */
const isEffect = (path: string): boolean =>
  /\/(ChangeLeader|RecoverTable|ChangeRole|SetMode|ConfSet|AddReplicaNS|DelReplicaNS|UpdateTableAliveStatus)$/.test(path);

/** Fires the fault; for requests it hits the one that is just leaving, where that is an effect, else the next answers. */
export async function fire(kind: FaultKind, step: DrainStep, scene: Scene): Promise<void> {
  const { cluster, random } = scene;
  const { world, network } = cluster;
  const effect = step === "fence" || step === "change" || step === "recover";
  const onRequests = (fault: FaultRule["fault"]): void => {
    const matches = effect ? ({ path }: { readonly path: string }) => isEffect(path) : () => true;
    network.fault({ from: STILLWATER, matches, times: effect ? 1 : 3, fault });
  };
  switch (kind) {
    case "reply lost":
      onRequests({ kind: "lose-reply", as: random() < 0.5 ? "closed" : "time-out" });
      return;
    case "request lost":
      onRequests({ kind: "lose-request", as: random() < 0.5 ? "closed" : "time-out" });
      return;
    case "request late":
      // It arrives while its sender still waits, and the answer does not.
      onRequests({ kind: "delay", requestMs: effect ? 9_000 : 4_500, replyMs: 5_000 });
      return;
    case "killed, watchdog":
    case "killed, nobody there":
      if (random() < 0.5) await world.sleep(random() * 1_500);
      scene.killStillwater();
      return;
    case "nameserver killed":
      return restartLater(cluster, await leadingNameserver(cluster), 12_000);
    case "nameserver session lost": {
      const leader = await leadingNameserver(cluster);
      if (leader !== null) cluster.zookeeper.expire(leader.endpoint);
      return;
    }
    case "source tablet killed":
      return restartLater(cluster, cluster.at(scene.source), 12_000);
    case "target tablet killed":
      return restartLater(cluster, cluster.at(scene.target), 12_000);
    case "tablet session lost":
      cluster.zookeeper.expire(random() < 0.5 ? scene.source : scene.target);
      return;
    case "slow replication":
      for (const { name, running } of cluster.of("tablet"))
        if (running !== null) cluster.tablet(name).paces.set("*", { delayMs: 1_500, perSecond: 20 });
      await world.sleep(15_000);
      for (const { name, running } of cluster.of("tablet")) if (running !== null) cluster.tablet(name).paces.clear();
      return;
    case "failed task":
      return failTask(cluster, step, random);
    case "somebody's operation":
      await cluster.ask("MakeSnapshotNS", { db: "test", name: "t1", pid: scene.pid }).catch(ignoreRefusal);
      return;
    case "vendor's tool":
      return recoverData(cluster, scene);
  }
}

async function leadingNameserver(cluster: MemoryCluster): Promise<MemoryNode | null> {
  const endpoint = await cluster.leader();
  return endpoint === null ? null : cluster.at(endpoint);
}
/** As an operator or a service manager brings it back: not before its registration is gone, and a nameserver not while a tablet is missing. */
async function restartLater(cluster: MemoryCluster, node: MemoryNode | null, afterMs: number): Promise<void> {
  if (node?.running == null) return;
  cluster.kill(node.name);
  await cluster.world.sleep(afterMs);
  const missing = (): boolean => cluster.of("tablet").some(({ running }) => running === null);
  for (let waited = 0; node.role === "nameserver" && missing() && waited < 300_000; waited += 1_000) await cluster.world.sleep(1_000);
  if (!node.machine.isRunning(node.directory, node.component)) cluster.start(node.name);
}
/** The leader of a change fails half-way, its followers already in the higher term (upstream #2849), or the recovery does. */
async function failTask(cluster: MemoryCluster, step: DrainStep, random: () => number): Promise<void> {
  const leader = await leadingNameserver(cluster);
  if (leader === null) return;
  const { faults } = cluster.nameserver(leader.name);
  if (step === "recover" || step === "recovering") faults.add({ kind: "fail-task", task: "kAddReplica" });
  else faults.add({ kind: "fail-task", task: random() < 0.6 ? "kChangeLeader" : "kSelectLeader" });
}
/**
 * What its recoverdata does to a healthy partition: every follower is called dead, and recovered (facts 1.7). Not to one whose leader is being changed at this
 * moment: that leaves it without any leader, and the run stands still with its name until a person has recovered it.
 */
async function recoverData(cluster: MemoryCluster, { pid, moving }: Scene): Promise<void> {
  const { table_partition } = await cluster.table();
  const busy = moving();
  const other = table_partition.find((each) => each.pid !== pid && !busy.includes(each.pid));
  const follower = other?.partition_meta.find((meta) => !meta.is_leader)?.endpoint;
  if (other === undefined || follower === undefined) return;
  const at = { db: "test", name: "t1", pid: other.pid, endpoint: follower };
  await cluster.ask("ConfSet", { conf: { key: "auto_failover", value: "false" } }).catch(ignoreRefusal);
  await cluster.ask("UpdateTableAliveStatus", { ...at, is_alive: false }).catch(ignoreRefusal);
  await cluster.ask("RecoverTable", at).catch(ignoreRefusal);
}
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Error) || !/^\w+: /.test(error.message)) throw error;
}
