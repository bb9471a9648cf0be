// What goes wrong in a seed, once, when its step is reached.
import type { Request } from "../../../lab/kit/network.ts";
import { ANYBODY, type CallFault } from "../../../lab/kit/virtual-network.ts";
import { STILLWATER, type Stand } from "../stand.ts";
import { hasEffects, type Place } from "./places.ts";

export const faultKinds = [
  "killed",
  "killed, nobody there",
  "request lost",
  "answer lost",
  "request late",
  "cut off",
  "Manager killed",
  "operator aborts",
] as const;
export type FaultKind = (typeof faultKinds)[number];
/** Whether it has done something; asked at the end. */
export type Bit = () => boolean;

const TIMES = 2;
/** Whoever has sent it has given it up by then; it still comes within the time after which the driver believes that it will not. */
const LATE_MS = 12_000;
const MOMENT_MS = 200;
const CUT_MS = 25_000;
/** Whoever runs the command once more has looked why it failed. */
const MANAGER_AWAY_MS = 1_500;
const isEffect = ({ path }: Request): boolean => /[?&]Action=(OperateInstance|PausePhysicalNode|ResumePhysicalNode)&/.test(path);

interface Scene {
  readonly stand: Stand;
  readonly at: Place;
  readonly killStillwater: () => void;
  readonly abort: () => void;
}
export function fire(kind: FaultKind, { stand: { lab }, at, killStillwater, abort }: Scene): Bit {
  /** Of what Stillwater asks itself; where it has effects, of those. */
  const network = (fault: CallFault): Bit => {
    const matches = hasEffects.has(at.step) ? { matches: isEffect } : {};
    const active = lab.network.fault({ from: STILLWATER, to: ANYBODY, ...matches, fault, times: TIMES });
    return () => active.hits() > 0;
  };
  switch (kind) {
    case "killed":
    case "killed, nobody there":
      killStillwater();
      return () => true;
    case "request lost":
      return network({ kind: "lose-request", as: "time-out" });
    case "answer lost":
      return network({ kind: "lose-reply", as: "time-out" });
    case "request late":
      // What runs again is over in a moment: only then could one that comes late make it run twice.
      for (const node of Object.values(lab.database.data.nodes)) Object.assign(node, { durationMs: MOMENT_MS });
      return network({ kind: "delay", requestMs: LATE_MS });
    case "cut off": {
      const active = lab.network.fault({
        from: STILLWATER,
        to: ANYBODY,
        fault: { kind: "lose-request", as: "closed" },
        // From the first request that it meets: a step of the Manager may take longer than that.
        happens: () => void (active.hits() === 1 && lab.world.after(CUT_MS, () => active.remove())),
      });
      return () => active.hits() > 0;
    }
    case "Manager killed": {
      const killed = lab.kill("manager");
      lab.world.after(MANAGER_AWAY_MS, () => void lab.start("manager"));
      return () => killed;
    }
    case "operator aborts":
      abort();
      return () => true;
  }
}
