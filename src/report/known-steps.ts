// Which turn, nodes and phase a step of the journal belongs to. Pure.
import type { JournalEntry } from "../model/event.ts";
import type { Json } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import { isUndo, type Item, type Phase, type Step } from "../model/step.ts";

interface KnownStep {
  readonly id: string;
  readonly parent: string | null;
  readonly turn: string | null;
  /** Empty: the cluster as a whole. */
  readonly nodes: readonly string[];
  readonly phase: Phase;
  readonly title: string | null;
  readonly held: boolean;
  /** It puts something back. */
  readonly undo: boolean;
}

/** Looks a step up by its id; never fails: a journal is shown even when it names something that the plan does not. */
export type StepLookup = (id: string) => KnownStep;

export function knownSteps(plan: Plan, entries: readonly JournalEntry[]): StepLookup {
  const known = new Map<string, KnownStep>();
  // What is held is put back by a turn of its own; after an abort no turn does it.
  const aborted = entries.some(({ event }) => event.is === "aborting");
  const putBackIn = (step: string): string | null =>
    aborted ? null : (plan.turns.find((turn) => turn.items.some((item) => isUndo(item) && item.undo === step))?.id ?? null);
  for (const turn of plan.turns) {
    const cluster = { turn: turn.id, nodes: turn.nodes, parent: null, undo: false };
    for (const item of turn.items) if (!isUndo(item)) known.set(item.id, describe(item, cluster));
  }
  const find: StepLookup = (id) => known.get(id) ?? learn(known, id, putBackIn);

  const rounds = new Map<string, number>();
  for (const { event } of entries) {
    if (event.is !== "expanded") continue;
    const parent = find(event.step);
    const round = rounds.get(event.step) ?? 0;
    rounds.set(event.step, round + 1);
    for (const child of qualified(event.into, event.step, round)) known.set(child.id, describe(child, { ...parent, parent: parent.id }));
  }
  return find;
}

/** The engine journals the ids of an expansion with their prefix; a journal that does not is read the same way. */
function qualified(into: readonly Item[], parent: string, round: number): readonly Step[] {
  return into
    .filter((item): item is Step => !isUndo(item))
    .map((step) => (step.id.startsWith(`${parent}/`) ? step : { ...step, id: `${parent}/${round}.${step.id}` }));
}

function describe(step: Step, around: Pick<KnownStep, "turn" | "nodes" | "parent" | "undo">): KnownStep {
  const own = nodeOf(step.params);
  return {
    id: step.id,
    parent: around.parent,
    turn: around.turn,
    nodes: own === null ? around.nodes : [own],
    phase: step.phase,
    title: step.title ?? null,
    held: step.held !== undefined,
    undo: around.undo,
  };
}

function nodeOf(params: Json): string | null {
  if (params === null || typeof params !== "object" || Array.isArray(params)) return null;
  const node = (params as Readonly<Record<string, Json>>)["node"];
  return typeof node === "string" ? node : null;
}

/** The steps of an undo are not journaled with their phase: `undo STEP/own id`, or `undo STEP (2)/own id`, is the opposite of STEP. */
function learn(known: Map<string, KnownStep>, id: string, putBackIn: (step: string) => string | null): KnownStep {
  const step = id.startsWith("undo ") ? undoOf(known, id, putBackIn) : orphan(known, id);
  known.set(id, step);
  return step;
}

function undoOf(known: ReadonlyMap<string, KnownStep>, id: string, putBackIn: (step: string) => string | null): KnownStep {
  const rest = id.slice("undo ".length);
  const origin = [...known.values()]
    .filter((step) => rest.startsWith(`${step.id}/`) || rest.startsWith(`${step.id} (`))
    .reduce<KnownStep | null>((best, step) => (best === null || step.id.length > best.id.length ? step : best), null);
  if (origin === null) return { id, parent: null, turn: null, nodes: [], phase: "restore", title: null, held: false, undo: true };
  const holder = heldAbove(known, origin);
  return {
    ...origin,
    id,
    parent: null,
    turn: holder === null ? origin.turn : putBackIn(holder.id),
    phase: holder === null ? opposite(origin.phase) : "restore",
    title: `put back: ${origin.title ?? origin.id}`,
    held: false,
    undo: true,
  };
}

function heldAbove(known: ReadonlyMap<string, KnownStep>, step: KnownStep): KnownStep | null {
  for (let one: KnownStep | undefined = step; one; one = one.parent === null ? undefined : known.get(one.parent)) if (one.held) return one;
  return null;
}

function opposite(phase: Phase): Phase {
  switch (phase) {
    case "stop":
      return "start";
    case "start":
      return "stop";
    case "move":
    case "replace":
      return phase;
    case "guard":
    case "stage":
    case "drain":
    case "backup":
    case "ready":
    case "recover":
    case "restore":
    case "verify":
      return "restore";
  }
}

function orphan(known: ReadonlyMap<string, KnownStep>, id: string): KnownStep {
  const parent = known.get(id.slice(0, Math.max(0, id.lastIndexOf("/"))));
  if (parent) return { ...parent, id, parent: parent.id, title: null, held: false };
  return { id, parent: null, turn: null, nodes: [], phase: "verify", title: null, held: false, undo: false };
}
