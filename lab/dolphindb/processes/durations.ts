import type { Durations } from "../logic/node.ts";

/** In milliseconds; `scale` is the lab's. Between processes the round trip is what it is. */
export const defaultDurations: Omit<Durations, "scale"> = {
  roundTrip: 0,
  listen: 100,
  initialise: 400,
  recoverChunk: 100,
  gracefulStop: 400,
  replayTransaction: 10,
};
