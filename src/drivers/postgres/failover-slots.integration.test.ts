// A logical slot that outlives the switchover (17 and later), on real servers.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { editConf, readConf } from "./conf-file.ts";
import { until } from "./demo/deadline.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "./demo/demo-cluster.ts";
import { carryOut, describeRun, goal, openTrial, planOf } from "./testing/try-run.ts";

let demo: DemoCluster;
beforeAll(async () => {
  demo = await createDemoCluster({
    directory: await temporaryDirectory(),
    settings: { wal_level: "logical", hot_standby_feedback: "on", sync_replication_slots: "on" },
  });
  // The worker that copies the slots connects to a database.
  for (const name of ["pg2", "pg3"]) {
    const conf = join(demo.node(name).dataDirectory, "postgresql.auto.conf");
    const text = await readFile(conf, "utf8");
    await writeFile(conf, editConf(text, { primary_conninfo: `${readConf(text).get("primary_conninfo") ?? ""} dbname=postgres` }));
    await on(name, "select pg_reload_conf()");
  }
  await demo.streaming();
});
afterAll(async () => demo?.destroy());

interface Copy {
  readonly synced: boolean;
  readonly temporary: boolean;
  readonly failover: boolean;
}
async function on<T>(node: string, sql: string): Promise<readonly T[]> {
  const client = new Client(demo.connection(node));
  await client.connect();
  try {
    return (await client.query(sql)).rows as readonly T[];
  } finally {
    await client.end();
  }
}
const slot = async (node: string): Promise<Copy | undefined> =>
  (await on<Copy>(node, "select synced, temporary, failover from pg_replication_slots where slot_name = 'sub1'"))[0];

/** A copy is kept once the slot of the primary has moved past where the copy began. */
async function copied(primary: string, standbys: readonly string[]): Promise<void> {
  await until("copies of the slot", 60_000, async () => {
    await on(primary, "select pg_log_standby_snapshot()");
    await on(primary, "select pg_replication_slot_advance('sub1', pg_current_wal_lsn())");
    const copies = await Promise.all(standbys.map(slot));
    return copies.every((copy) => copy?.synced === true && !copy.temporary) ? true : null;
  });
}

test("A failover slot survives the switchover, and the former primary keeps a copy of it again", async () => {
  const trial = openTrial(demo);
  try {
    const restart = goal({ restart: true });
    await on("pg1", "select pg_create_logical_replication_slot('sub1', 'pgoutput', false, false, true)");
    await copied("pg1", ["pg2", "pg3"]);
    const ran = await carryOut(trial, (await planOf(trial, restart)).turns);
    expect(ran.outcome, describeRun(ran)).toEqual({ is: "succeeded" });
    const { now } = await trial.driver.inspect();
    const [leader] = Object.entries(now.nodes).find(([, { role }]) => role === "primary")!;
    expect(leader).not.toBe("pg1");
    expect(await slot(leader)).toMatchObject({ failover: true, temporary: false });
    expect(ran.events.flatMap((event) => (event.is === "done" ? [event.step] : [])).some((step) => step.endsWith("drop sub1"))).toBe(true);
    // The server refuses to copy it while one of that name is there that is no copy.
    await copied(leader, ["pg1"]);
  } finally {
    await trial.close();
  }
});
