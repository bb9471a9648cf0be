// What happened when, per turn and per node: a fold of the journal. Pure.
import type { JournalEntry } from "../model/event.ts";
import type { Bar, NodeTimes, Timeline, TurnTimes } from "../model/picture.ts";
import type { Plan } from "../model/plan.ts";
import { awayTimes, total, union, without } from "./away.ts";
import { knownSteps, type StepLookup } from "./known-steps.ts";

export function timelineOf(plan: Plan, entries: readonly JournalEntry[]): Timeline {
  const find = knownSteps(plan, entries);
  const from = entries[0]?.at ?? Date.parse(plan.createdAt);
  const to = entries.at(-1)?.at ?? from;
  const bars = barsOf(entries, find);
  const away = awayTimes(entries);
  const closed = (interval: { readonly from: number; readonly to: number | null }) => ({ from: interval.from, to: interval.to ?? to });
  return {
    from,
    to,
    bars,
    turns: turnTimes(plan, bars),
    nodes: nodeNames(plan, bars).map((node) => nodeTimes(node, bars)),
    away,
    claims: entries.flatMap(({ event, at, epoch }) => (event.is === "claimed" ? [{ epoch, at, holder: event.holder, verb: event.verb }] : [])),
    wallMs: to - from,
    criticalPathMs: total(without(union(bars.map(closed)), union(away.map(closed)))),
  };
}

/** Steps in the order in which they began. A step that is lost and done again has two bars. */
function barsOf(entries: readonly JournalEntry[], find: StepLookup): readonly Bar[] {
  const bars: Bar[] = [];
  const open = new Map<string, number>();
  let previous = entries[0]?.at ?? 0;

  const begin = (id: string, at: number): number => {
    const already = open.get(id);
    if (already !== undefined) return already;
    const { parent, turn, nodes, phase, title, undo } = find(id);
    open.set(id, bars.length);
    return bars.push({ step: id, parent, turn, nodes, phase, title, from: at, to: null, acts: 0, done: false, undo }) - 1;
  };
  const change = (index: number, to: (bar: Bar) => Partial<Bar>): void => {
    const bar = bars[index];
    if (bar) bars[index] = { ...bar, ...to(bar) };
  };
  const end = (id: string, at: number, done: boolean): void => {
    // A condition that only had to be waited for has one entry, when it was met: nothing else was under way since the entry before it.
    change(begin(id, previous), () => ({ to: at, done }));
    open.delete(id);
  };
  for (const { event, at } of entries) {
    switch (event.is) {
      case "acting":
        change(begin(event.step, at), (bar) => ({ acts: bar.acts + 1 }));
        break;
      case "expanded":
        begin(event.step, at);
        break;
      case "absent":
        if (open.has(event.step)) change(begin(event.step, at), () => ({ acts: 0 }));
        break;
      case "done":
        end(event.step, at, true);
        break;
      case "answered":
        if (event.answer === "done" || event.answer === "skip") end(event.step, at, event.answer === "done");
        break;
      case "aborting":
        // What was under way is given up here; what is finished or put back afterwards has bars of its own.
        for (const id of open.keys()) if (!event.finish || find(id).turn !== event.turn) end(id, at, false);
        break;
      case "undone":
      case "released":
        if (open.has(event.step)) end(event.step, at, true);
        break;
      case "finished":
        for (const id of open.keys()) end(id, at, false);
        break;
      case "claimed":
      case "acted":
      case "refused":
      case "lost":
      case "asked":
      case "paused":
      case "alarm":
        break;
    }
    previous = at;
  }
  return bars.sort((a, b) => a.from - b.from);
}

function turnTimes(plan: Plan, bars: readonly Bar[]): readonly TurnTimes[] {
  const own = new Map<string, Bar[]>();
  const seen = new Set<string>();
  for (const bar of bars) {
    // What is held and set again long after its turn does not make the turn longer.
    if (bar.turn === null || seen.has(bar.step)) continue;
    seen.add(bar.step);
    const others = own.get(bar.turn);
    if (others) others.push(bar);
    else own.set(bar.turn, [bar]);
  }
  return plan.turns.map(({ id, title = null, nodes }) => {
    const [first, ...rest] = own.get(id) ?? [];
    if (first === undefined) return { id, title, nodes, from: null, to: null };
    const to = rest.reduce<number | null>((latest, bar) => (latest === null || bar.to === null ? null : Math.max(latest, bar.to)), first.to);
    return { id, title, nodes, from: first.from, to };
  });
}

function nodeNames(plan: Plan, bars: readonly Bar[]): readonly string[] {
  return [...new Set([...plan.turns.flatMap((turn) => turn.nodes), ...bars.flatMap((bar) => bar.nodes)])];
}

function nodeTimes(node: string, bars: readonly Bar[]): NodeTimes {
  const own = bars.filter((bar) => bar.nodes.includes(node));
  const stops = own.filter((bar) => bar.phase === "stop" && bar.acts > 0);
  const returns = own
    .flatMap((bar) => (bar.done && bar.to !== null && (bar.phase === "start" || bar.phase === "ready") ? [{ turn: bar.turn, at: bar.to }] : []))
    .sort((a, b) => a.at - b.at);
  const unavailable: { from: number; to: number | null }[] = [];
  for (const stop of stops) {
    const current = unavailable.at(-1);
    if (current && (current.to === null || stop.from < current.to)) continue;
    const back = returns.filter((other) => other.at > stop.from);
    const first = back[0];
    // The turn that starts the node also says when it is ready; what a later turn or the next stop sees has nothing to do with this one.
    const next = first && stops.find((other) => other.from >= first.at);
    const last = back.findLast((other) => other.turn === first?.turn && (next === undefined || other.at <= next.from));
    unavailable.push({ from: stop.from, to: last?.at ?? null });
  }
  return { node, unavailable, restarts: unavailable.filter((interval) => interval.to !== null).length };
}
