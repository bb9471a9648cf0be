// What goes wrong while a host is upgraded, and how it is made to (facts 5.3 and 7).
import { ServerError } from "../../../lab/dolphindb/logic/node.ts";
import type { MemoryCluster } from "../../../lab/dolphindb/memory/cluster.ts";
import type { FaultRule } from "../../../lab/kit/virtual-network.ts";
import { STILLWATER } from "../stand.ts";

export const faultKinds = [
  "killed, watchdog",
  "killed, nobody there",
  "reply lost",
  "request lost",
  "request late",
  "leading controller killed",
  "following controller killed",
  "data node of another host killed",
  "data node of this host killed",
  "agent of this host killed",
  "link cut",
  "disk full",
  "slow start",
  "slow recovery",
  "controller does not exit",
  "chunks not reported",
  "recovery fails",
  "somebody's tool",
  "plugin of another version",
  "operator aborts",
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What a fault may do to its surroundings. */
export interface Scene {
  readonly cluster: MemoryCluster;
  /** In [0, 1), by the seed. */
  readonly random: () => number;
  /** Whose turn it is; null: nobody's. */
  readonly host: string | null;
  /** kill -9 of the orchestrator, at once. */
  readonly killStillwater: () => void;
  readonly abort: () => void;
  /** A process that the fault ends: its end, and the start that brings it back, are not Stillwater's. */
  readonly ownKill: (alias: string) => void;
  readonly ownStart: (alias: string) => void;
  /** Stillwater has started its process in this run: what brings it back once more is not one of the starts that an upgrade takes. */
  readonly isRenewed: (alias: string) => boolean;
}

/** Every data node has it in preloadModules where the fault is its wrong version. */
export const PLUGIN = "mysql";
const PLUGIN_FILE = `/opt/dolphindb/server/plugins/${PLUGIN}/PluginMySQL.txt`;
const AWAY_MS = 15_000;
const LONG_MS = 45_000;
/** Longer than a turn takes. */
const PATIENCE_MS = 120_000;

/** Fires the fault; returns when it is over. */
export async function fire(kind: FaultKind, scene: Scene): Promise<void> {
  const { cluster, random } = scene;
  const { world, network } = cluster;
  const host = scene.host ?? "h1";
  const others = cluster.machines.map(({ name }) => name).filter((name) => name !== host);
  const other = others[Math.floor(random() * others.length)] ?? "h2";
  const onHost = (where: string, role: string): string => cluster.on(where).find((node) => node.role === role)?.alias ?? "";
  const requests = (fault: FaultRule["fault"], times: number): void => {
    network.fault({ from: STILLWATER, times, fault });
  };
  switch (kind) {
    case "killed, watchdog":
    case "killed, nobody there":
      if (random() < 0.5) await world.sleep(random() * 2_000);
      scene.killStillwater();
      return;
    case "reply lost":
      return loseEffects(scene, { kind: "lose-reply", as: random() < 0.5 ? "closed" : "time-out" });
    case "request lost":
      requests({ kind: "lose-request", as: random() < 0.5 ? "closed" : "time-out" }, 3);
      return;
    case "request late":
      requests({ kind: "delay", requestMs: 4_000, replyMs: 2_000 }, 4);
      return;
    case "leading controller killed":
      return killAndRestart(scene, (await cluster.leader()) ?? onHost(other, "controller"));
    case "following controller killed": {
      const leader = await cluster.leader();
      const followers = cluster.of("controller").filter((node) => node.alias !== leader && node.host !== host && node.running !== null);
      return killAndRestart(scene, followers[0]?.alias ?? onHost(other, "controller"));
    }
    case "data node of another host killed":
      return killAndRestart(scene, onHost(other, "datanode"));
    case "data node of this host killed":
      return killAndRestart(scene, onHost(host, "datanode"));
    case "agent of this host killed":
      return killAndRestart(scene, onHost(host, "agent"));
    case "link cut":
      cluster.cutHosts(host, other);
      await world.sleep(AWAY_MS);
      cluster.healHosts(host, other);
      return;
    case "disk full": {
      const { fullBelow } = cluster.machine(host);
      for (const place of ["/var/lib/stillwater", "/opt/dolphindb"]) fullBelow.add(place);
      await world.sleep(LONG_MS);
      fullBelow.clear();
      return;
    }
    case "slow start": {
      const { listen, initialise } = cluster.durations;
      Object.assign(cluster.durations, { listen: listen * 10, initialise: initialise * 15 });
      await world.sleep(LONG_MS * 2);
      Object.assign(cluster.durations, { listen, initialise });
      return;
    }
    case "slow recovery": {
      const { recoverChunk } = cluster.durations;
      cluster.durations.recoverChunk = recoverChunk * 40;
      await world.sleep(LONG_MS * 2);
      cluster.durations.recoverChunk = recoverChunk;
      return;
    }
    case "controller does not exit": {
      const alias = onHost(host, "controller");
      await cluster.setFault(alias, "ignore-terminate");
      const stuck = cluster.processOf(alias);
      const began = world.now();
      if (stuck === null) return;
      // A person looks at what Stillwater has stopped at, and ends the process by hand (facts 1.3).
      await world.sleep(LONG_MS * 10);
      if (cluster.processOf(alias)?.pid !== stuck.pid) return;
      // One that nobody has told to end is not stuck.
      const told = cluster.node(alias).log.some((line) => line.includes("STOP told to end") && Number(line.slice(0, line.indexOf(" "))) >= began);
      if (!told) return void (await cluster.clearFault(alias, "ignore-terminate"));
      scene.ownKill(alias);
      stuck.kill();
      return;
    }
    case "chunks not reported":
      return whileSet(scene, onHost(host, "datanode"), "withhold-report");
    case "recovery fails":
      return whileSet(scene, onHost(host, "datanode"), "fail-recovery");
    case "plugin of another version":
      return exchangePlugin(scene, host);
    case "operator aborts":
      if (random() < 0.5) await world.sleep(random() * 3_000);
      scene.abort();
      return;
    case "somebody's tool":
      // Somebody switches on again, in the web page, what is held off.
      for (const { alias, running } of cluster.of("controller")) {
        if (running === null) continue;
        await cluster.call(alias, "resumeRecovery").catch(ignoreServer);
        await cluster.call(alias, "setDatanodeRestartInterval", [{ form: "scalar", type: "int", value: 30 }]).catch(ignoreServer);
      }
      return;
  }
}

/** Answers of what changes something: what a look asks again does no harm. They come over the helper on a host. */
async function loseEffects({ cluster, host }: Scene, fault: FaultRule["fault"]): Promise<void> {
  const lost = cluster.network.fault({ from: `${host ?? "h1"}:0`, times: 1, fault });
  await cluster.world.sleep(AWAY_MS);
  lost.remove();
}
async function killAndRestart(scene: Scene, alias: string): Promise<void> {
  const { cluster } = scene;
  const was = cluster.processOf(alias);
  if (was === null) return;
  const { role, host } = cluster.node(alias);
  const renewed = scene.isRenewed(alias);
  scene.ownKill(alias);
  was.kill();
  // As an operator or a service brings it back. On the host that is being upgraded Stillwater may, and everything may have to be down for a while.
  await comesBack(scene, alias, host === scene.host ? PATIENCE_MS : AWAY_MS);
  if (cluster.processOf(alias) !== null) {
    if (renewed || cluster.startsOf(alias).at(-1)?.automatic === true) scene.ownStart(alias);
    return;
  }
  scene.ownStart(alias);
  if (role === "controller" || role === "agent") {
    cluster.start(alias);
    return;
  }
  for (let tries = 0; tries < 60 && cluster.processOf(alias) === null; tries += 1) {
    await cluster.atLeader("startDataNode", [{ form: "vector", type: "string", items: [alias] }]).catch(ignoreServer);
    await cluster.world.sleep(1_000);
  }
}
async function comesBack({ cluster }: Scene, alias: string, withinMs: number): Promise<void> {
  const end = cluster.world.now() + withinMs;
  while (cluster.processOf(alias) === null && cluster.world.now() < end) await cluster.world.sleep(200);
}
/** A defect of its next process, or of the one that runs, for a while: then its node is told to report again, as the vendor says (facts 5.2). */
async function whileSet({ cluster }: Scene, alias: string, fault: "withhold-report" | "fail-recovery"): Promise<void> {
  const end = cluster.world.now() + LONG_MS;
  let set: unknown = null;
  while (cluster.world.now() < end) {
    const { running } = cluster.node(alias);
    if (running !== null && running !== set && (await cluster.setFault(alias, fault).catch(() => false))) set = running;
    await cluster.world.sleep(50);
  }
  if (cluster.node(alias).running !== null) await cluster.clearFault(alias, fault).catch(() => false);
  if (fault === "withhold-report")
    await cluster.atLeader("triggerNodeReport", [{ form: "scalar", type: "string", value: alias }]).catch(ignoreServer);
}
/** What data nodes load at their start is not of their release, until somebody brings the right one (facts 5.3). */
async function exchangePlugin({ cluster }: Scene, host: string): Promise<void> {
  const { disk } = cluster.machine(host);
  const wrong = `${PLUGIN},libPluginMySQL.so,1.30.5\n`;
  const right = disk.read(PLUGIN_FILE);
  if (right === null) return;
  disk.write(PLUGIN_FILE, wrong);
  await cluster.world.sleep(LONG_MS);
  // Where a release came in its place meanwhile, that one's is right.
  if (disk.read(PLUGIN_FILE) === wrong) disk.write(PLUGIN_FILE, right);
}
function ignoreServer(error: unknown): void {
  if (!(error instanceof ServerError)) throw error;
}
