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

export function afterTry(state: WatchState, { feature, everyMs, withinMs }: FeatureWatch, tried: Tried): WatchState {
  const before = state.features.find((each) => each.feature === feature) ?? unseen(feature);
  const last = state.lastTry[feature];
  const silent = last === undefined ? 0 : tried.from - last;
  const known = Math.max(HOLE_INTERVALS * everyMs, withinMs);
  const after: WatchedFeature = {
    ...before,
    tries: before.tries + 1,
    [tried.outcome.is]: before[tried.outcome.is] + 1,
    holesMs: before.holesMs + (silent > known ? silent : 0),
    outages: outagesAfter(before.outages, tried),
  };
  const others = state.features.filter((each) => each.feature !== feature);
  return { ...state, features: [...others, after], lastTry: { ...state.lastTry, [feature]: tried.to } };
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
  return { ...state, events: [...state.events, ...fresh], cursors: { ...state.cursors, [name]: cursor } };
}

/** `finished`: the run is over, and what was queued is due too. */
export const dueEvents = (state: WatchState, finished: boolean): readonly SeenEvent[] =>
  state.events.filter(({ policy, deliveredAt }) => deliveredAt === null && (policy === "deliver" || (policy === "queue" && finished)));

export const afterDelivery = (state: WatchState, delivered: SeenEvent, at: number): WatchState => ({
  ...state,
  events: state.events.map((event) => (event.watch === delivered.watch && event.key === delivered.key ? { ...event, deliveredAt: at } : event)),
});

export const watchedOf = ({ features, events }: WatchState): Watched => ({
  features: features.toSorted((a, b) => (a.feature < b.feature ? -1 : 1)),
  events,
});
