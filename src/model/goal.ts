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
 * Which of the users' programs, or which run of one: the keys of the batch calls that platforms have for it, as an operator's file gives them. A key that is
 * absent does not narrow; without `namespace`, an application is one of the namespace `default`, and everything is all of all namespaces.
 */
export type ProgramInput = {
  readonly namespace?: string;
  readonly appId?: string;
  readonly appVersion?: string;
  readonly programType?: string;
  readonly programId?: string;
  readonly runId?: string;
  /** For a start. */
  readonly runtimeargs?: Readonly<Record<string, string>>;
};
/** How a program is stopped: as the server has it by default, never by force, or by force after so many seconds. */
export type Grace = "server" | "never" | number;
/** Steps that an earlier run acted, with what they kept before their first act. */
export type Kept = readonly { readonly do: string; readonly params: Json; readonly before: Json; readonly proof: Json }[];

/**
 * What is neither an upgrade nor a change of settings. `recover`: heal what is sick, touch nothing else. `drain`: make a node free to be taken down, for
 * whatever purpose. `restore`: undo what the drain of that node did, from what its run kept. `stop-programs`, `start-programs`: the users' work, one element
 * of the result for each input; without inputs, a start is of what an earlier stop has kept. `backup`, `restore-backup`: definitions, to and from a
 * directory of this machine.
 */
export type Maintenance =
  | { readonly is: "recover" }
  | { readonly is: "drain"; readonly node: string }
  | {
      readonly is: "restore";
      readonly node: string;
      readonly drained: Kept;
    }
  | { readonly is: "stop-programs"; readonly inputs: readonly ProgramInput[]; readonly grace: Grace }
  /** `token`: unique to the plan, so that a start whose answer was lost is found again. */
  | { readonly is: "start-programs"; readonly inputs: readonly ProgramInput[]; readonly stopped: Kept; readonly token: string }
  | { readonly is: "backup"; readonly directory: string }
  /** `app`: `NAME` or `NAMESPACE.NAME`, several separated by commas; null: everything that the backup has. */
  | { readonly is: "restore-backup"; readonly directory: string; readonly app: string | null };

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

export const goalKinds = [
  "version",
  "configuration",
  "both",
  "restart",
  "recover",
  "drain",
  "restore",
  "stop-programs",
  "start-programs",
  "backup",
  "restore-backup",
] as const;
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
