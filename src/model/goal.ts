import type { Json } from "./json.ts";

export const modes = ["zero-downtime", "semi-downtime", "downtime"] as const;
export type Mode = (typeof modes)[number];

/** A file that becomes part of the cluster, addressed by its sha256 (64 hex digits). */
export interface Artefact {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** The version that was read from inside it, never from its name. */
  readonly version: string;
}

/**
 * What is neither an upgrade nor a change of settings. `recover`: heal what is sick, touch nothing else. `drain`: make a node free to be taken down, for
 * whatever purpose. `restore`: undo what the drain of that node did, from what its run kept.
 */
export type Maintenance =
  | { readonly is: "recover" }
  | { readonly is: "drain"; readonly node: string }
  | {
      readonly is: "restore";
      readonly node: string;
      /** The steps that the drain acted, with what they kept before their first act. */
      readonly drained: readonly { readonly do: string; readonly params: Json; readonly before: Json; readonly proof: Json }[];
    };

/** A version, a configuration change, both, a restart, or maintenance. */
export interface Goal {
  readonly version: string | null;
  readonly artefact: Artefact | null;
  /** Key to wanted value; null unsets. Secret values are references. */
  readonly settings: Readonly<Record<string, string | null>>;
  readonly restart: boolean;
  readonly mode: Mode | "auto";
  /** Names of nodes; null is all. */
  readonly only: readonly string[] | null;
  /** With it, version, artefact and settings are empty. */
  readonly maintenance?: Maintenance;
  /** Driver's own options of this plan. */
  readonly options: Readonly<Record<string, string>>;
}

export const goalKinds = ["version", "configuration", "both", "restart", "recover", "drain", "restore"] as const;
export type GoalKind = (typeof goalKinds)[number];

export function goalKind(goal: Goal): GoalKind {
  if (goal.maintenance) return goal.maintenance.is;
  const configures = Object.keys(goal.settings).length > 0;
  if (goal.version !== null) return configures ? "both" : "version";
  return configures ? "configuration" : "restart";
}

export interface ModeVerdict {
  readonly mode: Mode;
  readonly eligible: boolean;
  /** Why, or why not, and for a mode that the system does not have: that. */
  readonly why: string;
}
