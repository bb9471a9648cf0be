// What the platform itself does around an upgrade, read from its own lists once it answers again: which instances were dispatched late, which alerts it sent
// late or wrongly, which real-time alerts it sent after all. Only to be counted: nothing of it is handed to anybody.
import type { Json } from "../../../model/json.ts";
import type { EventWatch, WatchedEvent } from "../../../model/watch.ts";
import type { DpCluster } from "../cluster.ts";
import { counted } from "../impact/features.ts";
import { eachOf } from "../operations/batches.ts";
import { listAlertEvents, listAlertNotifications, type AlertNotification } from "../wire/operations/alerts.ts";
import { listInstances, listUpstream, type Instance } from "../wire/operations/instances.ts";
import { listProjects } from "../wire/operations/projects.ts";

/** Milliseconds. */
const EVERY_MS = 30_000;
/** Later than that is late: rounds of scheduler and alert engine take a moment. */
const LATE_MS = 60_000;
/** Read once more: the platform lists something after it has happened. */
const OVERLAP_MS = 120_000;

/** Of the event of an instance that was dispatched late. */
export const lateKey = (instance: string): string => `${instance} late`;
export const sentByPlatform = "real-time alerts that the platform sent";
const why = "only counted: the platform tells it itself";

type Found = (from: number, to: number, began: number) => Promise<readonly WatchedEvent[]>;

export function platformEvents(cluster: DpCluster): readonly EventWatch[] {
  const watch = (name: string, find: Found): EventWatch => ({
    name,
    everyMs: EVERY_MS,
    policy: "drop",
    why,
    async collect(cursor) {
      const now = cluster.now();
      const { began, to } = spanIn(cursor) ?? { began: now, to: now };
      // Everything since the watch began, and not before it.
      const events = (await find(Math.max(began, to - OVERLAP_MS), now, began)).filter(({ at }) => at >= began);
      return { events, cursor: { began, to: now } };
    },
  });
  return [
    watch(counted.held, (from) => dispatchedLate(cluster, from)),
    watch(counted.offlineAlertsLate, (_, to, began) => sentLate(cluster, began, to)),
    watch(counted.falseTimeouts, (from, to) => falseTimeouts(cluster, from, to)),
    watch(sentByPlatform, (from, to) => realtimeSent(cluster, from, to)),
  ];
}
function spanIn(cursor: Json): { readonly began: number; readonly to: number } | null {
  if (typeof cursor !== "object" || cursor === null || Array.isArray(cursor)) return null;
  const { began, to } = cursor as { readonly began?: Json; readonly to?: Json };
  return typeof began === "number" && typeof to === "number" ? { began, to } : null;
}

/** Instances that have begun, of the days since then. */
async function begun(cluster: DpCluster, from: number): Promise<readonly Instance[]> {
  const { api, zone, environment } = cluster;
  const named = await listProjects(api);
  const projects = named.filter(({ id, name }) => cluster.projects === null || cluster.projects.includes(id) || cluster.projects.includes(name));
  const lists = await eachOf(projects, ({ id: project }) =>
    listInstances(api, zone, { project, environment, statuses: ["RUNNING", "SUCCESS", "FAILED"], minRunDate: zone.day(from) }),
  );
  return lists.flat();
}

async function dispatchedLate(cluster: DpCluster, from: number): Promise<readonly WatchedEvent[]> {
  const { api, environment } = cluster;
  const instances = await begun(cluster, from);
  const ends = new Map(instances.map(({ id, endedAt }) => [id, endedAt]));
  const found = await eachOf(
    instances.filter(({ dueAt, startedAt }) => dueAt !== null && startedAt !== null && startedAt >= from && startedAt - dueAt >= LATE_MS),
    async ({ id, project, node, dueAt, startedAt }): Promise<readonly WatchedEvent[]> => {
      // One that waits for what is before it is not late.
      const upstream = await listUpstream(api, { project, environment, id });
      const ready = Math.max(dueAt ?? 0, ...upstream.map((each) => ends.get(each) ?? 0));
      const lateMs = (startedAt ?? 0) - ready;
      if (lateMs < LATE_MS) return [];
      return [{ key: lateKey(id), at: startedAt ?? 0, object: node, what: `ready, and dispatched ${String(Math.round(lateMs / 1_000))} s later` }];
    },
  );
  return found.flat();
}

/**
 * An alert tells of something that the executor knows the time of: the end of an instance. Which instance of its node it is about, no list says; a rule fires
 * once for each end, so the alerts of a node belong to its ends in their order, from the begin of the watch.
 */
async function sentLate(cluster: DpCluster, began: number, to: number): Promise<readonly WatchedEvent[]> {
  const sent = await listAlertNotifications(cluster.api, cluster.zone, { from: began, to, source: "VDM_BATCH" });
  // One event is sent by several channels: the first counts.
  const first = new Map<string, AlertNotification>();
  for (const each of sent) if ((first.get(each.eventId)?.sentAt ?? Infinity) > (each.sentAt ?? Infinity)) first.set(each.eventId, each);
  const about = [...first.values()].filter(({ reason }) => reason === "VDM_BATCH_ERROR" || reason === "VDM_BATCH_FINISH");
  return about.length === 0 ? [] : lateAlerts(about, await begun(cluster, began), began);
}
/** Pure. `instances`: with their ends; `began`: alerts and ends before it are not looked at. */
export function lateAlerts(
  alerts: readonly Pick<AlertNotification, "eventId" | "object" | "reason" | "sentAt">[],
  instances: readonly Pick<Instance, "node" | "statuses" | "endedAt">[],
  began: number,
): readonly WatchedEvent[] {
  const kinds = new Map(alerts.map(({ object, reason }) => [`${object} ${reason}`, { object, reason }]));
  return [...kinds.values()].flatMap(({ object, reason }) => {
    const wanted = reason === "VDM_BATCH_ERROR" ? "FAILED" : "SUCCESS";
    const ends = instances
      .filter(({ node, statuses, endedAt }) => node === object && statuses.includes(wanted) && endedAt !== null && endedAt >= began)
      .map(({ endedAt }) => endedAt ?? 0)
      .toSorted((a, b) => a - b);
    const ofKind = alerts.filter((alert) => alert.object === object && alert.reason === reason).toSorted((a, b) => (a.sentAt ?? 0) - (b.sentAt ?? 0));
    let next = 0;
    return ofKind.flatMap(({ eventId, sentAt }): readonly WatchedEvent[] => {
      const ended = ends[next];
      // Sent before the first end that is left: about one before the watch began.
      if (sentAt === null || ended === undefined || sentAt < ended) return [];
      next += 1;
      if (sentAt - ended < LATE_MS) return [];
      return [
        { key: `${eventId} late`, at: sentAt, object, what: `${reason} sent ${String(Math.round((sentAt - ended) / 1_000))} s after it happened` },
      ];
    });
  });
}

/** Our own judgement of a run-timeout, from the executor's times (DP-7): an alert about an instance that had succeeded before it was raised is false. */
async function falseTimeouts(cluster: DpCluster, from: number, to: number): Promise<readonly WatchedEvent[]> {
  const events = await listAlertEvents(cluster.api, cluster.zone, { from, to, source: "VDM_BATCH" });
  const raised = events.filter(({ reason }) => reason === "VDM_BATCH_TIME_OUT");
  if (raised.length === 0) return [];
  const instances = await begun(cluster, from - OVERLAP_MS);
  return raised.flatMap(({ uniqueKey, object, firstAt }) => {
    if (firstAt === null) return [];
    const verdict = timeoutVerdict(
      instances.filter(({ node }) => node === object),
      firstAt,
    );
    return verdict === null ? [] : [{ key: `${uniqueKey} false`, at: firstAt, object, what: verdict }];
  });
}
/** Null: one of them ran when the alert was raised, or did not succeed, so it may be right. Pure. */
export function timeoutVerdict(instances: readonly Pick<Instance, "startedAt" | "endedAt" | "statuses">[], raisedAt: number): string | null {
  const last = instances
    .filter(({ startedAt }) => startedAt !== null && startedAt <= raisedAt)
    .toSorted((a, b) => (b.startedAt ?? 0) - (a.startedAt ?? 0))[0];
  if (last === undefined || last.startedAt === null || last.endedAt === null) return null;
  // Times have whole seconds.
  if (last.endedAt > raisedAt || !last.statuses.every((status) => status === "SUCCESS")) return null;
  const [ran, late] = [last.endedAt - last.startedAt, raisedAt - last.endedAt];
  return `it had succeeded after ${String(Math.round(ran / 1_000))} s, ${String(Math.round(late / 1_000))} s before the alert was raised`;
}

async function realtimeSent(cluster: DpCluster, from: number, to: number): Promise<readonly WatchedEvent[]> {
  const lists = await eachOf(["STREAM", "REAL_TIME_PIPELINE"] as const, (source) =>
    listAlertNotifications(cluster.api, cluster.zone, { from, to, source }),
  );
  return lists.flat().flatMap(({ eventId, object, reason, sentAt }) => (sentAt === null ? [] : [{ key: eventId, at: sentAt, object, what: reason }]));
}
