// What `verify` compares with the facts that a run began with (facts 4.4). Pure.
import type { Comparison } from "../../model/driver.ts";
import type { Goal } from "../../model/goal.ts";
import type { OmFacts } from "./facts.ts";
import { rowsIncreased, writesSeen } from "./prove.ts";
import { failedSince } from "./troubles.ts";

export function compare(before: OmFacts, after: OmFacts, goal: Goal): readonly Comparison[] {
  return [
    rows(before, after),
    failures(before, after),
    failover(before, after),
    ...(goal.maintenance === undefined ? [replicas(before, after)] : []),
  ];
}

/** OM-20. Rows may vanish by deletion or by their time to live while writers write, and nobody tells which. */
function rows(before: OmFacts, after: OmFacts): Comparison {
  const { increased, written } = writesSeen(before, after);
  const verdict = increased || written === 0 ? "passed" : "not-measured";
  return { object: "Rows", what: "increased where somebody wrote", verdict, evidence: rowsIncreased(before, after) };
}

function failures(before: OmFacts, after: OmFacts): Comparison {
  const failed = failedSince(before, after.now.operations);
  const named = failed.map(({ id, type, db, name, pid }) => `${String(id)} ${type} of ${db}.${name}${pid === null ? "" : `/${String(pid)}`}`);
  const since = `operation ${String(before.now.lastOperation)}`;
  return {
    object: "operations",
    what: `none is kFailed since ${since}`,
    verdict: failed.length === 0 ? "passed" : "failed",
    evidence: failed.length === 0 ? "none" : named.join(", "),
  };
}

function failover(before: OmFacts, after: OmFacts): Comparison {
  const [was, is] = [before, after].map(({ now }) => String(now.autoFailover));
  return { object: "auto_failover", what: `is ${was ?? ""}, as before`, verdict: was === is ? "passed" : "failed", evidence: is ?? "" };
}

/** As many as before, wherever they are now: an extra replica that was left behind is told as well as one that is missing. */
function replicas(before: OmFacts, after: OmFacts): Comparison {
  const differs = Object.entries(before.now.partitions).flatMap(([key, was]) => {
    const is = after.now.partitions[key];
    if (is === undefined || is.replicas.length === was.replicas.length) return [];
    return [`${was.table}/${String(was.pid)} has ${String(is.replicas.length)} replicas, it had ${String(was.replicas.length)}`];
  });
  return {
    object: "replicas",
    what: "as many of each partition as before",
    verdict: differs.length === 0 ? "passed" : "failed",
    evidence: differs.length === 0 ? "the same" : differs.join("; "),
  };
}
