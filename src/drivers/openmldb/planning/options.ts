// The options of a plan (`-o KEY=VALUE`), parsed. Pure.
import type { Refusal } from "../../../model/driver.ts";
import type { Artefact, Goal } from "../../../model/goal.ts";
import type { FenceKind } from "../steps.ts";

export interface PlanOptions {
  readonly fence: FenceKind;
  /** Null: not said. */
  readonly singleReplica: "add-replica" | "allow-unavailable" | null;
  /** Whether leaders go back to their tablet at the end of its turn. */
  readonly restoreLeaders: "each" | "never";
  /** Tablets that go down together, and why the vendor's warning may be passed over; 1: one at a time. */
  readonly parallelTablets: number;
  readonly parallelReason: string;
  readonly jobs: "wait" | "list";
  /** How long the replicas of one tablet may take to come back, milliseconds; null: by their number. */
  readonly recoveryDeadlineMs: number | null;
  /** Take what an earlier run has kept on the hosts. */
  readonly kept: boolean;
  /** The Spark distribution of taskmanagers (OM-22). */
  readonly spark: Artefact | null;
}

const fences: readonly FenceKind[] = ["partition", "tablet", "hook", "none"];
/** For people, with what they mean. */
export const optionWords: Readonly<Record<string, string>> = {
  fence: "how writes are kept from getting lost while a leader changes: partition, tablet, hook or none",
  "single-replica": "tables of one replica: add-replica or allow-unavailable",
  "restore-leaders": "whether leaders go back to their tablet: each or never",
  "parallel-tablets": "tablets that go down together, against the vendor's warning; needs parallel-reason",
  "parallel-reason": "why several tablets may go down together",
  jobs: "running jobs of a taskmanager: wait for them, or list them",
  "recovery-deadline": "minutes that the replicas of one tablet may take to come back",
  spark: "the OpenMLDB Spark distribution, for the taskmanagers",
};
/** Written by whoever reads the files, and by the way back. */
const written = ["release", "stays", "spark-sha256", "spark-bytes", "spark-version"];
const known = new Set([...Object.keys(optionWords), ...written]);
const isRefusal = (value: unknown): value is Refusal => typeof value === "object" && value !== null && "refused" in value;
const refuse = (key: string, value: string, clear: string): Refusal => ({ refused: `option ${key}=${value} is not valid`, clear, object: key });

function oneOf<T extends string>(options: Goal["options"], key: string, allowed: readonly T[], otherwise: T): T | Refusal {
  const value = options[key];
  if (value === undefined) return otherwise;
  return allowed.find((each) => each === value) ?? refuse(key, value, `one of ${allowed.join(", ")}`);
}
function wholeNumber(options: Goal["options"], key: string, otherwise: number): number | Refusal {
  const value = options[key];
  if (value === undefined) return otherwise;
  return /^[1-9]\d{0,5}$/.test(value) ? Number(value) : refuse(key, value, "a whole number from 1");
}

export function planOptions({ options }: Pick<Goal, "options">): PlanOptions | Refusal {
  const unknown = Object.keys(options).find((key) => !known.has(key));
  if (unknown !== undefined)
    return { refused: `there is no option ${unknown}`, clear: `the options are: ${Object.keys(optionWords).join(", ")}`, object: unknown };
  const fence = oneOf(options, "fence", fences, "partition");
  const single = oneOf(options, "single-replica", ["add-replica", "allow-unavailable", ""], "");
  const restoreLeaders = oneOf(options, "restore-leaders", ["each", "never"], "each");
  const jobs = oneOf(options, "jobs", ["wait", "list"], "wait");
  const parallelTablets = wholeNumber(options, "parallel-tablets", 1);
  const minutes = wholeNumber(options, "recovery-deadline", 0);
  const spark = sparkOf(options);
  for (const each of [fence, single, restoreLeaders, jobs, parallelTablets, minutes, spark]) if (isRefusal(each)) return each;
  const parallelReason = (options["parallel-reason"] ?? "").trim();
  if (typeof parallelTablets === "number" && parallelTablets > 1 && parallelReason === "")
    return {
      refused: "several tablets at once need a reason",
      clear: "-o parallel-reason=TEXT, or leave parallel-tablets out: the vendor warns that the cluster may become abnormal",
      object: "parallel-tablets",
    };
  return {
    fence: fence as FenceKind,
    singleReplica: single === "add-replica" || single === "allow-unavailable" ? single : null,
    restoreLeaders: restoreLeaders as PlanOptions["restoreLeaders"],
    parallelTablets: parallelTablets as number,
    parallelReason,
    jobs: jobs as PlanOptions["jobs"],
    recoveryDeadlineMs: minutes === 0 ? null : (minutes as number) * 60_000,
    kept: options["release"] === "kept",
    spark: spark as Artefact | null,
  };
}

/** A plan is made of facts alone, so whoever reads the file says its checksum. */
function sparkOf(options: Goal["options"]): Artefact | null | Refusal {
  const path = options["spark"];
  if (path === undefined) return null;
  const [sha256 = "", bytes = "", version = ""] = [options["spark-sha256"], options["spark-bytes"], options["spark-version"]];
  if (!/^[0-9a-f]{64}$/.test(sha256) || !/^\d+$/.test(bytes) || version === "")
    return { refused: "the Spark distribution is not described", clear: "give spark-sha256, spark-bytes and spark-version with it", object: path };
  return { path, sha256, bytes: Number(bytes), version };
}
