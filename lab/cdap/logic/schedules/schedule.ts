import type { ProgramType } from "../applications.ts";
import type { EndStatus } from "../programs/run.ts";

export type Trigger =
  | { readonly type: "TIME"; readonly cronExpression: string }
  | {
      readonly type: "PROGRAM_STATUS";
      readonly programId: {
        readonly namespace: string;
        readonly application: string;
        readonly version?: string;
        readonly type: string;
        readonly program: string;
      };
      readonly programStatuses: readonly EndStatus[];
    }
  | { readonly type: "PARTITION"; readonly dataset: unknown; readonly numPartitions: number }
  | { readonly type: "AND" | "OR"; readonly triggers: readonly Trigger[] };

/** What is deployed. */
export interface ScheduleSpec {
  readonly name: string;
  readonly description?: string;
  readonly program: { readonly programName: string; readonly programType: ProgramType };
  /** Runtime arguments of the runs that it starts. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly trigger: Trigger;
  readonly constraints?: readonly unknown[];
  readonly timeoutMillis?: number;
}
/** ScheduleDetail of facts 3.3. */
export interface Schedule extends Required<ScheduleSpec> {
  readonly namespace: string;
  readonly application: string;
  status: "SCHEDULED" | "SUSPENDED";
  /** Ms since 1970. */
  lastUpdateTime: number;
}
/** Itself, or those it is made of. */
export function triggersIn(trigger: Trigger): readonly Trigger[] {
  return trigger.type === "AND" || trigger.type === "OR" ? trigger.triggers.flatMap(triggersIn) : [trigger];
}
