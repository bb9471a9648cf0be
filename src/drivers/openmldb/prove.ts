// The system's own evidence over all user data: offsets and terms of every partition whose leader moved, and of every other partition. Pure.
import type { StepEvidence, SystemProof } from "../../model/driver.ts";
import type { Json } from "../../model/json.ts";
import { leaderOf, type OmFacts, type OmPartition } from "./facts.ts";
import type { MoveProof, MovesProof } from "./operations/moving/notes.ts";
import { nameOf, type RecoverOverParams } from "./steps.ts";

/** Printed with every proof: what it rests on. */
export const groundsOfProof = "the fenced protocol was designed from the vendor's source and proved in the lab, not on an OpenMLDB server";

const isMoves = (proof: Json): proof is MovesProof => proof !== null && typeof proof === "object" && "moved" in proof;
const isRecoverOver = (params: Json): params is RecoverOverParams => params !== null && typeof params === "object" && "leaderBegan" in params;
const count = (number: number, one: string): string => `${String(number)} ${one}${number === 1 ? "" : "s"}`;
const ranges = (began: number, end: number): string => (began === end ? `offset ${String(end)}` : `offsets ${String(began)} to ${String(end)}`);

interface Findings {
  readonly objects: { object: string; evidence: string }[];
  readonly violations: { object: string; what: string }[];
}

export function prove(evidence: readonly StepEvidence[], before: OmFacts, after: OmFacts): SystemProof {
  const findings: Findings = { objects: [], violations: [] };
  const moves = evidence.flatMap(({ do: what, proof }) => (what === "moveLeaders" && isMoves(proof) ? [proof] : []));
  const moved = moves.flatMap((each) => each.moved);
  for (const move of moved) judgeMove(move, findings);
  for (const { leftBehind, alarms } of moves) {
    for (const { partition, on, why } of leftBehind)
      findings.violations.push({ object: partition, what: `${on} was the leader and was not recovered: ${why}` });
    for (const alarm of alarms) findings.violations.push({ object: alarm.split(":", 1)[0] ?? "", what: alarm.slice(alarm.indexOf(":") + 1).trim() });
  }
  for (const { do: what, params } of evidence) {
    if (what !== "recoverOver" || !isRecoverOver(params)) continue;
    findings.violations.push({
      object: nameOf(params),
      what: `${ranges(params.leaderBegan, params.offset)} (${count(params.offset - params.leaderBegan + 1, "entry").replace("entrys", "entries")}) were only on ${params.endpoint}, and are gone from the cluster: accepted by name${params.kept === undefined ? "" : `; the partition's files as they were are in ${params.kept}`}`,
    });
  }
  const compared = judgeOffsets(moved, before, after, findings);
  findings.objects.push({ object: "Rows", evidence: rowsIncreased(before, after) });
  return { coverage: coverage(moved, compared, findings), ...findings };
}

/** Facts 0.4 and 4.2: the new leader began right behind the last entry of the old one, and the candidate had that entry. */
function judgeMove(move: MoveProof, { objects, violations }: Findings): void {
  const { partition: object, from, to, fence, term, began, frozen, oldLeader, candidate, lost } = move;
  const start = `${to} leads in term ${String(term)} from offset ${String(began)}`;
  if (lost > 0 || oldLeader > began - 1) {
    const entries = oldLeader - began + 1;
    violations.push({
      object,
      what: `${start}, and ${from} ended at ${String(oldLeader)}: ${ranges(began, oldLeader)}, ${entries === 1 ? "1 entry" : `${String(entries)} entries`} acknowledged by ${from} alone, are lost (fence: ${fence})`,
    });
    return;
  }
  const unequal = [
    ...(oldLeader === began - 1 ? [] : [`${from} ended at ${String(oldLeader)}`]),
    ...(frozen === null || frozen === oldLeader ? [] : [`${from} was fenced at ${String(frozen)} and went on to ${String(oldLeader)}`]),
    ...(candidate === null || candidate === oldLeader || fence === "none" ? [] : [`${to} was at ${String(candidate)} when it was chosen`]),
  ];
  if (unequal.length > 0) {
    // Without a fence the old leader may end before the term began: then some other follower had more than it, and its rows are there.
    if (fence === "none" && oldLeader < began)
      objects.push({ object, evidence: `${start}; ${from} ended at ${String(oldLeader)}: nothing was lost (fence: none)` });
    else violations.push({ object, what: `${start}, which does not fit: ${unequal.join(", ")}` });
    return;
  }
  if (fence === "none" && candidate !== null && candidate < oldLeader) {
    // Named explicitly, a candidate is not compared with the other followers, and term_offset counts the best of them (facts 0.2).
    const behind = oldLeader - candidate;
    objects.push({
      object,
      evidence: `${start}, right behind ${from}; ${to} was ${String(behind)} behind when it was asked for, and nobody tells whether it had them by then (fence: none)`,
    });
    return;
  }
  const equal = [
    `${from} ended at ${String(oldLeader)}`,
    ...(frozen === null ? [] : ["fenced there before the change"]),
    candidate === null ? `${to} was compared before the change, the answer with its offset was not kept` : `${to} had ${String(candidate)}`,
  ];
  objects.push({ object, evidence: `${start}: ${equal.join(", ")}` });
}

/** No partition may end before where it was, nor a new leader before the last entry of an old one. Returns how many could be compared. */
function judgeOffsets(moved: readonly MoveProof[], before: OmFacts, after: OmFacts, { objects, violations }: Findings): number {
  let compared = 0;
  for (const [key, was] of Object.entries(before.now.partitions)) {
    const object = `${was.table}/${String(was.pid)}`;
    const is = after.now.partitions[key];
    if (is === undefined) {
      objects.push({ object, evidence: "its table was dropped during the run, and not by it" });
      continue;
    }
    const least = Math.max(
      offsetOf(was) ?? 0,
      ...moved.filter(({ tid, pid }) => tid === was.tid && pid === was.pid).map(({ oldLeader }) => oldLeader),
    );
    const offset = offsetOf(is);
    if (offset === null) violations.push({ object, what: `no leader tells its offset; it was at least ${String(least)}` });
    else if (offset < least)
      violations.push({
        object,
        what: `its offset went back: it was at least ${String(least)}, its leader ${leaderOf(is)?.endpoint ?? ""} is at ${String(offset)}`,
      });
    else compared++;
  }
  return compared;
}
const offsetOf = (partition: OmPartition): number | null => leaderOf(partition)?.own?.offset ?? null;

interface Writes {
  /** Rows of the users' tables that are there in both observations. */
  readonly rows: readonly [before: number, after: number];
  /** Entries that were added to their logs. */
  readonly written: number;
  readonly increased: boolean;
}
export function writesSeen(before: OmFacts, after: OmFacts): Writes {
  const common = Object.keys(before.now.partitions).filter(
    (key) => after.now.partitions[key] !== undefined && !/^(?:__|INFORMATION_SCHEMA\.)/.test(before.now.partitions[key]?.table ?? ""),
  );
  const sum = (facts: OmFacts): number => common.reduce((total, key) => total + (facts.now.partitions[key]?.rows ?? 0), 0);
  const written = common.reduce((total, key) => {
    const [was, is] = [before.now.partitions[key], after.now.partitions[key]].map((each) => (each === undefined ? null : offsetOf(each)));
    return total + (was == null || is == null ? 0 : Math.max(0, is - was));
  }, 0);
  const rows = [sum(before), sum(after)] as const;
  return { rows, written, increased: rows[1] > rows[0] };
}

/** OM-20: writers resume, and `Rows` has increased; a deletion or a time to live may take rows away while writers write. */
export function rowsIncreased(before: OmFacts, after: OmFacts): string {
  const {
    rows: [from, to],
    written,
    increased,
  } = writesSeen(before, after);
  const change = `${String(from)} before, ${String(to)} after`;
  if (written === 0) return `no writer seen (${change})`;
  return increased
    ? `increased: yes (${change})`
    : `increased: no (${change}, though ${String(written)} entries were written: deleted, or their time to live was over)`;
}

function coverage(moved: readonly MoveProof[], compared: number, { violations }: Findings): string | null {
  if (violations.length > 0 && moved.length === 0 && compared === 0) return null;
  const offsets = `no offset of ${count(compared, "partition")} went back`;
  if (moved.length === 0) return `no leader was moved; ${offsets}`;
  const distinct = new Set(moved.map(({ tid, pid }) => `${String(tid)}/${String(pid)}`)).size;
  const unfenced = moved.filter(({ fence }) => fence === "none").length;
  const how = unfenced === 0 ? groundsOfProof : `${count(unfenced, "change")} without a fence: what was lost is measured, not prevented`;
  const holds = violations.length === 0 ? "each new leader began right behind the last entry of its old one" : "not every change of leader held";
  return `${count(moved.length, "change")} of leader on ${count(distinct, "partition")}: ${holds} (term_offset); ${offsets}; ${how}`;
}
