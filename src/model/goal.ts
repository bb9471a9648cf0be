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

/** A version, a configuration change, both, or a restart. */
export interface Goal {
  readonly version: string | null;
  readonly artefact: Artefact | null;
  /** Key to wanted value; null unsets. Secret values are references. */
  readonly settings: Readonly<Record<string, string | null>>;
  readonly restart: boolean;
  readonly mode: Mode | "auto";
  /** Names of nodes; null is all. */
  readonly only: readonly string[] | null;
  /** Driver's own options of this plan. */
  readonly options: Readonly<Record<string, string>>;
}

export function goalKind(goal: Goal): "version" | "configuration" | "both" | "restart" {
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
