// `probe verdict`: everything is read back and compared with the records of the probe, while it runs or after it has ended.
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { checkRecords, type CheckResult } from "../continuity/check.ts";
import { probeFiles } from "../continuity/files.ts";
import { readLog } from "../continuity/log-reader.ts";
import { summarise, type ProbeSummary } from "../continuity/summary.ts";
import { judgeContinuity } from "../continuity/verdict.ts";
import type { ContinuityClient } from "../model/continuity.ts";
import { StillwaterError } from "../model/errors.ts";
import type { ContinuityVerdict } from "../model/report.ts";
import type { Watched } from "../model/watch.ts";
import { noClientRecords, sentenceOf } from "../report/sentence.ts";
import { plural } from "../report/text.ts";
import { watchedFile } from "../continuity/watching/watcher.ts";
import { findProbe, probePlaceFiles, type KeptVerdict, type LatestRecord, type ProbePlace } from "./probe-places.ts";
import { readWhole, writeWhole } from "./sidecar.ts";
import type { Workspace } from "./workspace.ts";

export interface ProbeVerdict {
  readonly cluster: string;
  readonly probe: number;
  /** It still writes: this is how it stands, not the last word. */
  readonly running: boolean;
  /** Kept: asking again gives the same. */
  readonly final: boolean;
  readonly sentence: string;
  readonly latest: LatestRecord;
  readonly continuity: ContinuityVerdict;
  /** Of a system whose clients write no records: what was tried instead. */
  readonly watched?: Watched;
  /** Where its records are. */
  readonly directory: string;
}

/** Longer without an acknowledgement than this, at the end of the probed time, is an outage that has not ended. */
const silentAfterMs = 5000;

/**
 * Reads all records of the probe: once while it runs, twice with `verifyAfterS` in between when it has ended. What was found then is kept; records in the
 * cluster are removed unless something is wrong with them. Errors SW5005, and those of the cluster.
 */
export async function judgeProbe(
  workspace: Workspace,
  request: {
    readonly cluster?: string;
    readonly probe?: number;
    /** How long a read that fails is tried again. Default 30,000. */
    readonly readWithinMs?: number;
  } = {},
): Promise<ProbeVerdict> {
  const place = await findProbe(workspace, { cluster: request.cluster ?? null, probe: request.probe ?? null });
  const kept = await readWhole<KeptVerdict>(join(place.directory, probePlaceFiles.verdict));
  if (kept !== null) return told(place, kept, true);
  if ((await readWhole(file(place, "discarded"))) !== null)
    throw new StillwaterError(
      "SW5005",
      `The records of probe ${String(place.settings.probe)} of ${place.settings.cluster} were removed without a verdict.`,
      {
        object: place.directory,
      },
    );
  const { continuity } = await workspace.definition();
  const driver = await workspace.driver();
  const client = await driver.continuity?.({ definition: continuity, name: place.settings.name });
  if (client === undefined && driver.watches !== undefined) return watchedVerdict(place);
  if (client === undefined)
    throw new StillwaterError("SW5001", "The driver has no client that a probe could use.", { object: place.settings.cluster });
  try {
    // What was judged is not judged again: its records may be gone by now.
    const judged = (await readWhole<KeptVerdict>(file(place, "judged"))) ?? (await judge(workspace, client, place, request.readWithinMs));
    const { verdict } = judged.verdict;
    // What could not be read may be read later.
    if (place.pid !== null || verdict === "not-measured") return told(place, judged, false);
    await writeWhole(file(place, "judged"), judged);
    // What was lost is evidence: then the records stay for whoever looks for the cause.
    if (verdict === "pass") await client.cleanUp();
    await rename(file(place, "judged"), file(place, "verdict"));
    return told(place, judged, true);
  } finally {
    await client.close();
  }
}

/** Nothing can be lost here: how each feature fared is all there is to tell. `fail`: one does not work now, or did not when the probe was last alive. */
async function watchedVerdict(place: ProbePlace): Promise<ProbeVerdict> {
  const { settings, directory, pid, status } = place;
  const watched = await readWhole<Watched>(join(directory, watchedFile));
  const broken = (watched?.features ?? []).filter(({ outages }) => outages.at(-1)?.to === null);
  const silent = status?.stale === true ? `its process gives no sign of life since ${new Date(status.at).toISOString()}` : null;
  const why = [
    ...broken.map(({ feature, outages }) => `${feature} does not work: ${outages.at(-1)?.why ?? ""}`),
    ...(silent === null ? [] : [`${silent}: nothing is known of the time after it`]),
    ...(watched?.blind ?? []).map((each) => `${each.watch}: could not be read: ${each.why}`),
  ];
  const tried = (watched?.features ?? []).length > 0;
  return {
    cluster: settings.cluster,
    probe: settings.probe,
    running: pid !== null,
    final: pid === null,
    sentence: tried ? `${plural(watched?.features.length ?? 0, "feature")} watched.` : "Nothing was tried yet.",
    latest: { acknowledgedAt: null, probedUntil: place.status?.at ?? settings.startedAt },
    continuity: { ...noClientRecords, verdict: broken.length > 0 ? "fail" : tried && silent === null ? "pass" : "not-measured", why },
    ...(watched === null ? {} : { watched: { features: watched.features, events: watched.events, blind: watched.blind ?? [] } }),
    directory,
  };
}

const file = ({ directory }: ProbePlace, name: keyof typeof probePlaceFiles): string => join(directory, probePlaceFiles[name]);

const told = ({ settings, directory, pid }: ProbePlace, { verdict, latest }: KeptVerdict, final: boolean): ProbeVerdict => ({
  cluster: settings.cluster,
  probe: settings.probe,
  running: pid !== null,
  final,
  sentence: sentenceOf(verdict, { coverage: null, objects: [], violations: [] }),
  latest,
  continuity: verdict,
  directory,
});

async function judge(workspace: Workspace, client: ContinuityClient, place: ProbePlace, withinMs = 30_000): Promise<KeptVerdict> {
  const { directory, pid, settings } = place;
  const alive = pid !== null;
  const { continuity } = await workspace.definition();
  const { minAcks, verifyAfterS } = continuity;
  // Before the reads: what is acknowledged while they last is not among the figures.
  const all = await summarise(readLog(directory), []);
  // What is in flight is nobody's unknown outcome yet.
  const summary = alive ? { ...all, attempts: all.attempts - all.unanswered, unknown: all.unknown - all.unanswered } : all;
  const until = alive ? workspace.now() : (summary.to ?? workspace.now());
  const check = (): Promise<CheckResult> => checkRecords({ client, directory, live: alive, withinMs, now: () => workspace.now() });
  const atEnd = await check();
  if (!alive) await delay(verifyAfterS * 1000);
  const afterwards = alive ? atEnd : await check();
  const verdict = judgeContinuity({
    summary,
    atEnd,
    afterwards,
    rejoinedAt: atEnd.startedAt,
    verifyAfterS: alive ? 0 : verifyAfterS,
    minAcks,
    route: client.route,
    durability: await client.durability().catch((error: unknown) => `not known: ${error instanceof Error ? error.message : String(error)}`),
    clocks: (await client.clocks?.().catch(() => [])) ?? [],
    nothingAtRisk: true,
  });
  const known = await readWhole<{ readonly partitions: readonly string[] }>(join(directory, probeFiles.known));
  const latest: LatestRecord = { acknowledgedAt: summary.lastAcknowledgedAt, probedUntil: until };
  return {
    version: 1,
    latest,
    verdict: overTheWholeTime(verdict, { summary, partitions: known?.partitions ?? [], minAcks, latest, rate: settings.rate }),
  };
}

interface WholeTime {
  readonly summary: ProbeSummary;
  readonly partitions: readonly string[];
  readonly minAcks: number;
  readonly latest: LatestRecord;
  /** Attempts per second. */
  readonly rate: number;
}
/** Without a run there are no risk windows: the whole time of the probe is one, on every partition. */
function overTheWholeTime(verdict: ContinuityVerdict, { summary, partitions, minAcks, latest, rate }: WholeTime): ContinuityVerdict {
  const acknowledgedOn = (partition: string): number => summary.partitions.find((each) => each.partition === partition)?.acknowledged ?? 0;
  const unseen = partitions.filter((partition) => acknowledgedOn(partition) < minAcks);
  const missing = unseen.map(
    (partition) => `partition ${partition} got ${String(acknowledgedOn(partition))} acknowledgements; ${String(minAcks)} are needed`,
  );
  const silentMs = latest.probedUntil - (latest.acknowledgedAt ?? summary.from ?? latest.probedUntil);
  // A slow probe is silent between two attempts.
  const silent = silentMs > silentAfterMs + (3 * 1000 * Math.max(1, partitions.length)) / rate;
  const outage = silent ? [`no write has been acknowledged for the last ${String(Math.round(silentMs / 1000))} s: the outage has not ended`] : [];
  const why = [...outage, ...verdict.why, ...missing];
  const word = silent ? "fail" : verdict.verdict === "pass" && missing.length > 0 ? "not-measured" : verdict.verdict;
  return {
    ...verdict,
    verdict: word,
    why,
    scope: { ...verdict.scope, partitionsTouched: partitions.length, partitionsProbed: partitions.length - unseen.length },
  };
}
