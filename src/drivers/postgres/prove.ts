// The system's own evidence over all user data: from what the steps left in the journal. Pure.
import type { StepEvidence, SystemProof } from "../../model/driver.ts";
import type { Json } from "../../model/json.ts";
import { nodeNames, nowOf, primaries, structureOf, type PgFacts } from "./facts.ts";
import { compareLsn } from "./lsn.ts";

const record = (value: Json): Readonly<Record<string, Json>> =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>) : {};
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");

export function prove(evidence: readonly StepEvidence[], before: PgFacts, after: PgFacts): SystemProof {
  const objects: { object: string; evidence: string }[] = [];
  const violations: { object: string; what: string }[] = [];
  const covered: string[] = [];
  for (const { do: what, proof } of evidence) {
    if (what !== "promote") continue;
    const { from, to, shutdown, left, received } = record(proof);
    const move = `${text(from)} to ${text(to)}`;
    if (received === true) {
      covered.push(`shutdown position of ${text(from)} received by ${text(to)} (${text(shutdown)})`);
      objects.push({
        object: move,
        evidence: `${text(from)} ended at ${text(shutdown)}; ${text(to)} had replayed up to ${text(left)} when it took over`,
      });
    } else
      violations.push({
        object: move,
        what: `that ${text(to)} had replayed ${text(shutdown)}, the end of ${text(from)}, is not proved: its history file says ${text(left) || "nothing"}`,
      });
  }
  const [was] = primaries(before);
  const [is] = primaries(after);
  if (was !== undefined && was === is) {
    const [from, to] = [nowOf(before, was).position, nowOf(after, is).position];
    if (compareLsn(to, from) < 0) violations.push({ object: was, what: `its log went back from ${from ?? "?"} to ${to ?? "?"}` });
    else if (covered.length === 0)
      covered.push(
        `${was} stayed the primary on timeline ${String(nowOf(after, is).timeline ?? 0)}; its log went on from ${from ?? "?"} to ${to ?? "?"}`,
      );
  } else if (covered.length === 0)
    violations.push({ object: "cluster", what: `the primary moved from ${was ?? "nobody"} to ${is ?? "nobody"} without a step of this run` });
  for (const node of nodeNames(after)) {
    const now = nowOf(after, node);
    if (now.role === "standby" && !now.streaming) violations.push({ object: node, what: "does not stream from the primary at the end" });
    if (now.role === "standby" && now.streaming)
      objects.push({ object: node, evidence: `streams from ${is ?? "?"}, ${String(now.lagBytes ?? 0)} B behind` });
    if (structureOf(after, node).systemIdentifier !== structureOf(before, node).systemIdentifier)
      violations.push({ object: node, what: "has another system identifier than before the run" });
  }
  return { coverage: violations.length > 0 || covered.length === 0 ? null : covered.join("; "), objects, violations };
}
