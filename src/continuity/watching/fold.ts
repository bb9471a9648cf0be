// What the tries of a feature add up to. Pure.
import type { Json } from "../../model/json.ts";
import type { FeatureOutcome, FeatureWatch, Watched, WatchedEvent, EventWatch } from "../../model/watch.ts";

type WatchedFeature = Watched["features"][number];
type SeenEvent = Watched["events"][number];

/** What a watcher keeps: what it has seen, and where it was, so that a successor goes on from there. Times in ms since 1970. */
export interface WatchState extends Watched {
  readonly version: 1;
  /** Feature to the end of its last try. */
  readonly lastTry: Readonly<Record<string, number>>;
  /** Event watch to its cursor. */
  readonly cursors: Readonly<Record<string, Json>>;
  /** Event watch to when it was read last. */
  readonly readAt?: Readonly<Record<string, number>>;
}
export const nothingWatched: WatchState = { version: 1, features: [], events: [], lastTry: {}, cursors: {} };

/** Longer than this many intervals without a try, and nothing is known of the time between. */
const HOLE_INTERVALS = 3;

/** One try of a feature, from when it was begun to when its outcome was there. */
export interface Tried {
  readonly outcome: FeatureOutcome;
  readonly from: number;
  readonly to: number;
}

export function afterTry(state: WatchState, watch: FeatureWatch, tried: Tried): WatchState {
  const { feature } = watch;
  const before = state.features.find((each) => each.feature === feature) ?? unseen(feature);
  const after: WatchedFeature = {
    ...before,
    ...holesAfter(before, watch, { from: state.lastTry[feature] ?? tried.from, to: tried.from }),
    tries: before.tries + 1,
    [tried.outcome.is]: before[tried.outcome.is] + 1,
    outages: outagesAfter(before.outages, tried),
  };
  return withFeature(state, after, tried.to);
}

/** The watching is over: nobody has tried since the last try, which may be long ago when the watcher was killed. */
export const afterEnd = (state: WatchState, watches: readonly FeatureWatch[], at: number): WatchState =>
  watches.reduce((now, watch) => {
    const before = now.features.find(({ feature }) => feature === watch.feature);
    const last = now.lastTry[watch.feature];
    if (before === undefined || last === undefined) return now;
    return withFeature(now, { ...before, ...holesAfter(before, watch, { from: last, to: at }) }, Math.max(last, at));
  }, state);

const withFeature = (state: WatchState, after: WatchedFeature, lastTry: number): WatchState => ({
  ...state,
  features: [...state.features.filter(({ feature }) => feature !== after.feature), after],
  lastTry: { ...state.lastTry, [after.feature]: lastTry },
});

type Stretch = { readonly from: number; readonly to: number };
function holesAfter({ holes = [], holesMs }: WatchedFeature, { everyMs, withinMs }: FeatureWatch, silent: Stretch) {
  const ms = silent.to - silent.from;
  const isHole = ms > Math.max(HOLE_INTERVALS * everyMs, withinMs);
  return { holesMs: holesMs + (isHole ? ms : 0), holes: isHole ? [...holes, silent] : holes };
}

const unseen = (feature: string): WatchedFeature => ({ feature, tries: 0, works: 0, refused: 0, failed: 0, outages: [], holesMs: 0 });

/** An outage lasts until the answer of the first try that worked again: until then no user knew better. */
function outagesAfter(outages: WatchedFeature["outages"], { outcome, from, to }: Tried): WatchedFeature["outages"] {
  const open = outages.at(-1);
  const isOpen = open !== undefined && open.to === null;
  if (outcome.is === "works") return isOpen ? [...outages.slice(0, -1), { ...open, to }] : outages;
  return isOpen ? outages : [...outages, { from, to: null, why: outcome.why }];
}

export interface Collected {
  readonly events: readonly WatchedEvent[];
  readonly cursor: Json;
  readonly at: number;
}
/** Each event is kept once, however often it is seen. */
export function afterCollect(state: WatchState, { name, policy, why }: EventWatch, { events, cursor, at }: Collected): WatchState {
  const known = new Set(state.events.map((event) => `${event.watch} ${event.key}`));
  const fresh: SeenEvent[] = [];
  for (const event of events) {
    if (known.has(`${name} ${event.key}`)) continue;
    known.add(`${name} ${event.key}`);
    fresh.push({ ...event, watch: name, policy, why, seenAt: at, deliveredAt: null });
  }
  return {
    ...state,
    events: [...state.events, ...fresh],
    cursors: { ...state.cursors, [name]: cursor },
    readAt: { ...state.readAt, [name]: at },
    blind: (state.blind ?? []).filter(({ watch }) => watch !== name),
  };
}

/** It could not be read. */
export const afterBlind = (state: WatchState, { name }: EventWatch, why: string): WatchState => ({
  ...state,
  blind: [...(state.blind ?? []).filter(({ watch }) => watch !== name), { watch: name, since: state.readAt?.[name] ?? null, why }],
});

/** `finished`: the run is over, and what was queued is due too. */
export const dueEvents = (state: WatchState, finished: boolean): readonly SeenEvent[] =>
  state.events.filter(({ policy, deliveredAt }) => deliveredAt === null && (policy === "deliver" || (policy === "queue" && finished)));

export const afterDelivery = (state: WatchState, delivered: SeenEvent, at: number): WatchState => ({
  ...state,
  events: state.events.map((event) => (event.watch === delivered.watch && event.key === delivered.key ? { ...event, deliveredAt: at } : event)),
});

export const watchedOf = ({ features, events, blind = [] }: WatchState): Watched => ({
  features: features.toSorted((a, b) => (a.feature < b.feature ? -1 : 1)),
  events,
  blind,
});
