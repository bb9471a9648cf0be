// How CDAP names its programs: a category in paths, a type in bodies, and a pretty name in application details (facts 1).
export const programTypes = ["mapreduce", "services", "spark", "workers", "workflows"] as const;
/** As paths name it, and the vendor's page (CD-11). */
export type ProgramType = (typeof programTypes)[number];

const inBodies: Readonly<Record<ProgramType, string>> = {
  mapreduce: "Mapreduce",
  services: "Service",
  spark: "Spark",
  workers: "Worker",
  workflows: "Workflow",
};
export const typeInBody = (type: ProgramType): string => inBodies[type];

/** From any of its names, in whatever case: `Workflow`, `workflows`, `MAPREDUCE`. Null: none of a program that has runs. */
export function programType(name: string): ProgramType | null {
  const lower = name.toLowerCase();
  return programTypes.find((type) => type === lower || inBodies[type].toLowerCase() === lower) ?? null;
}

export interface ProgramId {
  readonly ns: string;
  readonly app: string;
  readonly type: ProgramType;
  readonly program: string;
}
export interface RunId extends ProgramId {
  readonly runId: string;
}
/** `default.app.spark.Program`, as CDAP's own messages do, without a version. */
export const programText = ({ ns, app, type, program }: ProgramId): string => `${ns}.${app}.${type}.${program}`;

export const runStatuses = [
  "PENDING",
  "STARTING",
  "RUNNING",
  "SUSPENDED",
  "RESUMING",
  "STOPPING",
  "COMPLETED",
  "FAILED",
  "KILLED",
  "REJECTED",
] as const;
export type RunStatus = (typeof runStatuses)[number];
const ends: ReadonlySet<RunStatus> = new Set(["COMPLETED", "FAILED", "KILLED", "REJECTED"]);
/** Drained is: no run record without an end (facts 3.2). `/status` alone does not tell. */
export const isActive = (status: RunStatus): boolean => !ends.has(status);
