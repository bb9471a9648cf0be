// A real loss, made by hand: the probe must find it.
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { signalServer } from "./nodes.ts";
import { command, delay, until, type Scenario, type Scene } from "./scene.ts";

/** As an operator does it without pg_rewind: a cold copy of the new primary, which then follows it. */
async function rebuild(scene: Scene, node: string, from: string): Promise<void> {
  const [target, source] = [scene.node(node), scene.node(from)];
  const conf = join(scene.stand.cluster.directory, `${node}.conf`);
  await command("cp", ["-a", join(target.dataDirectory, "postgresql.conf"), conf]);
  await rm(target.dataDirectory, { recursive: true });
  await command("cp", ["-a", source.dataDirectory, target.dataDirectory]);
  await command("cp", ["-a", conf, join(target.dataDirectory, "postgresql.conf")]);
  const signal = join(target.dataDirectory, "standby.signal");
  await writeFile(signal, "");
  await command("chown", ["--reference", target.dataDirectory, signal]);
  const conninfo = `host=${source.host} port=${source.port} user=${scene.stand.cluster.replicationUser} application_name=${node} passfile=${target.passFile}`;
  await appendFile(join(target.dataDirectory, "postgresql.auto.conf"), `primary_conninfo = '${conninfo}'\nprimary_slot_name = '${node}'\n`);
}

export const realLoss: Scenario = {
  name: "the primary is killed and a standby promoted that had not received everything: the probe finds the loss",
  kind: "real loss",
  async play(scene) {
    const { stand } = scene;
    const killed = await stand.call(await stand.applyArgs(), scene.after("tidy pg2"));
    scene.expect(killed.signal === "SIGKILL", `not killed: ${String(killed.code)}`);
    // The run stands still, the probe writes on. What the primary acknowledges from here on, no standby receives.
    await stand.cluster.streaming();
    for (const node of ["pg2", "pg3"]) {
      await scene.sql(node, "alter system set primary_conninfo = 'host=127.0.0.1 port=1'");
      await scene.sql(node, "select pg_reload_conf()");
    }
    await delay(2_000);
    await signalServer(scene, "pg1", /./, "SIGKILL");
    await scene.sql("pg2", "select pg_promote(true, 20)");
    await delay(1_000);
    await stand.cluster.stopNode("pg3");
    await stand.cluster.stopNode("pg2");
    for (const node of ["pg1", "pg3"]) await rebuild(scene, node, "pg2");
    await stand.cluster.startNode("pg2");
    for (const slot of ["pg1", "pg3"])
      await scene.sql(
        "pg2",
        `select pg_create_physical_replication_slot('${slot}', true) where not exists (select from pg_replication_slots where slot_name = '${slot}')`,
      );
    await stand.cluster.startNode("pg1");
    await stand.cluster.startNode("pg3");
    await stand.cluster.streaming();
    const ended = await until("resume", 60_000, () => stand.call(["resume"], { withinMs: 300_000 }));
    scene.expectExit("resume", ended, 1);
    const report = await stand.report();
    const continuity = report?.["continuity"] as { readonly lost?: number } | undefined;
    scene.expect(report?.["verdict"] === "fail", `the verdict is ${String(report?.["verdict"])}`);
    scene.expect((continuity?.lost ?? 0) > 0, `the report counts ${continuity?.lost ?? 0} lost records`);
  },
};
