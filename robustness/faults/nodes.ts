// Nodes that do not do what the run needs of them.
import { appendFile, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { delay, until, type Scenario, type Scene } from "./scene.ts";

const conf = (scene: Scene, node: string): string => join(scene.node(node).dataDirectory, "postgresql.conf");

/** The processes of a server: the postmaster and its children. */
async function processesOf(scene: Scene, node: string): Promise<readonly { readonly pid: number; readonly title: string }[]> {
  const postmaster = Number((await readFile(join(scene.node(node).dataDirectory, "postmaster.pid"), "utf8")).split("\n")[0]);
  const found = [{ pid: postmaster, title: "postmaster" }];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(/\) \S (\d+)/.exec(await readFile(`/proc/${name}/stat`, "utf8"))?.[1]);
      if (parent === postmaster)
        found.push({ pid: Number(name), title: (await readFile(`/proc/${name}/cmdline`, "utf8")).replaceAll("\0", " ").trim() });
    } catch {
      // it ended while we looked
    }
  }
  return found;
}
export async function signalServer(scene: Scene, node: string, which: RegExp, signal: NodeJS.Signals): Promise<number> {
  const chosen = (await processesOf(scene, node)).filter(({ title }) => which.test(title));
  let reached = 0;
  for (const { pid } of chosen) {
    try {
      process.kill(pid, signal);
      reached++;
    } catch {
      // a child that ended with its postmaster
    }
  }
  return reached;
}

export const neverReady: Scenario = {
  name: "a node that never becomes ready: a line of its configuration is broken",
  kind: "node not ready",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const good = await readFile(conf(scene, "pg2"), "utf8");
    const apply = stand.start(await stand.applyArgs(), { withinMs: 400_000 });
    try {
      await scene.reached("acting", "stop pg2");
      await appendFile(conf(scene, "pg2"), "no_such_setting = 1\n");
      const paused = await apply.ended;
      scene.expectExit("apply", paused, 4, "SW21", "pg2");
      scene.expect(/no_such_setting|configuration file/.test(paused.stdout), "the pause does not show the server's own words");
      scene.expect(
        scene.journal().every(({ event }) => event["step"] !== "stop pg3"),
        "the next turn began",
      );
      await writeFile(conf(scene, "pg2"), good);
      scene.expectExit("resume after mending", await stand.call(["resume"]), 0);
      await scene.expectEnd("never ready", { anyRestarts: true });
    } finally {
      apply.kill("SIGKILL");
    }
  },
};

export const diesElsewhere: Scenario = {
  name: "a node dies elsewhere during the run: the gate holds",
  kind: "node died elsewhere",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const apply = stand.start(await stand.applyArgs());
    try {
      await scene.reached("acting", "swap pg2");
      await signalServer(scene, "pg3", /./, "SIGKILL");
      await scene.reached("done", "ready pg2");
      await delay(2_000);
      await scene.expectStandstill("while pg3 is down", 6_000);
      scene.expect(
        scene.journal().every(({ event }) => event["step"] !== "stop pg3"),
        "the turn of pg3 began",
      );
      const status = await stand.call(["status"]);
      scene.expect(status.stdout.includes("pg3"), `status does not name pg3: ${status.stdout.slice(0, 300)}`);
      await stand.cluster.startNode("pg3");
      scene.expectExit("apply, once it is back", await apply.ended, 0);
      await scene.expectEnd("died elsewhere", { anyRestarts: true });
    } finally {
      apply.kill("SIGKILL");
    }
  },
};

/** As an access rule or a changed password would do it. */
async function cut(scene: Scene, nodes: readonly string[]): Promise<void> {
  for (const node of nodes) {
    await scene.sql(node, "alter system set primary_conninfo = 'host=127.0.0.1 port=1 user=nobody'");
    await scene.sql(node, "select pg_reload_conf()");
  }
}
async function mend(scene: Scene, nodes: readonly string[]): Promise<void> {
  const { host, port } = scene.node("pg1");
  for (const node of nodes) {
    const conninfo = `host=${host} port=${port} user=${scene.stand.cluster.replicationUser} application_name=${node} passfile=${scene.node(node).passFile}`;
    await scene.sql(node, `alter system set primary_conninfo = '${conninfo}'`);
    await scene.sql(node, "select pg_reload_conf()");
  }
}
const primaryWasStopped = (scene: Scene): boolean =>
  scene.journal().some(({ event }) => event.is === "acting" && /pg1\/0\.stop|^stop pg1/.test(String(event["step"])));

export const stopsReplicating: Scenario = {
  name: "every standby stops replicating before the switchover: the primary is not stopped",
  kind: "replication stopped",
  async play(scene) {
    const { stand } = scene;
    await scene.load();
    const standbys = ["pg2", "pg3"];
    const killed = await stand.call(await stand.applyArgs(), scene.after("tidy pg3"));
    scene.expect(killed.signal === "SIGKILL", `not killed: ${String(killed.code)}`);
    await cut(scene, standbys);
    const resuming = stand.start(["resume"]);
    try {
      await delay(7_000);
      scene.expect(!primaryWasStopped(scene), "the primary was stopped");
      await mend(scene, standbys);
      scene.expectExit("resume, once they replicate again", await resuming.ended, 0);
      await scene.expectEnd("stopped replicating");
    } finally {
      resuming.kill("SIGKILL");
    }
  },
};

export const cutInTheMoment: Scenario = {
  name: "every standby loses its connection in the moment of the switchover: no loss, and abort puts the old primary back",
  kind: "replication stopped",
  async play(scene) {
    const { stand } = scene;
    const load = await scene.load();
    const apply = stand.start(await stand.applyArgs());
    const standbys = ["pg2", "pg3"];
    try {
      await scene.reached("acting", /^move pg1\/0\.slot/);
      await cut(scene, standbys);
      await delay(3_000);
      if (!primaryWasStopped(scene)) {
        await mend(scene, standbys);
        scene.expectExit("apply: the primary was left alone", await apply.ended, [0, 6]);
        return await scene.expectEnd("cut in the moment");
      }
      const aborting = stand.start(["abort", "--reason", "no standby receives"]);
      await scene.reached("done", /^undo move pg1\/0\.stop pg1\/start/, 30_000);
      const before = (await load.figures()).acknowledged;
      await delay(2_000);
      scene.expect((await load.figures()).acknowledged > before, "the old primary serves no writes");
      await mend(scene, standbys);
      scene.expectExit("abort", await aborting.ended, 7);
      await stand.cluster.streaming();
      const { lost } = await load.stop();
      scene.expect(lost.length === 0, `${lost.length} rows are lost`);
      scene.expect((await stand.state()).primaries.join() === "pg1", "pg1 is not the primary again");
    } finally {
      apply.kill("SIGKILL");
    }
  },
};

export const frozenReceiver: Scenario = {
  name: "the candidate's WAL receiver freezes just before the switchover: nothing is lost",
  kind: "replication stopped",
  async play(scene) {
    const { stand } = scene;
    await scene.load(300);
    const apply = stand.start(await stand.applyArgs());
    try {
      await scene.reached("acting", /^move pg1\/0\.slot/);
      let frozen = 0;
      for (const node of ["pg2", "pg3"]) frozen += await signalServer(scene, node, /walreceiver/, "SIGSTOP");
      scene.expect(frozen === 2, `${frozen} WAL receivers were frozen`);
      await delay(6_000);
      scene.expect(
        scene.journal().every(({ event }) => event.is !== "acting" || !String(event["step"]).includes("promote")),
        "a standby was promoted that had not received everything",
      );
      for (const node of ["pg2", "pg3"]) await signalServer(scene, node, /walreceiver/, "SIGCONT");
      const ended = await apply.ended;
      scene.expectExit("apply", ended, [0, 4, 6]);
      if (ended.code === 4) scene.expectExit("resume", await until("resume", 60_000, () => stand.call(["resume"])), [0, 6]);
      // Writes stand still for long: the windows may hold too few acknowledgements.
      await scene.expectEnd("frozen receiver", { anyRestarts: true, verdicts: ["pass", "not-measured"] });
    } finally {
      apply.kill("SIGKILL");
      for (const node of ["pg2", "pg3"]) await signalServer(scene, node, /walreceiver/, "SIGCONT").catch(() => 0);
    }
  },
};
