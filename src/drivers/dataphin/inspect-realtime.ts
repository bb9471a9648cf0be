// Real-time jobs by the runtime's own word (Flink's REST): the OpenAPI tells only what was developed (facts 3.2).
import { Refused, Unreachable } from "../../model/errors.ts";
import type { DpCluster, DpNode } from "./cluster.ts";
import type { DpJob, DpState } from "./facts.ts";
import { eachOf } from "./operations/batches.ts";
import { parseJson } from "./wire/json.ts";
import { isObject, numberIn, objectIn, objectsIn, textIn, type JsonObject } from "./wire/reading.ts";

const askTimeoutMs = 5_000;

export interface Realtime {
  readonly state: DpState;
  readonly why: string | null;
  /** Null: it did not answer. */
  readonly jobs: readonly DpJob[] | null;
}

export async function readRealtime(cluster: DpCluster, node: DpNode): Promise<Realtime> {
  try {
    const found = objectsIn(await get(cluster, node, "/jobs/overview"), "jobs");
    const jobs = await eachOf(found, (job) => jobOf(cluster, node, job));
    return { state: "serving", why: null, jobs: jobs.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
  } catch (error) {
    if (error instanceof Refused) return { state: "stopped", why: error.message, jobs: null };
    if (error instanceof Unreachable) return { state: "unreachable", why: error.message, jobs: null };
    throw error;
  }
}

async function jobOf(cluster: DpCluster, node: DpNode, job: JsonObject): Promise<DpJob> {
  const id = textIn(job, "jid") ?? "";
  const state = textIn(job, "state") ?? "";
  const latest = state === "RUNNING" ? objectIn(objectIn(await get(cluster, node, `/jobs/${id}/checkpoints`), "latest") ?? {}, "completed") : null;
  return {
    id,
    name: textIn(job, "name") ?? id,
    state,
    lastCheckpointAt: numberIn(latest, "latest_ack_timestamp") ?? numberIn(latest, "trigger_timestamp"),
  };
}

async function get(cluster: DpCluster, { url, endpoint }: DpNode, path: string): Promise<JsonObject> {
  const reply = await cluster.http.request({ method: "GET", url: `${url}${path}`, timeoutMs: askTimeoutMs });
  const malformed = (why: string): Unreachable => new Unreachable(`${endpoint}${path} answers what no Flink says: ${why}`, { object: endpoint });
  if (reply.status !== 200) throw malformed(`status ${String(reply.status)}`);
  try {
    const body = parseJson(reply.body);
    if (isObject(body)) return body;
  } catch {
    throw malformed("no JSON");
  }
  throw malformed("no object");
}
