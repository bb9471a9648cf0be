import type { Mode } from "./goal.ts";

/** The application beside which a demo upgrades its cluster: a client that knows nothing of Stillwater. */
export interface DemoLoad {
  /** Stops it and reads everything back. `lost`: acknowledged records that are not there. */
  stop(): Promise<{
    readonly acknowledged: number;
    readonly failed: number;
    readonly lost: number;
    readonly longestGapMs: number;
    /** What it did, in a sentence, where it is not writing rows. */
    readonly told?: string;
  }>;
}

/** A cluster made for a demo, out of what the packages of this project bring along. */
export interface DemoStage {
  readonly directory: string;
  readonly clusterFile: string;
  readonly versions: { readonly from: string; readonly to: string };
  /** Null: nothing is brought along; the platform has its versions. */
  readonly artefact: string | null;
  /** A setting that needs a restart, with a value that is not the present one; null: the system has none. */
  readonly setting: { readonly key: string; readonly value: string } | null;
  /** Options of every plan of the tour: what an operator of this cluster has to say. */
  readonly options?: Readonly<Record<string, string>>;
  /** What the tour does, one run after the other; absent: an upgrade. */
  readonly tour?: readonly ("version" | "configuration")[];
  /** Blockers that the first plan must be refused with, before it is made again with these overrides. */
  readonly overrides?: readonly { readonly code: string; readonly reason: string }[];
  /** Of a run that waits for its result to be verified: how the tour tries it, and what it says then. */
  readonly verify?: () => Promise<string>;
  startLoad(): Promise<DemoLoad>;
  /** How to reach it by hand, one line each. */
  howToPlay(): readonly string[];
  destroy(): Promise<void>;
}
export interface DemoOptions {
  /** Null: a new temporary directory. */
  readonly directory: string | null;
  /** The very example of the vendor's page, of a system that has one. Absent: no. */
  readonly tutorial?: boolean;
  /** What the tour's plans ask for; null: whatever is least disruptive. */
  readonly mode: Mode | null;
  readonly log: (line: string) => void;
}
