// The harms that the lab must show: what the tutorial's procedure does to a cluster, and what ours does to the same one (issue 4, "The lab must show the harm").
import type { MemoryClusterOptions } from "../../../lab/dolphindb/memory/cluster.ts";
import { judgeHistory, type HistoryVerdict } from "../../validators/dolphindb-history.ts";
import { judgeRows, type RowVerdict } from "../../validators/dolphindb-rows.ts";
import { ApiSession } from "../api-client.ts";
import { Recorder } from "../recorder.ts";
import { replicaRows, snapshotOf } from "../snapshot.ts";
import { RELEASES, Stand } from "../stand.ts";
import { createTable, Writers } from "../writers.ts";
import type { ClusterSnapshot } from "../../validators/dolphindb-state.ts";
import { Tutorial } from "./tutorial.ts";

export interface Scene {
  /** What the tutorial's procedure comes to, in words. */
  readonly harm: string;
  /** What ours must come to. */
  readonly ending: string;
  readonly cluster: MemoryClusterOptions;
  readonly uploaded: boolean;
  /** A person, and a slow machine, between stop and start; milliseconds. */
  readonly workMs: number;
}
export const scenes = {
  "second host down": {
    harm: "with the tutorial's gate alone a second host goes down while a chunk has one replica: nothing can be written or read of it",
    ending: "the next host waits until every chunk has all its replicas, equal, several times in a row",
    // Green in the web page is a heartbeat: its chunks are reported only when it is initialised.
    cluster: { durations: { initialise: 20_000 } },
    uploaded: true,
    workMs: 10_000,
  },
  "re-replication": {
    harm: "with dfsRecoveryWaitTime=30000, which counts as 60 s, a slow host makes the controllers copy all its chunks to the others",
    ending: "recovery is suspended on every controller for the turn, and nothing is copied",
    cluster: { controllerSettings: { dfsRecoveryWaitTime: "30000" } },
    uploaded: true,
    workMs: 120_000,
  },
  "old binary": {
    harm: "upgrade.sh says that it failed, ends with 0, and the old binary is started again",
    ending: "the package is compared file by file before anything is stopped, and every node is asked for its version",
    cluster: {},
    uploaded: false,
    workMs: 5_000,
  },
} as const satisfies Readonly<Record<string, Scene>>;
export type SceneName = keyof typeof scenes;

export interface Played {
  readonly rows: RowVerdict;
  readonly history: HistoryVerdict;
  readonly after: ClusterSnapshot;
  /** Writes and reads that were refused, by the server's words. */
  readonly refusals: ReadonlyMap<string, number>;
  /** The host before which the procedure stood still for five minutes; null: it went through. */
  readonly stoodStillBefore: string | null;
  /** What its scripts said last. */
  readonly said: readonly string[];
}
const DATABASE = "dfs://shop";
const PARTITIONS = 4;
const LONGEST_MS = 4 * 3_600_000;

/** The tutorial's procedure over every host. */
export async function playTutorial(scene: Scene, seed: number): Promise<Played> {
  const stand = new Stand({ seed, ...scene.cluster });
  const { cluster } = stand;
  const play = async (): Promise<Played> => {
    await cluster.boot();
    const sites = cluster.of("datanode").map(({ endpoint }) => endpoint);
    const transport = stand.transport("127.0.0.1:4");
    const session = await ApiSession.open(transport, sites[0] ?? "", 30_000);
    await session.script(createTable(DATABASE, "orders", PARTITIONS), 30_000);
    session.close();
    const writers = new Writers({
      clock: cluster.world,
      transport,
      sites,
      database: DATABASE,
      table: "orders",
      partitions: PARTITIONS,
      everyMs: 1_000,
    });
    await cluster.settled();
    writers.start();
    await cluster.world.sleep(5_000);
    const recorder = new Recorder(cluster);
    recorder.start(250);
    const tutorial = new Tutorial(cluster, (name) => stand.host(name), { version: RELEASES.to, uploaded: scene.uploaded, workMs: scene.workMs });
    const stoodStillBefore = await tutorial.everyHost();
    await cluster.world.sleep(10_000);
    writers.stop();
    await cluster.until("the writers have their answers", async () => writers.underWay === 0, 120_000);
    await cluster.settled(120_000).catch(() => {});
    recorder.stop();
    return {
      rows: judgeRows(writers.rows, await replicaRows(cluster, DATABASE)),
      history: judgeHistory(
        recorder.samples,
        recorder.downs(() => false),
        recorder.tasks,
      ),
      after: await snapshotOf(cluster),
      refusals: writers.refusals,
      stoodStillBefore,
      said: tutorial.said,
    };
  };
  return cluster.world.run(play(), LONGEST_MS);
}
