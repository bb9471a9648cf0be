// The system's own evidence over all user data: from what the steps left in the journal. Pure.
import type { StepEvidence, SystemProof } from "../../model/driver.ts";
import type { Json } from "../../model/json.ts";
import { nodeNames, nowOf, primaries, structureOf, type PgFacts } from "./facts.ts";
import { compareLsn } from "./lsn.ts";

const record = (value: Json): Readonly<Record<string, Json>> =>
  value !== null && typeof value === "object" && !Array.isArray(value) ? (value as Readonly<Record<string, Json>>) : {};
const text = (value: Json | undefined): string => (typeof value === "string" ? value : "");
const count = (value: Json | undefined): number | null => (typeof value === "number" ? value : null);

/** Who leads, and on which timeline; a timeline of null is not known. */
interface Lead {
  readonly node: string | null;
  readonly timeline: number | null;
}
const leadOf = (facts: PgFacts): Lead => {
  const [node] = primaries(facts);
  return node === undefined ? { node: null, timeline: null } : { node, timeline: nowOf(facts, node).timeline };
};
const inWords = ({ node, timeline }: Lead): string => (node === null ? "nobody" : `${node} on timeline ${String(timeline ?? "?")}`);
const same = (a: Lead, b: Lead): boolean => a.node === b.node && (a.timeline === null || b.timeline === null || a.timeline === b.timeline);

/** Where the lead went by itself: between the promotions of the run, before the first and behind the last. */
function unplanned(promotions: readonly Readonly<Record<string, Json>>[], before: PgFacts, after: PgFacts): readonly string[] {
  const found: string[] = [];
  let lead = leadOf(before);
  const went = (to: Lead): void => {
    if (!same(lead, to)) found.push(`the lead went from ${inWords(lead)} to ${inWords(to)} without a step of this run`);
  };
  for (const { from, to, leftTimeline, timeline } of promotions) {
    went({ node: text(from), timeline: count(leftTimeline) });
    lead = { node: text(to), timeline: count(timeline) };
  }
  went(leadOf(after));
  return found;
}

export function prove(evidence: readonly StepEvidence[], before: PgFacts, after: PgFacts): SystemProof {
  const objects: { object: string; evidence: string }[] = [];
  const violations: { object: string; what: string }[] = [];
  const covered: string[] = [];
  const promotions = evidence.filter((each) => each.do === "promote").map(({ proof }) => record(proof));
  for (const { from, to, shutdown, left, received } of promotions) {
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
  const leaders = primaries(after);
  if (leaders.length > 1) violations.push({ object: leaders.join(", "), what: "more than one primary at the end" });
  else violations.push(...unplanned(promotions, before, after).map((what) => ({ object: "cluster", what })));
  const [was, is] = [leadOf(before), leadOf(after)];
  if (was.node !== null && was.node === is.node && was.timeline === is.timeline) {
    const [from, to] = [nowOf(before, was.node).position, nowOf(after, was.node).position];
    if (compareLsn(to, from) < 0) violations.push({ object: was.node, what: `its log went back from ${from ?? "?"} to ${to ?? "?"}` });
    else if (promotions.length === 0)
      covered.push(`${was.node} stayed the primary on timeline ${String(was.timeline ?? 0)}; its log went on from ${from ?? "?"} to ${to ?? "?"}`);
  }
  for (const node of nodeNames(after)) {
    const now = nowOf(after, node);
    if (now.role === "standby" && !now.streaming) violations.push({ object: node, what: "does not stream from the primary at the end" });
    if (now.role === "standby" && now.streaming)
      objects.push({ object: node, evidence: `streams from ${is.node ?? "?"}, ${String(now.lagBytes ?? 0)} B behind` });
    if (structureOf(after, node).systemIdentifier !== structureOf(before, node).systemIdentifier)
      violations.push({ object: node, what: "has another system identifier than before the run" });
  }
  return { coverage: violations.length > 0 || covered.length === 0 ? null : covered.join("; "), objects, violations };
}
