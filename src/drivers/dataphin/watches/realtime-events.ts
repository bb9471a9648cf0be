// What the platform's real-time alerting would have told: checkpoint and job failures, read from the runtime's own REST, because the platform drops what
// happens while its application is down (facts D9). What happens while the application serves, the platform tells itself.
import { Unreachable } from "../../../model/errors.ts";
import type { Json } from "../../../model/json.ts";
import type { EventWatch, WatchedEvent } from "../../../model/watch.ts";
import type { DpCluster, DpNode } from "../cluster.ts";
import { getServerVersion } from "../wire/operations/version.ts";
import { parseJson } from "../wire/json.ts";
import { isObject, numberIn, objectIn, objectsIn, textIn, type JsonObject } from "../wire/reading.ts";

export const realtimeAlerts = "alerts of real-time instances";
const EVERY_MS = 5_000;
/** What happened so shortly before the application went down may not have been told any more. */
const UNTOLD_MS = 30_000;
const TIMEOUT_MS = 4_000;

/** `seen`: until when each job's failures are known. `fresh`: seen while the application served, and not long ago. */
type Cursor = {
  readonly seen: Readonly<Record<string, { readonly checkpoint: number; readonly exception: number }>>;
  readonly served: boolean;
  readonly fresh: readonly WatchedEvent[];
};
const isCursor = (value: Json): value is Cursor & Json => typeof value === "object" && value !== null && "seen" in value && "fresh" in value;

const policies = {
  queue: "handed over once the run has finished",
  drop: "kept and not handed over",
  deliver: "handed over at once",
} as const;

export function realtimeEvents(cluster: DpCluster, node: DpNode): EventWatch {
  return {
    name: realtimeAlerts,
    everyMs: EVERY_MS,
    policy: cluster.alertPolicy,
    why: `while the application is down, Dataphin drops alert events of real-time instances (facts 2.2 D9); ${policies[cluster.alertPolicy]}`,
    async collect(given) {
      const before = isCursor(given) ? given : null;
      // Asked before and after: whatever happened between is not taken for told.
      const serves = await applicationServes(cluster);
      const { seen, found } = await failuresOf(cluster, node, before?.seen ?? null);
      const now = cluster.now();
      const fresh = [...(before?.fresh ?? []), ...found].filter(({ at }) => now - at < UNTOLD_MS);
      const down = before !== null && (!serves || !before.served);
      const cursor: Cursor = { seen, served: serves, fresh: down ? [] : fresh };
      const events = down ? [...before.fresh, ...found] : [];
      return { events: [...new Map(events.map((event) => [event.key, event])).values()], cursor: cursor as unknown as Json };
    },
  };
}

async function applicationServes(cluster: DpCluster): Promise<boolean> {
  try {
    await getServerVersion(cluster.api);
    return true;
  } catch (error) {
    if (error instanceof Unreachable) return false;
    throw error;
  }
}

async function failuresOf(
  cluster: DpCluster,
  node: DpNode,
  known: Cursor["seen"] | null,
): Promise<{ readonly seen: Cursor["seen"]; readonly found: readonly WatchedEvent[] }> {
  const seen: Record<string, { readonly checkpoint: number; readonly exception: number }> = {};
  const found: WatchedEvent[] = [];
  for (const job of objectsIn(await get(cluster, node, "/jobs/overview"), "jobs")) {
    const id = textIn(job, "jid");
    if (id === null) continue;
    const name = textIn(job, "name") ?? id;
    const [checkpoints, exceptions] = [await get(cluster, node, `/jobs/${id}/checkpoints`), await get(cluster, node, `/jobs/${id}/exceptions`)];
    const last = objectIn(checkpoints, "latest");
    const failed = last === null ? null : objectIn(last, "failed");
    const failedAt = numberIn(failed, "failure_timestamp") ?? 0;
    const thrown = objectsIn(objectIn(exceptions, "exceptionHistory"), "entries").map((entry) => ({
      at: numberIn(entry, "timestamp") ?? 0,
      what: textIn(entry, "exceptionName") ?? "an exception",
    }));
    // From now on: what failed before the watch began was told, or lost, long ago. A job that is new has all of its failures in the time of the watch.
    const from = known === null ? { checkpoint: failedAt, exception: latest(thrown) } : (known[id] ?? { checkpoint: 0, exception: 0 });
    if (failedAt > from.checkpoint)
      found.push({
        key: `${id} checkpoint ${String(failedAt)}`,
        at: failedAt,
        object: name,
        what: `STREAM_CHECKPOINT_FAILURE: ${textIn(failed, "failure_message") ?? "a checkpoint failed"}`,
      });
    for (const { at, what } of thrown)
      if (at > from.exception) found.push({ key: `${id} failure ${String(at)}`, at, object: name, what: `STREAM_JOB_FAILURE: ${what}` });
    seen[id] = { checkpoint: Math.max(failedAt, from.checkpoint), exception: Math.max(latest(thrown), from.exception) };
  }
  return { seen: { ...known, ...seen }, found };
}
const latest = (all: readonly { readonly at: number }[]): number => Math.max(0, ...all.map(({ at }) => at));

async function get(cluster: DpCluster, { url, endpoint }: DpNode, path: string): Promise<JsonObject> {
  const { status, body } = await cluster.http.request({ method: "GET", url: `${url}${path}`, timeoutMs: TIMEOUT_MS });
  const value = status === 200 ? parseJson(body) : null;
  if (isObject(value)) return value;
  throw new Unreachable(`${endpoint}${path} answers what no Flink says: status ${String(status)}`, { object: endpoint });
}
