import type { ForcedEnd, RunEnd } from "./event.ts";
import type { GoalKind, Mode } from "./goal.ts";
import type { ImpactForecast } from "./impact.ts";
import type { ServerClock } from "./continuity.ts";
import type { SystemProof } from "./driver.ts";
import type { ProbeBucket, Timeline } from "./picture.ts";
import type { Watched } from "./watch.ts";

/** The last line of a run. `pass` only when everything that it stands for was measured. */
export type Verdict = "pass" | "fail" | "not-measured";

/** One interval in which acknowledged writes are at risk: a role move or a restart, on one partition. Times in ms since 1970. */
export interface RiskWindow {
  readonly turn: string;
  readonly kind: "move" | "restart";
  readonly partition: string;
  readonly from: number;
  readonly to: number;
}
export interface ContinuityVerdict {
  readonly verdict: Verdict;
  /** The system stores no records of its clients': running work is what could be lost, and it is proved by the ledger and the watches. */
  readonly notApplicable?: true;
  /** Why it is not `pass`, one line each. */
  readonly why: readonly string[];
  readonly scope: { readonly partitionsTouched: number; readonly partitionsProbed: number; readonly route: string; readonly durability: string };
  readonly attempts: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  readonly lost: number;
  readonly corrupted: number;
  readonly duplicated: number;
  /** Found only on a replica that does not serve: counted as lost too. */
  readonly replicaOnly: number;
  readonly windows: number;
  readonly windowsMeasured: number;
  /** Milliseconds in which the probe itself stood still. */
  readonly probeHolesMs: number;
  readonly longestWriteGapMs: number | null;
  readonly p99Ms: { readonly before: number | null; readonly during: number | null; readonly after: number | null };
  readonly control: "caught" | "missed";
  /** Complete reads of all records through the authoritative path: two are due. 0: what was lost is not known. */
  readonly reads?: number;
  /** Among the refused: answered without an error and not stored. A client that does not look at the count takes them for written. */
  readonly skipped?: number;
  /** Rows beyond the first of a record, all of a request that the client sent again: at-least-once, not a fault of the cluster. */
  readonly repeated?: number;
  /** Requests that were sent again though they may have been carried out before. */
  readonly sentAgain?: number;
  /** Replicas whose records were all read, in the read that saw most of them. */
  readonly replicasRead?: number;
  /** Replicas that were compared by what they count. */
  readonly replicasCounted?: number;
  readonly clocks?: readonly ServerClock[];
  /** Attempts that were due and never made, because of the probe itself. */
  readonly unsent?: number;
  /** The longest gap's partition and time (ms since 1970); `longestWriteGapMs` is its length. */
  readonly longestWriteGap?: { readonly partition: string; readonly from: number; readonly to: number; readonly ms: number } | null;
  /** The longest gap between two acknowledgements on whatever partition: what a user of the whole cluster felt. */
  readonly anyPartitionGapMs?: number | null;
  /** The windows with the longest gaps, longest first. `longestGapMs` counts the gaps that touch the window; null: its partition was never probed. */
  readonly worstWindows?: readonly (RiskWindow & { readonly acknowledged: number; readonly longestGapMs: number | null })[];
  /** The most frequent reasons of refused and unknown attempts. */
  readonly reasons?: readonly { readonly is: "refused" | "unknown"; readonly why: string; readonly count: number }[];
}
export interface ReportImpact {
  readonly feature: string;
  readonly phase: string;
  readonly forecast: ImpactForecast;
  /** `amount` where the row is a number of things; `ms` says nothing then. */
  readonly measured: { readonly ms: number; readonly evidence: string; readonly amount?: { readonly value: number; readonly unit: string } } | null;
  readonly holds: boolean | null;
}
export interface ReportNode {
  readonly name: string;
  /** As it is after the run. */
  readonly role: string;
  /** Present when it was another one before the run. */
  readonly roleBefore?: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly restarts: number;
}
/** What the picture and the tables of a rendered report need beyond the figures. */
export interface ReportDetail {
  readonly plan: {
    readonly hash: string;
    readonly createdAt: string;
    readonly createdBy: string;
    readonly goalVersion: string | null;
    /** Keys only: a value may be a secret. */
    readonly settings: readonly string[];
    readonly undoUntil: string;
    readonly rollsBack: string | null;
    readonly turns: readonly {
      readonly id: string;
      readonly title: string | null;
      readonly nodes: readonly string[];
      readonly role: string | null;
    }[];
    readonly unfenced: readonly string[];
  };
  readonly timeline: Timeline;
  readonly windows: readonly RiskWindow[];
  readonly series: readonly ProbeBucket[];
  /** Times in ms since 1970; `to` null: not put back. */
  readonly leases: readonly { readonly step: string; readonly title: string; readonly from: number; readonly to: number | null }[];
  readonly aborted: { readonly by: string; readonly reason: string } | null;
  readonly alarms: readonly { readonly at: number; readonly what: string }[];
}
/** The record that a vendor's console keeps of an upgrade (DP, issue 5): times in ms since 1970, durations in milliseconds; a reader shows them as hhh:mm:ss. */
export interface RunRecordView {
  readonly initialVersion: string | null;
  readonly targetVersion: string | null;
  readonly startedAt: number | null;
  readonly durationMs: number | null;
  /** From the first step that begins maintenance to the last that ends it; null: the run had none. */
  readonly maintenance: { readonly startedAt: number; readonly durationMs: number | null } | null;
  /** Moments with a name of the vendor's, in order: `application restored`. ms since 1970. */
  readonly instants: readonly { readonly instant: string; readonly at: number }[];
}
/** Schema: docs/schemas/report.json. Keys are stable; more may be added. */
export interface Report {
  readonly version: 1;
  readonly run: number;
  readonly cluster: string;
  readonly system: string;
  /** The cluster is a lab: its servers are simulated. */
  readonly lab?: true;
  readonly mode: Mode;
  readonly goal: GoalKind;
  readonly verdict: Verdict;
  /** The printed sentence of the proof. */
  readonly sentence: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: RunEnd | "unfinished";
  readonly nodes: readonly ReportNode[];
  readonly leases: { readonly taken: number; readonly putBack: number; readonly left: number };
  readonly wallMs: number;
  readonly criticalPathMs: number;
  readonly impact: readonly ReportImpact[];
  readonly continuity: ContinuityVerdict;
  readonly systemProof: SystemProof;
  readonly overrides: readonly { readonly code: string; readonly by: string; readonly reason: string }[];
  readonly answers: readonly { readonly step: string; readonly answer: string; readonly by: string; readonly reason: string }[];
  readonly notSeen: readonly string[];
  /** Of a run that was stopped by force. */
  readonly forced?: ForcedEnd;
  readonly record?: RunRecordView;
  /** What the watches beside the run saw; absent: none were there. */
  readonly watched?: Watched;
  /** Absent in a report that only carries figures: it is rendered without the picture. */
  readonly detail?: ReportDetail;
}
