// Real-time pipelines' runs and their data: what the run machine does reaches the receivers, and how long a stop takes comes from what they hold.
import { siteOf } from "../../logic/settings.ts";
import type { LabCluster } from "../../logic/cluster.ts";
import type { Programs } from "../../logic/programs/programs.ts";
import type { Behaviour, Run } from "../../logic/programs/run.ts";
import { configOf, type AppStore, type StoredVersion } from "../app-store.ts";
import { labNumber, propertyOf, streamingSettingsOf, type Streaming } from "../pipeline-config.ts";
import type { StreamingData } from "./streaming-data.ts";

const STREAMS = "cdap-data-streams";
const TRACKS_STATE = "feature.streaming.pipeline.native.state.tracking.enabled";
export const tracksState = (cluster: LabCluster): boolean => siteOf(cluster.settings)[TRACKS_STATE] === "true";

const hasEnded = ({ end }: Run): boolean => end !== null;

export function connectStreaming(cluster: LabCluster, programs: Programs, apps: AppStore, data: StreamingData): void {
  const versionOf = ({ program: { namespace, app }, version }: Run): StoredVersion | null =>
    apps.versions(namespace, app)?.find((each) => each.version === version) ?? apps.versions(namespace, app)?.at(-1) ?? null;
  /** Null: no real-time pipeline. */
  const streamingOf = (run: Run): Streaming | null => {
    const version = versionOf(run);
    if (run.program.type !== "SPARK" || version?.artifact.name !== STREAMS) return null;
    const { namespace, app } = run.program;
    return { release: cluster.release, tracksState: tracksState(cluster), namespace, app, config: configOf(version), args: run.args };
  };

  programs.behaviours.source((run) => {
    const streaming = streamingOf(run);
    if (streaming === null) return jobOf(run, versionOf(run));
    if ("error" in streamingSettingsOf(streaming)) return { startFails: true };
    if (run.stopping === null) return { runsMs: null };
    const budgetMs = run.terminate === null ? 0 : run.terminate - run.stopping;
    return { runsMs: null, drainMs: data.stopping(run.id, run.stopping, budgetMs), exitMs: 0 };
  });
  programs.listen((run) => {
    const now = cluster.clock.now();
    const streaming = streamingOf(run);
    if (streaming === null) return;
    if (run.status === "RUNNING" && run.stopping === null && run.resume === null) {
      const settings = streamingSettingsOf(streaming);
      if ("error" in settings) return;
      const { namespace, app } = run.program;
      const perSecond = labNumber(streaming.config, streaming.args, "records.per.second");
      const pipelineId = versionOf(run)?.pipelineId ?? "";
      data.started({ pipeline: `${namespace}/${app}`, runId: run.id, pipelineId, settings }, now, perSecond ?? undefined);
    }
    if (run.status === "STOPPING") data.stopping(run.id, now, run.terminate === null ? 0 : run.terminate - now);
    if (hasEnded(run)) data.ended(run.id, now);
  });
}

/** What a batch job of the lab is like, where its pipeline says so: `lab.run.seconds`, `lab.drain.seconds`, `lab.on.stop`. */
function jobOf(run: Run, version: StoredVersion | null): Partial<Behaviour> | null {
  if (version === null) return null;
  const config = configOf(version);
  const runs = labNumber(config, run.args, "run.seconds");
  const drain = labNumber(config, run.args, "drain.seconds");
  const onStop = propertyOf(config, run.args, "lab.on.stop");
  return {
    ...(runs === null ? {} : { runsMs: runs * 1_000 }),
    ...(drain === null ? {} : { drainMs: drain * 1_000 }),
    ...(isOnStop(onStop) ? { onStop } : {}),
  };
}
const isOnStop = (text: string | null): text is Behaviour["onStop"] => text !== null && ["killed", "completes", "fails", "lost"].includes(text);
