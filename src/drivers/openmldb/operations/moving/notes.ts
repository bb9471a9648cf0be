// What a move writes into the journal: its receipt, and the proof of each partition that `prove` reads.
import type { FenceKind } from "../../steps.ts";

/** The evidence that a change of leader lost nothing, or how much it lost. Offsets count entries from 1. */
export type MoveProof = {
  /** `db.table/pid`. */
  readonly partition: string;
  readonly tid: number;
  readonly pid: number;
  readonly from: string;
  readonly to: string;
  readonly fence: FenceKind;
  /** The term in which the new leader leads, and the offset of its first own entry (term_offset). */
  readonly term: number;
  readonly began: number;
  /** Last offset of the old leader, fenced: read when the change was asked for (null: that answer was lost), and again once the new leader led. */
  readonly frozen: number | null;
  readonly oldLeader: number;
  /** Last offset of the candidate when the change was asked for. */
  readonly candidate: number | null;
  /** Entries that only the old leader has; 0: nothing was lost. With `fence: none` the offsets from `began` on. */
  readonly lost: number;
};
/** A partition whose old leader cannot be shown to hold nothing of its own: it was not recovered. */
export type LeftBehind = {
  readonly partition: string;
  readonly tid: number;
  readonly pid: number;
  readonly on: string;
  readonly why: string;
};
/** The proof of a `moveLeaders` step. */
export type MovesProof = { readonly moved: readonly MoveProof[]; readonly leftBehind: readonly LeftBehind[]; readonly alarms: readonly string[] };

/** What is known of one partition's move from answers that we lived to write down. Never the only ground of a decision but one: RecoverTable is sent when its proof is here. */
export type Note = {
  readonly from: string;
  readonly to: string | null;
  readonly frozen: number | null;
  readonly candidate: number | null;
  /** When an operation was last asked for, ms since 1970, and the highest operation id before it. */
  readonly sentAt: number;
  readonly after: number;
  readonly sent: "changeLeader" | "recoverTable";
  readonly proof: MoveProof | null;
};
/** By `TID/PID`. */
export type Notes = { readonly [partition: string]: Note };
