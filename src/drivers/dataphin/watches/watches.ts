import type { Watches } from "../../../model/watch.ts";
import type { DpCluster } from "../cluster.ts";
import { alertRecordWatches } from "./alert-records.ts";
import { featureWatches } from "./feature-watches.ts";
import { platformEvents } from "./platform-events.ts";
import { realtimeEvents } from "./realtime-events.ts";

/** What the process beside a run, or beside any change that is made by hand, watches. */
export const watchesOf = (cluster: DpCluster): Watches => ({
  features: featureWatches(cluster),
  events: [
    ...(cluster.realtime === null ? [] : [realtimeEvents(cluster, cluster.realtime)]),
    ...platformEvents(cluster),
    ...alertRecordWatches(cluster),
  ],
  // Connections are the library's own, and end with the process.
  close: async () => undefined,
});
