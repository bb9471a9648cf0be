// Which way back there is now (facts 1.2, 1.7, 5.3, 5.5): host by host while the others still have everything, or the whole cluster when nothing was written since,
// never both. Pure: decided by what was observed, asked of nobody.
import type { Refusal } from "../../model/driver.ts";
import type { Goal } from "../../model/goal.ts";
import { assess, type StatedLevel } from "./compatibility/hops.ts";
import { levels, type Level } from "./compatibility/levels.ts";
import { noReturnsOf } from "./compatibility/no-return.ts";
import { compareVersions } from "./compatibility/version.ts";
import type { DdChunks, DdFacts } from "./facts.ts";
import type { StepParams } from "./step-names.ts";

/** Options of a goal that goes back, written by `goal-back.ts`. */
export const backOptions = {
  /** `CHUNKS:VERSIONS` when the run began; absent: it was not known, so nothing can be proved. */
  written: "back.written",
  /** Version that the run went to. */
  from: "back.from",
} as const;

/** What becomes of a node's metadata between its stop and its start with the former release. */
export type MetadataWay = "keep" | StepParams["restoreBackup"]["way"];
export type WayBack =
  | {
      readonly is: "hosts" | "cluster";
      readonly why: string;
      readonly controllers: MetadataWay;
      readonly data: MetadataWay;
      /** The copies that are put back were made on the way between these; null: none is needed. */
      readonly copies: { readonly from: string; readonly to: string } | null;
      /** What the copies are of: proved once more after the last data node has stopped; null: no need. */
      readonly written: string | null;
    }
  | { readonly is: "refused"; readonly refusal: Refusal };

/** `CHUNKS:VERSIONS` outside of the probe's database; every transaction adds to it. Null: nobody could be asked. */
export const writtenOf = (chunks: DdChunks | null): string | null => chunks?.written ?? null;

export function wayBack(facts: DdFacts, goal: Goal): WayBack {
  const to = goal.version;
  const lies = highest(Object.entries(facts.structure.nodes).flatMap(([name, { installed }]) => installed ?? facts.now.nodes[name]?.running ?? []));
  const from = goal.options[backOptions.from] ?? lies;
  // An installation that does not say its version is believed to be what the run put there.
  const now = lies ?? from;
  // Settings alone, or nothing was put in place: there is nothing that an older release could not read.
  if (to === null || from === null || now === null || !(compareVersions(to, now) < 0))
    return { is: "hosts", why: "no release is put back", controllers: "keep", data: "keep", copies: null, written: null };
  const { level } = assess(to, from, statedLevel(goal));
  if (level === 5)
    return {
      is: "hosts",
      why: "level 5: an older release reads everything that a newer one writes",
      controllers: "keep",
      data: "keep",
      copies: null,
      written: null,
    };

  const began = goal.options[backOptions.written] ?? null;
  const seen = writtenOf(facts.now.chunks);
  const unwritten = began !== null && seen !== null && began === seen;
  const copies = { from: to, to: from };
  const peers = peersAgainst(facts, to);
  // From level 3 on an older release reads the data files; below that, what the newer one has written is nothing to the older one.
  if (peers.length === 0 && (unwritten || (level !== null && level >= 3)))
    return {
      is: "hosts",
      why: `${levelWords(level)}; the other hosts have every chunk, and ${facts.now.leader ?? "the leading controller"} still runs ${to}: a controller takes its metadata from it, a data node gets its copy and the rest from the other replicas`,
      controllers: "resync",
      data: "restore",
      copies,
      written: null,
    };
  if (unwritten)
    return {
      is: "cluster",
      why: `${levelWords(level)}; no chunk was written since the run began (${began} chunks and versions then and now), so the copies of metadata are still true`,
      controllers: "restore",
      data: "restore",
      copies,
      written: began,
    };
  return { is: "refused", refusal: refusalOf({ to, from, level, began, seen, peers }) };
}

/** What the vendor's support said of this jump when it was planned. */
function statedLevel({ options }: Goal): StatedLevel | null {
  const level = levels.find((each) => String(each) === options["level"]);
  const source = options["level-source"];
  return level === undefined || source === undefined ? null : { level, source };
}

/** What forbids that one host alone goes back. Empty: nothing does. */
function peersAgainst({ structure, now }: DdFacts, to: string): readonly string[] {
  const found: string[] = [];
  const { leader, chunks, recovery } = now;
  if (leader === null) found.push("no controller leads");
  else if (structure.nodes[leader]?.installed !== to)
    found.push(
      `${leader} leads and runs ${structure.nodes[leader]?.installed ?? "an unknown release"}: no controller of ${to} is left from which the others could take their metadata`,
    );
  if (chunks === null) found.push("no leader could be asked for the chunks");
  else {
    const { underReplicated, unequal, recovering, onOneHost } = chunks;
    if (underReplicated + unequal + recovering > 0)
      found.push(`${String(underReplicated)} chunks lack replicas, ${String(unequal)} have unequal ones, ${String(recovering)} are RECOVERING`);
    for (const [host, count] of Object.entries(onOneHost)) if (count > 0) found.push(`${String(count)} chunks have all their replicas on ${host}`);
  }
  if (recovery !== null && recovery.waiting + recovery.inProgress > 0)
    found.push(`${String(recovery.waiting + recovery.inProgress)} recovery tasks are queued`);
  return found;
}

function refusalOf(of: {
  readonly to: string;
  readonly from: string;
  readonly level: Level | null;
  readonly began: string | null;
  readonly seen: string | null;
  readonly peers: readonly string[];
}): Refusal {
  const { to, from, level, began, seen, peers } = of;
  const written =
    began === null || seen === null
      ? "it cannot be proved that nothing was written since: the chunks were not observed then or now"
      : `chunks were written since the run began (${began} then, ${seen} now: chunks and the sum of their versions)`;
  const triggers = noReturnsOf(to, from).map(({ trigger, source }) => `never after ${trigger} (${source})`);
  return {
    refused: `there is no way back from ${from} to ${to} any more: ${levelWords(level)}, and ${written}`,
    code: "SW2006",
    object: `${from} -> ${to}`,
    why: [
      ...(peers.length === 0
        ? [`host by host: below level 3, ${to} does not read what ${from} has written`]
        : peers.map((why) => `host by host: ${why}`)),
      `the whole cluster: ${written}; the copies of metadata would not know it, and it would be lost`,
      ...triggers,
    ],
    clear:
      "Stay on the new release. What was there before is in the backups beside the journal of that run; to use them is to lose what was written since, and only the vendor's support can say what else.",
  };
}
const levelWords = (level: Level | null): string => (level === null ? "no published level" : `level ${String(level)}`);
const highest = (versions: readonly string[]): string | null => versions.toSorted(compareVersions).at(-1) ?? null;

/** Of a node, while it is down. */
export const metadataOf = (facts: DdFacts, way: Extract<WayBack, { readonly is: "hosts" | "cluster" }>, node: string): MetadataWay => {
  const role = facts.structure.nodes[node]?.role;
  // The controller that leads has nobody to take its metadata from.
  if (role === "controller") return way.controllers === "resync" && facts.now.leader === node ? "restore" : way.controllers;
  return role === "datanode" ? way.data : "keep";
};
