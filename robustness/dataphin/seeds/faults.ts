// What goes wrong in a seed, once, when its step is reached.
import type { CallFault } from "../../../lab/kit/virtual-network.ts";
import { STILLWATER, type Stand } from "../stand.ts";

export const faultKinds = [
  "killed",
  "killed, nobody there",
  "request lost",
  "answer lost",
  "OpenAPI cut off",
  "Manager killed",
  "automatic rerun",
] as const;
export type FaultKind = (typeof faultKinds)[number];
/** Whether it has done something; asked at the end. */
export type Bit = () => boolean;

const LOST = 2;
const CUT_MS = 25_000;
/** Whoever runs the command once more has looked why it failed. */
const MANAGER_AWAY_MS = 1_500;

export function fire(kind: FaultKind, { stand: { lab }, killStillwater }: { readonly stand: Stand; readonly killStillwater: () => void }): Bit {
  const network = (fault: CallFault, times: number | null): ReturnType<typeof lab.network.fault> =>
    lab.network.fault({ from: STILLWATER, to: lab.endpoints.openapi, fault, ...(times === null ? {} : { times }) });
  switch (kind) {
    case "killed":
    case "killed, nobody there":
      killStillwater();
      return () => true;
    case "request lost": {
      const active = network({ kind: "lose-request", as: "time-out" }, LOST);
      return () => active.hits() > 0;
    }
    case "answer lost": {
      const active = network({ kind: "lose-reply", as: "time-out" }, LOST);
      return () => active.hits() > 0;
    }
    case "OpenAPI cut off": {
      const active = network({ kind: "lose-request", as: "closed" }, null);
      lab.world.after(CUT_MS, () => active.remove());
      return () => active.hits() > 0;
    }
    case "Manager killed": {
      const killed = lab.kill("manager");
      lab.world.after(MANAGER_AWAY_MS, () => void lab.start("manager"));
      return () => killed;
    }
    case "automatic rerun":
      for (const node of Object.values(lab.database.data.nodes)) Object.assign(node, { autoRerun: { count: 1, intervalMs: 3_000 } });
      return () => true;
  }
}
