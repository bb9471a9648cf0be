// What an answer, or the lack of one, says about a row that was sent (facts 3.4, 3.6).
import { Refused } from "../../../model/errors.ts";
import { ServerRefused } from "../wire/errors.ts";

export type Said =
  /** Not sent, or refused before anything was done; another node, or another time, may take it. */
  | { readonly is: "elsewhere"; readonly why: string; readonly leader: string | null }
  /** The chunk is held by a transaction whose coordinator may be gone. */
  | { readonly is: "chunk locked"; readonly why: string }
  /** It may have been carried out; the vendor's API sends it again. */
  | { readonly is: "doubt"; readonly why: string }
  /** Told to the caller as it is: the vendor's API does not try again. */
  | { readonly is: "refused"; readonly why: string }
  | { readonly is: "unknown"; readonly why: string };

/** Errors after which the row is certainly not there: graceful shutdown takes nothing new, no replica to write to, too few data nodes (facts 0.4, 1.3, 5.3). */
const refusing = new Set(["S00005", "S01012"]);
const refusingWords =
  /replication ?factor|number of (?:alive|online|available) (?:data ?nodes|replicas)|not (?:enough|sufficient) data ?nodes|does not exist|no (?:access|permission)|not granted/i;

export function saidBy(error: unknown): Said {
  const why = error instanceof Error ? error.message : String(error);
  if (error instanceof ServerRefused) {
    switch (error.tag) {
      case "NotLeader":
        return { is: "elsewhere", why, leader: error.leaderAddress };
      case "ChunkInTransaction":
        return { is: "chunk locked", why };
      case "DataNodeNotReady":
      case "ControllerNotReady":
      case "ControllerNotAvail":
        return { is: "elsewhere", why, leader: null };
      case "DataNodeNotAvail":
        // A participant went away: in the middle of the transaction, maybe.
        return { is: "doubt", why };
      case null:
        return { is: (error.refId !== null && refusing.has(error.refId)) || refusingWords.test(error.words) ? "refused" : "unknown", why };
    }
  }
  // A connection that was closed before anything went out.
  return error instanceof Refused ? { is: "elsewhere", why, leader: null } : { is: "doubt", why };
}
