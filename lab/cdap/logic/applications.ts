/** In paths: the category. */
export const CATEGORIES = { MAPREDUCE: "mapreduce", WORKFLOW: "workflows", SERVICE: "services", SPARK: "spark", WORKER: "workers" } as const;
/** In bodies, in any case. */
export const PRETTY = { MAPREDUCE: "Mapreduce", WORKFLOW: "Workflow", SERVICE: "Service", SPARK: "Spark", WORKER: "Worker" } as const;
export type ProgramType = keyof typeof CATEGORIES;

export interface ProgramSpec {
  readonly type: ProgramType;
  readonly name: string;
  readonly description?: string;
  /** Of a workflow: programs of the same version that it starts one after another. */
  readonly children?: readonly { readonly type: ProgramType; readonly name: string }[];
}
export interface AppVersion {
  readonly version: string;
  readonly programs: readonly ProgramSpec[];
}
/** What programs, runs and schedules need of the applications (lab/cdap/apps). */
export interface Applications {
  /** `system` among them. */
  namespaces(): readonly string[];
  /** Names. */
  apps(namespace: string): readonly string[];
  /** Oldest first, the last one is the latest; null: there is no such application. */
  versions(namespace: string, app: string): readonly AppVersion[] | null;
  /** Saved runtime arguments and preferences, merged: what a start without arguments gets. */
  argumentsOf(program: {
    readonly namespace: string;
    readonly app: string;
    readonly type: ProgramType;
    readonly name: string;
  }): Readonly<Record<string, string>>;
  /** Instance-wide and by name: null when there is no such profile. */
  profileEnabled(namespace: string, profile: string): boolean | null;
}
