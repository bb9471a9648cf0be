import type { Mode } from "./goal.ts";
import type { ImpactForecast } from "./impact.ts";
import type { SystemProof } from "./driver.ts";

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
}
export interface ReportImpact {
  readonly feature: string;
  readonly phase: string;
  readonly forecast: ImpactForecast;
  readonly measured: { readonly ms: number; readonly evidence: string } | null;
  readonly holds: boolean | null;
}
export interface ReportNode {
  readonly name: string;
  readonly role: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly restarts: number;
}
/** Schema: docs/schemas/report.json. Keys are stable; more may be added. */
export interface Report {
  readonly version: 1;
  readonly run: number;
  readonly cluster: string;
  readonly system: string;
  readonly mode: Mode;
  readonly goal: "version" | "configuration" | "both" | "restart";
  readonly verdict: Verdict;
  /** The printed sentence of the proof. */
  readonly sentence: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: "succeeded" | "aborted" | "unfinished";
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
}
