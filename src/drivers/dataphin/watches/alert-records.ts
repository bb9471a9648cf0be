// What the platform says that it raised, and what it says that it sent: an event that nothing was sent about is lost; an API that failed and of which no event
// tells was not watched over. Read from its own lists once it answers again, and only to be counted.
import type { EventWatch, WatchedEvent } from "../../../model/watch.ts";
import type { DpCluster } from "../cluster.ts";
import { listAlertEvents, listAlertNotifications, type AlertSource } from "../wire/operations/alerts.ts";

/** Milliseconds. */
const EVERY_MS = 30_000;
/** Read once more: the platform lists something after it has happened. */
const OVERLAP_MS = 120_000;

export const alertRecords = {
  offlineRaised: "offline alert events that the platform raised",
  offlineSent: "offline alerts that the platform sent",
  apiRaised: "API alert events that the platform raised",
} as const;

type Read = (cluster: DpCluster, source: AlertSource, from: number, to: number) => Promise<readonly WatchedEvent[]>;

export const alertRecordWatches = (cluster: DpCluster): readonly EventWatch[] => [
  recordWatch(cluster, alertRecords.offlineRaised, "VDM_BATCH", raised),
  recordWatch(cluster, alertRecords.offlineSent, "VDM_BATCH", sent),
  recordWatch(cluster, alertRecords.apiRaised, "OS", raised),
];

function recordWatch(cluster: DpCluster, name: string, source: AlertSource, read: Read): EventWatch {
  return {
    name,
    everyMs: EVERY_MS,
    policy: "drop",
    why: "only counted: the platform tells it itself",
    async collect(cursor) {
      const now = cluster.now();
      const last = typeof cursor === "number" ? cursor : null;
      // From now on, the first time.
      const events = last === null ? [] : await read(cluster, source, last - OVERLAP_MS, now);
      return { events, cursor: now };
    },
  };
}

const raised: Read = async (cluster, source, from, to) =>
  (await listAlertEvents(cluster.api, cluster.zone, { from, to, source })).flatMap(({ id, object, reason, firstAt }) =>
    firstAt === null ? [] : [{ key: id, at: firstAt, object, what: reason }],
  );
const sent: Read = async (cluster, source, from, to) =>
  (await listAlertNotifications(cluster.api, cluster.zone, { from, to, source })).flatMap(({ eventId, object, reason, sentAt }) =>
    sentAt === null ? [] : [{ key: eventId, at: sentAt, object, what: reason }],
  );
