import { localText } from "../model/local-time.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Claim, Holder } from "./store.ts";

/** `ana on jump1 (apply, pid 4211)`: who holds a cluster, for people. */
export function holderText(holder: Holder): string {
  return `${holder.operator} on ${holder.host} (${holder.verb}, pid ${holder.pid})`;
}

/** The refusal of a second operator: names the first, his machine, verb and since when. */
export function clusterIsHeld(claim: Claim, now: number): StillwaterError {
  const { cluster, holder } = claim;
  return new StillwaterError(
    "SW2001",
    `${cluster} is held by ${holder.operator} on ${holder.host}: ${holder.verb}, since ${localText(claim.since)}`,
    {
      object: cluster,
      why: [
        `holder ${holderText(holder)}, epoch ${claim.epoch}, since ${localText(claim.since)}`,
        `its claim runs out in ${Math.ceil((claim.until - now) / 1000)} s unless it goes on`,
      ],
    },
  );
}
