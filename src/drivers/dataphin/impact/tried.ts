// Which features of the impact table the cluster file gives a client for: the others are reported as not measured. Pure.
import { classWords } from "../api-words.ts";
import type { DpCluster } from "../cluster.ts";
import { apiClasses } from "../facts.ts";
import { watched, type WatchedFeature } from "./features.ts";

export function triedFeatures(cluster: Pick<DpCluster, "watch" | "gateway" | "realtime">): ReadonlySet<WatchedFeature> {
  const { watch, gateway, realtime } = cluster;
  // What users reach behind the logon page, and by the OpenAPI, needs no more than the cluster file has in any case.
  const found = new Set<WatchedFeature>([
    watched.logon,
    watched.offlineOperations,
    watched.realtimeOperations,
    watched.apiDevelopment,
    watched.apiOperations,
  ]);
  if (realtime !== null) found.add(watched.realtimeJobs);
  if (watch === null || gateway === null) return found;
  for (const each of apiClasses) {
    const { feature } = classWords[each];
    if (watch.apis?.[each] !== undefined && feature !== null) found.add(feature);
  }
  if (Object.keys(watch.apis ?? {}).length > 0)
    for (const feature of [watched.retriedCalls, watched.wrongSecretRejected, watched.developmentCalls]) found.add(feature);
  if (watch.ungranted !== undefined) found.add(watched.ungrantedRejected);
  if (watch.withheld !== undefined) found.add(watched.fieldsWithheld);
  if (watch.expiring !== undefined) found.add(watched.expiryApplied);
  if (watch.throttled !== undefined) found.add(watched.throttling);
  return found;
}
