// Two servers that have both accepted writes since they parted: what a failover leaves behind, and what pg_rewind is for.
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { run, type RunResult } from "./command.ts";
import { until } from "./deadline.ts";
import type { DemoCluster, DemoNode } from "./demo-cluster.ts";
import { primaryConnection } from "./node-files.ts";
import { runningPid } from "./postmaster.ts";

/** Rows of table `parted` by where they were written. */
export const rows = { common: 1, onlyOnNew: 2, onlyOnFormer: 666 } as const;

export interface DivergedPair {
  /** Stopped cleanly, with a row that nobody else has. */
  readonly former: DemoNode;
  /** Promoted a moment ago, with a row of its own. Its first checkpoint on the new timeline is not done yet. */
  readonly present: DemoNode;
  /** Numbers in table `parted`. */
  rows(node: DemoNode): Promise<readonly number[]>;
  /** Makes the promoted server finish a checkpoint. */
  checkpoint(): Promise<void>;
  /** The bare tool on the former primary, source and target as an administrator would name them. */
  rewind(): Promise<RunResult>;
  /** Starts the former primary as a standby of the present one. */
  rejoin(): Promise<void>;
  /** Whether the former primary streams from the present one. */
  streams(): Promise<boolean>;
}

async function ask<T extends object>(cluster: DemoCluster, node: DemoNode, ...statements: readonly string[]): Promise<readonly T[]> {
  const client = new Client(cluster.connection(node.name));
  await client.connect();
  try {
    let last: readonly T[] = [];
    for (const statement of statements) last = (await client.query<T>(statement)).rows;
    return last;
  } finally {
    await client.end();
  }
}

/**
 * Parts the two nodes of a cluster (made with a release that has pg_rewind, nodes: 2). Rows are replicated before, many enough that the checkpoint after
 * the promotion, which the server spreads over minutes, is under way for some seconds: the window in which pg_rewind is deceived.
 */
export async function partNodes(cluster: DemoCluster): Promise<DivergedPair> {
  const [former, present] = [cluster.node("pg1"), cluster.node("pg2")];
  await ask(
    cluster,
    former,
    // pg_rewind reads the former primary's log back to the last checkpoint that both have: it must still be there.
    "alter system set wal_keep_size = '512MB'",
    "select pg_reload_conf()",
    "checkpoint",
    "create table parted (n int primary key)",
    `insert into parted values (${String(rows.common)})`,
    "create table bulk as select g as n, repeat('x', 1000) as filler from generate_series(1, 4000) g",
  );
  const [{ end } = { end: "0/0" }] = await ask<{ end: string }>(cluster, former, "select pg_current_wal_flush_lsn()::text as end");
  await until(`${present.name} replays ${end}`, 20_000, async () => {
    const [row] = await ask<{ there: boolean }>(cluster, present, `select pg_last_wal_replay_lsn() >= '${end}'::pg_lsn as there`);
    return row?.there === true ? true : null;
  });

  await ask(cluster, present, "select pg_promote()", `insert into parted values (${String(rows.onlyOnNew)})`);
  await ask(cluster, former, `insert into parted values (${String(rows.onlyOnFormer)})`);
  await cluster.stopNode(former.name, "fast");

  return {
    former,
    present,
    rows: async (node) => (await ask<{ n: number }>(cluster, node, "select n from parted order by n")).map(({ n }) => n),
    checkpoint: async () => {
      await ask(cluster, present, "checkpoint");
    },
    rewind: async () => {
      const passFile = join(former.directory, "pgpass-admin");
      await writeFile(passFile, `*:*:*:${cluster.user}:${cluster.password}\n`, { mode: 0o600 });
      if (former.user !== null) await run(["chown", `${String(former.user.uid)}:${String(former.user.gid)}`, passFile]);
      const source = `host=${present.host} port=${String(present.port)} user=${cluster.user} dbname=postgres passfile=${passFile}`;
      return run([join(former.installation, "bin", "pg_rewind"), `--target-pgdata=${former.dataDirectory}`, `--source-server=${source}`], {
        user: former.user,
        accept: [1],
        // It ends with a sync of the whole directory.
        timeoutMs: 120_000,
      });
    },
    rejoin: async () => {
      // pg_rewind has copied the source's configuration with everything else.
      const own = ["listen_addresses", "port", "cluster_name"] as const;
      const values = { listen_addresses: former.host, port: String(former.port), cluster_name: former.name };
      await appendFile(join(former.dataDirectory, "postgresql.conf"), own.map((key) => `${key} = '${values[key]}'\n`).join(""));
      const follow = primaryConnection(former.name, present, cluster.replicationUser, former.passFile);
      await appendFile(join(former.dataDirectory, "postgresql.auto.conf"), `primary_conninfo = '${follow}'\nprimary_slot_name = ''\n`);
      await run(["touch", join(former.dataDirectory, "standby.signal")], { user: former.user });
      await cluster.startNode(former.name);
    },
    streams: async () => {
      if ((await runningPid(former.dataDirectory)) === null) return false;
      const found = await ask(
        cluster,
        present,
        `select 1 from pg_stat_replication where application_name = '${former.name}' and state = 'streaming'`,
      );
      return found.length > 0;
    },
  };
}
