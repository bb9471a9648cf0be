// The system's own evidence over all user data (facts 5.1): after every host each chunk is COMPLETE, has all its replicas, of equal versions, and replicas of one
// version have as many rows. From what the gates left in the journal, and the facts before and after. Pure.
import type { StepEvidence, SystemProof } from "../../model/driver.ts";
import type { Json } from "../../model/json.ts";
import { count } from "./checks/check-kit.ts";
import type { DdChunks, DdFacts } from "./facts.ts";
import type { StableProof } from "./operations/chunks-stable.ts";

const isStable = (proof: Json): proof is StableProof => proof !== null && typeof proof === "object" && "chunks" in proof && "rowsWhy" in proof;
type Gate = { readonly step: string; readonly proof: StableProof };
type Finding = { readonly object: string; readonly what: string };

export function prove(evidence: readonly StepEvidence[], before: DdFacts, after: DdFacts): SystemProof {
  const gates = evidence.flatMap(({ step, do: operation, proof }): readonly Gate[] =>
    operation === "chunksStable" && isStable(proof) ? [{ step, proof }] : [],
  );
  const violations = [...chunkViolations(before.now.chunks, after.now.chunks), ...flavourViolations(before, after)];
  const objects = [...gates.map(gateWords), ...changeWords(gates)];
  const last = gates.at(-1)?.proof;
  const covered = last !== undefined && after.now.chunks !== null;
  return { coverage: covered ? coverageWords(gates, last, before.structure.replicationFactor) : null, objects, violations };
}

function gateWords({ step, proof }: Gate): SystemProof["objects"][number] {
  const { chunks, constructing, overReplicated, polls, rows, rowsWhy } = proof;
  const busy = constructing > 0 ? `, ${String(constructing)} of them in a transaction at that moment` : "";
  const extra = overReplicated > 0 ? `; ${String(overReplicated)} have more replicas than they should, which loses nothing` : "";
  const counted =
    rows === null
      ? `rows not compared: ${rowsWhy}`
      : `${count(rows.rows, "row")} in ${count(rows.replicas, "replica")} of ${count(rows.tablets, "tablet")}, equal where versions are`;
  return {
    object: step,
    evidence: `${count(chunks, "chunk")} COMPLETE, all replicas there and of equal versions, ${String(polls)} times in a row${busy}${extra}; ${counted}`,
  };
}

/** Writers go on meanwhile, and people drop partitions: a change is told, not judged. */
function changeWords(gates: readonly Gate[]): SystemProof["objects"] {
  const [first, last] = [gates[0]?.proof.rows, gates.at(-1)?.proof.rows];
  if (gates.length < 2 || first == null || last == null) return [];
  const change = last.rows - first.rows;
  const word = change > 0 ? "written meanwhile" : change < 0 ? "deleted or dropped meanwhile, and not by this run" : "nobody wrote";
  return [
    { object: "rows over all replicas", evidence: `${String(first.rows)} before the first host, ${String(last.rows)} after the last: ${word}` },
  ];
}

function chunkViolations(was: DdChunks | null, is: DdChunks | null): readonly Finding[] {
  if (is === null) return [{ object: "chunks", what: "no controller led at the end, so nobody could be asked about them" }];
  const found: Finding[] = [];
  const examples = is.examples.map(({ chunkId, what }) => `${chunkId} ${what}`).join("; ");
  const sick = [
    [is.recovering, "RECOVERING"],
    [is.underReplicated, "with fewer replicas than dfsReplicationFactor"],
    [is.unequal, "with replicas of unequal version, or corrupted"],
  ] as const;
  for (const [number, what] of sick) if (number > 0) found.push({ object: "chunks", what: `${String(number)} ${what} at the end: ${examples}` });
  if (was !== null && is.total < was.total)
    found.push({
      object: "chunks",
      what: `${String(was.total)} before, ${String(is.total)} at the end: dropped by somebody meanwhile, or lost; nothing in this run drops one`,
    });
  return found;
}

/** JIT or ABI instead of the ordinary one, or another architecture, is another product. */
const flavourViolations = (before: DdFacts, after: DdFacts): readonly Finding[] =>
  Object.entries(after.now.nodes).flatMap(([name, { flavour }]): readonly Finding[] => {
    const was = before.now.nodes[name]?.flavour ?? null;
    return was === null || flavour === null || was === flavour ? [] : [{ object: name, what: `answers as ${flavour}, and was ${was}` }];
  });

function coverageWords(gates: readonly Gate[], last: StableProof, replicas: number): string {
  if (last.chunks === 0) return "there is no chunk, so no user data in the distributed file system";
  const compared = gates.filter(({ proof }) => proof.rows !== null).length;
  const rows =
    compared === gates.length
      ? `rows of ${count(last.rows?.tablets ?? 0, "tablet")} equal over replicas of equal versions`
      : compared === 0
        ? `rows not compared (${last.rowsWhy})`
        : `rows compared ${String(compared)} of ${String(gates.length)} times`;
  return `${count(last.chunks, "chunk")}, each with ${count(replicas, "replica")} of equal versions, at ${count(gates.length, "gate")} before, between and after the hosts; ${rows}`;
}
