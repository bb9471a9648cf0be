// What goes wrong once in a seed, when the run has reached a step.
import type { MemoryCdap } from "../../../lab/cdap/memory/cluster.ts";
import type { ProgramId, Run } from "../../../lab/cdap/logic/programs/run.ts";
import { ServerError } from "../../../lab/cdap/logic/answers.ts";
import type { FaultRule } from "../../../lab/kit/virtual-network.ts";
import { STILLWATER, THROUGH_HOST } from "../stand.ts";

export const faultKinds = [
  "killed, watchdog",
  "killed, nobody there",
  "reply lost",
  "request lost",
  "request late",
  "token over",
  "503 for a while",
  "a service NOTOK",
  "appfabric restarted",
  "bulk answer cut",
  "trigger switched on",
  "started by somebody",
  "controller lost",
  "stubborn program",
  "too many launches",
] as const;
export type FaultKind = (typeof faultKinds)[number];

export interface Scene {
  readonly cdap: MemoryCdap;
  /** In [0, 1), by the seed. */
  readonly random: () => number;
  /** kill -9 of the orchestrator, at once. */
  readonly killStillwater: () => void;
  /** Somebody else has had a hand in this program. */
  readonly touched: (program: ProgramId) => void;
}

const AWAY_MS = 15_000;
const LONG_MS = 60_000;
const of = (app: string, type: ProgramId["type"], name: string): ProgramId => ({ namespace: "default", app, type, name });
export const WORKFLOWS = [of("batch-0001", "WORKFLOW", "DataPipelineWorkflow"), of("batch-0002", "WORKFLOW", "DataPipelineWorkflow")] as const;
const SERVICE = of("order-service", "SERVICE", "Orders");
const WORKER = of("replicate-crm", "WORKER", "DeltaWorker");

/** Whether it has harmed anything, asked when the run is over. */
export type Bit = () => boolean;
const always: Bit = () => true;

/** Fires the fault; returns when it is over. */
export async function fire(kind: FaultKind, scene: Scene): Promise<Bit> {
  const { cdap, random } = scene;
  const { world, network } = cdap;
  const requests = (fault: FaultRule["fault"], times: number): Bit => {
    const active = network.fault({ from: STILLWATER, times, fault });
    return () => active.hits() > 0;
  };
  switch (kind) {
    case "killed, watchdog":
    case "killed, nobody there":
      if (random() < 0.5) await world.sleep(random() * 2_000);
      scene.killStillwater();
      return always;
    case "reply lost": {
      // Answers of what changes something: they come over the helper on the host.
      const lost = network.fault({ from: THROUGH_HOST, times: 3, fault: { kind: "lose-reply", as: random() < 0.5 ? "closed" : "time-out" } });
      await world.sleep(AWAY_MS);
      lost.remove();
      return () => lost.hits() > 0;
    }
    case "request lost":
      return requests({ kind: "lose-request", as: random() < 0.5 ? "closed" : "time-out" }, 3);
    case "request late":
      network.fault({ from: THROUGH_HOST, times: 2, fault: { kind: "delay", requestMs: 4_000, replyMs: 2_000 } });
      return requests({ kind: "delay", requestMs: 4_000, replyMs: 2_000 }, 4);
    case "token over": {
      const tokens = (): number => Object.keys((cdap.storage.parts["tokens"] as { readonly tokens: object }).tokens).length;
      let before = 0;
      await whenUp(scene, async () => {
        before = tokens();
        await cdap.control("expire-tokens");
      });
      return () => tokens() > before;
    }
    case "503 for a while": {
      await whenUp(scene, async () => void (await cdap.control("unavailable", { calls: 12 })));
      return () => cdap.platform.cluster.refusals < 12;
    }
    case "a service NOTOK":
      return whenUp(scene, async () => {
        await cdap.control("service", { name: "metrics", ok: false });
        await world.sleep(LONG_MS);
        if (cdap.running) await cdap.control("service", { name: "metrics", ok: true });
      });
    case "appfabric restarted":
      return whenUp(scene, async () => void (await cdap.control("restart-appfabric")));
    case "bulk answer cut": {
      await whenUp(scene, async () => void (await cdap.control("upgrade-cut", { after: 2, goesOn: random() < 0.5 })));
      return () => (cdap.storage.parts["upgrade-cut"] as { readonly after: number | null }).after === null;
    }
    case "trigger switched on":
      // Somebody enables it again in the UI: the second pipeline begins when the first has ended, however it did.
      return whenUp(scene, async () => {
        for (const program of WORKFLOWS) scene.touched(program);
        const { schedules } = cdap.platform;
        schedules.set(schedules.get("default", "batch-0002", "after-first"), "SCHEDULED");
      });
    case "started by somebody":
      return whenUp(scene, async () => {
        for (const program of [SERVICE, WORKER]) {
          scene.touched(program);
          startIfFree(cdap, program);
        }
      });
    case "controller lost":
      return whenUp(scene, async () => {
        const [run] = activeOf(cdap, WORKER);
        if (run !== undefined) await cdap.control("lose-controller", { run: run.id });
        return run !== undefined;
      });
    case "stubborn program":
      return whenUp(scene, async () => void (await cdap.control("behaviour", { program: SERVICE, behaviour: { drainMs: 2_000_000 } })));
    case "too many launches":
      cdap.settings.site["app.max.concurrent.launching"] = "1";
      await world.sleep(LONG_MS * 3);
      delete cdap.settings.site["app.max.concurrent.launching"];
      return always;
  }
}

/** What a person does about a run that nothing ends: it is ended where it runs. */
export async function endLostRuns(cdap: MemoryCdap): Promise<void> {
  if (!cdap.running) return;
  for (const { id, status, lost } of cdap.platform.programs.all()) if (lost && status === "STOPPING") await cdap.control("end-run", { run: id });
}

const activeOf = (cdap: MemoryCdap, program: ProgramId): readonly Run[] => cdap.platform.programs.runs(program).filter(({ end }) => end === null);
function startIfFree(cdap: MemoryCdap, program: ProgramId): void {
  try {
    cdap.platform.programs.start(program);
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
  }
}
/** The lab's pages are there while the server is. */
async function whenUp({ cdap }: Scene, work: () => Promise<boolean | void>): Promise<Bit> {
  while (!cdap.running || !cdap.platform.cluster.ready) await cdap.world.sleep(500);
  const bit = await work();
  return () => bit !== false;
}
