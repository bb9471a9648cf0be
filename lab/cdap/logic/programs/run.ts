import type { ProgramType } from "../applications.ts";

export interface ProgramId {
  readonly namespace: string;
  readonly app: string;
  readonly type: ProgramType;
  readonly name: string;
}
/** ProgramRunStatus of facts 3.2. */
export type RunStatus = "PENDING" | "STARTING" | "RUNNING" | "SUSPENDED" | "RESUMING" | "STOPPING" | "COMPLETED" | "FAILED" | "KILLED" | "REJECTED";
export type EndStatus = Extract<RunStatus, "COMPLETED" | "FAILED" | "KILLED" | "REJECTED">;

/** One run of one version of a program. Times in ms since 1970. */
export interface Run {
  readonly id: string;
  readonly program: ProgramId;
  readonly version: string;
  status: RunStatus;
  readonly starting: number;
  start: number | null;
  suspend: number | null;
  resume: number | null;
  stopping: number | null;
  /** When the monitor may kill it: hidden in the public record. */
  terminate: number | null;
  end: number | null;
  /** The workflow run that started it. */
  readonly parent: string | null;
  /** Runs of a workflow's children, by node. */
  readonly children: Record<string, string>;
  readonly args: Readonly<Record<string, string>>;
  /** By the monitor, or without time for its drain: what it had in flight was not worked off. */
  forced: boolean;
  /** Its controller is gone: nothing ends it (facts 0.4). */
  lost: boolean;
}

/** What a program is like. Milliseconds. */
export interface Behaviour {
  /** From STARTING to RUNNING. */
  readonly startMs: number;
  readonly startFails: boolean;
  /** Null: until it is stopped. */
  readonly runsMs: number | null;
  readonly endsAs: "COMPLETED" | "FAILED";
  /** What it works off after it is told to stop. More than the budget: it goes on, and the monitor kills it (facts section 8, b). */
  readonly drainMs: number;
  /** After the drain, whatever the budget is. */
  readonly exitMs: number;
  /** `lost`: its controller is gone, so that it stays STOPPING for ever. `completes`: COMPLETED instead of KILLED. */
  readonly onStop: "killed" | "completes" | "fails" | "lost";
}
/** Asked at the start of a run and again when it is told to stop. What is left out is as for the type of program. */
export type BehaviourOf = (run: Run) => Partial<Behaviour> | null;
/** After each transition, in the order of registration. */
export type RunListener = (run: Run, before: RunStatus | null) => void;
