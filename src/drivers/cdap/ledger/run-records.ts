// What run records say, for ledgers. Pure.
import type { LedgerRun, Program } from "../step-names.ts";
import type { RunRecord } from "../wire/api.ts";
import { isActive, type RunStatus } from "../wire/programs.ts";

/** By it a start whose answer was lost is found again among the run records. */
export const markArgument = "stillwater.start";

/** Arguments that the run was started with. A text that is no JSON map has none that could be given again. */
export function argumentsOf(record: Pick<RunRecord, "properties">): Readonly<Record<string, string>> {
  try {
    const value: unknown = JSON.parse(record.properties["runtimeArgs"] ?? "{}");
    if (value === null || typeof value !== "object" || Array.isArray(value)) return {};
    return Object.fromEntries(Object.entries(value).flatMap(([key, held]) => (typeof held === "string" ? [[key, held]] : [])));
  } catch {
    return {};
  }
}
/** Null: it was not started by Stillwater. */
export const markOf = (record: Pick<RunRecord, "properties">): string | null => argumentsOf(record)[markArgument] ?? null;

/** Run ids of what a workflow run has started: its properties name one for each node that has begun (facts 3.2). */
export const childrenOf = ({ properties }: Pick<RunRecord, "properties">): readonly string[] =>
  Object.entries(properties).flatMap(([key, value]) => (key === "runtimeArgs" ? [] : [value]));

/** Programs that run until somebody stops them: a second run of one is never wanted (facts 3.2, 4). */
export const isContinuous = ({ type, program }: Pick<Program, "type" | "program">): boolean =>
  type === "services" || type === "workers" || (type === "spark" && program === "DataStreamsSparkStreaming");

export interface Found extends Program {
  readonly record: RunRecord;
}
/** Entries of the ledger, workflows first; a child names the workflow run that started it. */
export function ledgerOf(found: readonly Found[]): readonly LedgerRun[] {
  const parents = new Map(
    found.flatMap(({ type, record }) => (type === "workflows" ? childrenOf(record).map((child): [string, string] => [child, record.runid]) : [])),
  );
  const runs = found
    .filter(({ record }) => isActive(record.status))
    .map(({ ns, app, type, program, record }): LedgerRun => ({
      ns,
      app,
      type,
      program,
      runId: record.runid,
      status: record.status,
      childOf: parents.get(record.runid) ?? null,
      args: argumentsOf(record),
    }));
  return runs.toSorted((a, b) => Number(b.type === "workflows") - Number(a.type === "workflows"));
}

/** The time after which a run that is STOPPING has no controller any more, seconds: the server's budget, its buffer, one interval of its monitor, and some. */
export const stuckAfterSeconds = (budgetSeconds: number): number => budgetSeconds + 60 + 300 + 60;
export const isStuck = ({ status, stopping }: Pick<RunRecord, "status" | "stopping">, budgetSeconds: number, now: number): boolean =>
  status === "STOPPING" && stopping != null && now / 1000 > stopping + stuckAfterSeconds(budgetSeconds);

export type EndState = RunStatus | "STUCK" | "VANISHED";
export type RunEnd = Program & {
  readonly runId: string;
  readonly endState: EndState;
  /** From its stop, or null where it was never asked to: to its end, or until now. */
  readonly seconds: number | null;
  /** It ended by itself, gracefully after it was asked to, or was killed by force. */
  readonly by: "itself" | "stop" | "force" | null;
};
/** How it ended; `forced`: Stillwater had asked for its end by force. */
export function endOf(program: Program, record: RunRecord, forced: boolean): RunEnd {
  const { ns, app, type, program: name } = program;
  const { status, stopping, end } = record;
  const seconds = stopping == null || end == null ? null : Math.max(0, end - stopping);
  const by = stopping == null && status !== "KILLED" ? "itself" : forced ? "force" : "stop";
  return { ns, app, type, program: name, runId: record.runid, endState: status, seconds, by };
}
