import type { Durations } from "../logic/node.ts";

/** In milliseconds. Between processes the round trip is what it is. */
export const defaultDurations: Durations = {
  roundTrip: 0,
  task: 50,
  rowsPerSecond: 50_000,
  replicationDelay: 5,
  replicationPerSecond: 20_000,
  catalogRefresh: 200,
};
