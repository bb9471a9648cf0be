import type { AlertEvent, AlertRule, AlertType } from "../entities.ts";
import type { Database } from "../database.ts";
import type { Surroundings } from "../cluster.ts";
import { ask } from "../http.ts";
import type { Observation } from "../scheduler/scheduler.ts";
import { dateOf, timeOf } from "../times.ts";

interface Sample {
  readonly at: number;
  readonly failedCheckpoints: number;
  readonly exceptions: number;
}
interface CheckpointsReply {
  readonly counts: { readonly failed: number };
  readonly latest: { readonly failed: { readonly failure_timestamp: number } | null };
}
interface ExceptionsReply {
  readonly exceptionHistory: { readonly entries: readonly { readonly timestamp: number }[] };
}
export interface CallFigures {
  readonly apis: readonly { readonly api: number; readonly calls: number; readonly errors: number }[];
}

/** Rounds between two looks at the gateway's figures. */
const API_ROUNDS = 10;

/**
 * Two kinds of events by two kinds of sources (facts 5.1). Those of offline instances come from what the tracker sees, and the tracker can ask the executors
 * about the past: events of a gap come late. Those of real-time jobs and of APIs come from live figures, a difference of two samples of which the first is fresh:
 * who was away has no sample, and what happened meanwhile is never seen.
 */
export class AlertEngine {
  readonly #surroundings: Pick<Surroundings, "clock" | "network" | "endpoints" | "settings">;
  readonly #database: Database;
  readonly #from: string;
  readonly #samples = new Map<string, Sample>();
  #round = 0;

  constructor(surroundings: Pick<Surroundings, "clock" | "network" | "endpoints" | "settings">, database: Database, from: string) {
    this.#surroundings = surroundings;
    this.#database = database;
    this.#from = from;
  }

  async round(observations: readonly Observation[]): Promise<void> {
    for (const observation of observations) this.#offline(observation);
    if (this.#database.controls.tracking) this.#undone();
    await this.#realtime();
    if (this.#round % API_ROUNDS === 0) await this.#calls();
    this.#round += 1;
  }

  #rules(object: string, ...types: readonly AlertType[]): readonly AlertRule[] {
    return this.#database.data.alertRules.filter((rule) => rule.object === object && types.includes(rule.type));
  }

  #offline({ instance, run, seenAt }: Observation): void {
    const node = this.#database.node(instance.nodeId);
    const about = { object: instance.nodeId, objectName: node.name, project: node.project, bizDate: instance.bizDate, source: "VDM_BATCH" } as const;
    for (const rule of this.#rules(instance.nodeId, "ERROR", "FINISH", "TIME_OUT")) {
      const key = `${instance.id}_${run.id}`;
      if (rule.type === "ERROR" && run.status === "FAILED") this.#emit(rule, { ...about, key, at: run.end ?? seenAt });
      if (rule.type === "FINISH" && run.status === "SUCCESS") this.#emit(rule, { ...about, key, at: run.end ?? seenAt });
      // How long a run took is what was observed of it: one that ended while nobody looked seems to have run until somebody did.
      if (rule.type === "TIME_OUT" && seenAt - run.start > rule.limit) this.#emit(rule, { ...about, key, at: run.start + rule.limit });
    }
  }

  /** Not finished so long after it was due. */
  #undone(): void {
    const now = this.#surroundings.clock.now();
    for (const rule of this.#database.data.alertRules) {
      if (rule.type !== "UNDONE") continue;
      for (const instance of Object.values(this.#database.data.instances)) {
        const by = instance.dueTime + rule.limit;
        if (instance.nodeId !== rule.object || instance.status === "SUCCESS" || now < by) continue;
        const node = this.#database.node(instance.nodeId);
        const about = {
          object: instance.nodeId,
          objectName: node.name,
          project: node.project,
          bizDate: instance.bizDate,
          source: "VDM_BATCH",
        } as const;
        this.#emit(rule, { ...about, key: instance.id, at: by });
      }
    }
  }

  async #realtime(): Promise<void> {
    const { clock, network, endpoints, settings } = this.#surroundings;
    const to = { network, from: this.#from, to: endpoints.realtime };
    for (const job of this.#database.data.streamJobs) {
      const rules = this.#rules(String(job.id), "CHECKPOINT_FAILURE", "JOB_FAILURE");
      if (rules.length === 0) continue;
      try {
        const checkpoints = await ask<CheckpointsReply>(to, "GET", `/jobs/${job.flinkId}/checkpoints`);
        const { entries } = (await ask<ExceptionsReply>(to, "GET", `/jobs/${job.flinkId}/exceptions`)).exceptionHistory;
        const before = this.#samples.get(job.flinkId);
        const now: Sample = { at: clock.now(), failedCheckpoints: checkpoints.counts.failed, exceptions: entries.length };
        this.#samples.set(job.flinkId, now);
        if (before === undefined || now.at - before.at > settings.metricsStaleMs) continue;
        const source = job.kind === "REALTIME_PIPELINE" ? "REAL_TIME_PIPELINE" : "STREAM";
        const about = { object: String(job.id), objectName: job.name, project: job.project, bizDate: null, source } as const;
        for (const rule of rules) {
          if (rule.type === "CHECKPOINT_FAILURE" && now.failedCheckpoints > before.failedCheckpoints)
            this.#emit(rule, {
              ...about,
              key: `${job.flinkId}_c${String(now.failedCheckpoints)}`,
              at: checkpoints.latest.failed?.failure_timestamp ?? now.at,
            });
          if (rule.type === "JOB_FAILURE" && now.exceptions > before.exceptions)
            this.#emit(rule, { ...about, key: `${job.flinkId}_e${String(now.exceptions)}`, at: entries[0]?.timestamp ?? now.at });
        }
      } catch {
        // The runtime does not answer: no sample.
      }
    }
  }

  async #calls(): Promise<void> {
    const { clock, network, endpoints } = this.#surroundings;
    let figures: CallFigures;
    try {
      figures = await ask<CallFigures>({ network, from: this.#from, to: endpoints.gateway }, "GET", "/internal/figures");
    } catch {
      return;
    }
    for (const { api, calls, errors } of figures.apis)
      for (const rule of this.#rules(String(api), "ERROR_RATE")) {
        const found = this.#database.data.apis[String(api)];
        if (calls === 0 || errors / calls <= rule.limit || found === undefined) continue;
        const at = clock.now();
        const about = { object: String(api), objectName: found.name, project: "", bizDate: null, source: "OS" } as const;
        this.#emit(rule, { ...about, key: `${String(api)}_${timeOf(at).slice(0, 16)}`, at });
      }
  }

  /** Once for each key: whoever sees it again says nothing. */
  #emit(
    rule: AlertRule,
    event: Pick<AlertEvent, "object" | "objectName" | "project" | "bizDate" | "source"> & { readonly key: string; readonly at: number },
  ): void {
    const { data } = this.#database;
    const { key, at, ...about } = event;
    const uniqueKey = `${rule.type}_${key}`;
    if (data.alertEvents.some((known) => known.uniqueKey === uniqueKey && known.ruleId === rule.id)) return;
    const now = this.#surroundings.clock.now();
    const id = this.#database.nextId();
    data.alertEvents.push({
      ...about,
      id,
      uniqueKey,
      ruleId: rule.id,
      reason: `${about.source === "REAL_TIME_PIPELINE" ? "STREAM" : about.source}_${rule.type}`,
      bizDate: about.bizDate ?? dateOf(now),
      occurredAt: at,
      firstAlertTime: now,
      status: "FINISH",
    });
    data.notifications.push({ eventId: id, sentAt: now, channel: "EMAIL" });
  }
}
