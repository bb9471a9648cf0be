// The port of the journal. Times in ms since 1970.
import type { JournalEntry, RunEvent } from "../model/event.ts";
import type { Plan } from "../model/plan.ts";

/** Who holds a cluster. */
export interface Holder {
  readonly operator: string;
  readonly host: string;
  readonly pid: number;
  /** Start of that process in clock ticks after boot: a holder on this machine that is dead need not be waited for. */
  readonly startTicks: number;
  /** The boot's id and the pid namespace in which `pid` counts; opaque, made and judged by process-identity.ts. */
  readonly bootId: string;
  readonly verb: string;
}
export interface Claim {
  readonly cluster: string;
  readonly epoch: number;
  readonly holder: Holder;
  readonly since: number;
  readonly until: number;
}
export type Desired = "run" | "pause" | "abort";
export interface Signal {
  readonly desired: Desired;
  readonly by: string;
  readonly reason: string;
}

export interface RunHead {
  /** Number of the run in this store, from 1. */
  readonly id: number;
  readonly cluster: string;
  readonly createdAt: number;
}
export interface RunRecord extends RunHead {
  readonly plan: Plan;
}
/** What the worker is doing right now: shown by `status` and `watch`, never decided upon. */
export interface Progress {
  readonly at: number;
  readonly turn: string | null;
  readonly step: string | null;
  readonly state: string;
}

/** The memory of runs. Every method is one transaction. Errors: SW4001 to SW4003, SW1004 for a run that is not there, SW2001, ClaimLost. */
export interface Store {
  /** Identifies this store in the records of hosts: two stores never have the same. */
  readonly id: string;

  /** Takes the cluster with a new epoch above `above` and above every earlier one. Refused with SW2001, naming the holder, while a claim that has not expired is held by a process that may be alive. */
  claim(request: {
    readonly cluster: string;
    readonly holder: Holder;
    readonly leaseMs: number;
    readonly above: number;
    readonly holderIsDead: (holder: Holder) => boolean;
  }): Promise<Claim>;
  /** The claim that was taken last and not released, also when `until` has passed: its holder vanished, and `status` says who that was. Null when there is none. */
  holder(cluster: string): Promise<Claim | null>;
  /** Does nothing for a claim that is lost: it is somebody else's now. The epoch is kept for ever. */
  release(claim: Claim): Promise<void>;

  /** Proves the claim first. Throws ClaimLost. */
  createRun(claim: Claim, plan: Plan): Promise<RunRecord>;
  run(id: number): Promise<RunRecord | null>;
  /** Newest first. Null: of every cluster. Without their plans: those of large platforms take megabytes each. */
  runs(cluster: string | null): Promise<readonly RunHead[]>;

  /** Proves the claim, extends it, appends, and reads the signal, in one transaction. With no events: a heartbeat. Throws ClaimLost. */
  append(
    claim: Claim,
    run: number,
    events: readonly RunEvent[],
  ): Promise<{ readonly until: number; readonly signal: Signal; readonly entries: readonly JournalEntry[] }>;
  /** Entries after number `after`, in order and without a hole. SW4003, naming run and number, for one that cannot be understood: nothing may act on it. */
  read(run: number, after: number): Promise<readonly JournalEntry[]>;

  /** Needs no claim: anybody may ask the worker to pause or abort. The last one counts. */
  signal(run: number, signal: Signal): Promise<void>;
  /** The same, unless what is asked for now is an abort: then false, and nothing is written. One transaction: read first, it would lose an abort that comes in between. */
  signalUnlessAbort(run: number, signal: Signal): Promise<boolean>;
  /** `run`, by nobody, until somebody has asked for something. */
  readSignal(run: number): Promise<Signal>;

  setProgress(run: number, progress: Progress): Promise<void>;
  progress(run: number): Promise<Progress | null>;
  close(): void;
}
