/** Killed by a fault: the orchestrator's process is gone. */
export class Crash extends Error {}
/** The trial does not end: a livelock shows as ever more instants or ever more virtual time. */
export class Runaway extends Error {}

/** What may go wrong at one instant. */
export type Fault =
  /** Killed; it never happened. */
  | "crash before"
  /** Killed; it happened. */
  | "crash after"
  /** Killed; the request takes effect a little later. */
  | "crash, arrives late"
  | "no answer, happened"
  | "no answer, did not happen"
  | "no answer, arrives late"
  /** SIGSTOP just before it; wakes when somebody else has finished the run. */
  | "frozen";

/** A point at which the engine touches the world: it makes something durable, or it sends an effect. Numbered from 0 in the order they are reached. */
export type Instant =
  | { readonly kind: "append"; readonly event: string; readonly step: string | null }
  /** `via` null: over the network; else through the fence of that host. `step`: whose act it is. */
  | { readonly kind: "send"; readonly via: string | null; readonly step: string | null };

export const describeInstant = (instant: Instant | undefined): string => {
  if (!instant) return "an instant that is never reached";
  return instant.kind === "append" ? `${instant.event} ${instant.step ?? ""}`.trimEnd() : `send ${instant.via ?? "network"} (${instant.step ?? "?"})`;
};

const atAppend: readonly Fault[] = ["crash before", "crash after"];
const atSend: readonly Fault[] = [
  "crash before",
  "crash after",
  "crash, arrives late",
  "no answer, happened",
  "no answer, did not happen",
  "no answer, arrives late",
];
export const faultsOf = (instant: Instant | undefined): readonly Fault[] => {
  if (!instant) return [];
  return instant.kind === "append" ? atAppend : atSend;
};

/** A request is in flight at most this many milliseconds; a driver's `settleMs` must cover it, and what the system itself hides for a while. */
export const inFlightMs = 800;
