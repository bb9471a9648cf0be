import type { Reply, Request } from "../../kit/network.ts";
import type { Surroundings } from "./cluster.ts";
import { bodyOf, json, target, words } from "./http.ts";

interface Job {
  readonly id: string;
  readonly name: string;
  state: "RUNNING" | "CANCELED" | "RESTARTING";
  readonly start: number;
  checkpoints: { completed: number; failed: number; restored: number; lastCompleted: number | null; lastFailed: { at: number; why: string } | null };
  restarts: number;
  exceptions: { readonly at: number; readonly name: string; readonly why: string }[];
  /** Records read from the source and written to the sink; they belong together at every checkpoint. */
  read: number;
  written: number;
  at: number;
  /** Of the last completed checkpoint. */
  saved: { read: number; written: number };
  /** The next so many checkpoints fail. */
  failing: number;
}
const RECORDS_PER_SECOND = 20;
const CHECKPOINT_TAKES_MS = 350;
/** From a failure of a job to its return from the last checkpoint. */
const RESTART_MS = 5_000;

/**
 * The runtime of real-time jobs with the REST face of Flink. It knows nothing of Dataphin. Every source is a sequence of numbers, and every sink commits at
 * checkpoints: what is committed is read once, a restart included.
 */
export class RealtimeRuntime {
  readonly #surroundings: Surroundings;
  readonly #jobs = new Map<string, Job>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const saved = surroundings.store?.load() ?? null;
    for (const job of saved === null ? [] : (JSON.parse(saved) as Job[])) this.#run(job);
  }

  async start(): Promise<void> {
    await this.#surroundings.network.listen(this.#surroundings.endpoints.realtime, (request) => Promise.resolve(this.#serve(request)));
  }

  /** A job that is known already goes on. */
  submit(id: string, name: string): void {
    if (this.#jobs.has(id)) return;
    const now = this.#surroundings.clock.now();
    this.#run({
      id,
      name,
      state: "RUNNING",
      start: now,
      checkpoints: { completed: 0, failed: 0, restored: 0, lastCompleted: null, lastFailed: null },
      restarts: 0,
      exceptions: [],
      read: 0,
      written: 0,
      at: now,
      saved: { read: 0, written: 0 },
      failing: 0,
    });
    this.#save();
  }

  #run(job: Job): void {
    this.#jobs.set(job.id, job);
    const { clock, settings } = this.#surroundings;
    const checkpoint = (): void => {
      if (job.state === "CANCELED") return;
      clock.after(settings.checkpointMs, checkpoint);
      if (job.state === "RUNNING") this.#checkpoint(job);
    };
    clock.after(settings.checkpointMs, checkpoint);
  }

  #flow(job: Job): void {
    const now = this.#surroundings.clock.now();
    if (job.state === "RUNNING") job.read += ((now - job.at) / 1_000) * RECORDS_PER_SECOND;
    job.at = now;
  }

  #checkpoint(job: Job): void {
    this.#flow(job);
    if (job.failing > 0) {
      job.failing -= 1;
      job.checkpoints.failed += 1;
      job.checkpoints.lastFailed = { at: job.at, why: "Checkpoint expired before completing." };
    } else {
      job.written = Math.floor(job.read);
      job.saved = { read: job.written, written: job.written };
      job.checkpoints.completed += 1;
      job.checkpoints.lastCompleted = job.at;
    }
    this.#save();
  }

  #fail(job: Job): void {
    this.#flow(job);
    job.state = "RESTARTING";
    job.exceptions.unshift({ at: job.at, name: "org.apache.flink.runtime.taskmanager.TaskManagerException", why: "The TaskManager was lost" });
    this.#surroundings.clock.after(RESTART_MS, () => {
      job.restarts += 1;
      job.checkpoints.restored += 1;
      job.read = job.saved.read;
      job.written = job.saved.written;
      job.at = this.#surroundings.clock.now();
      job.state = "RUNNING";
      this.#save();
    });
  }

  #serve(request: Request): Reply {
    const { path, parts } = target(request);
    if (path === "/overview") {
      const states = [...this.#jobs.values()].map(({ state }) => state);
      return json(200, { taskmanagers: 1, "jobs-running": states.filter((state) => state === "RUNNING").length, "flink-version": "1.17.2" });
    }
    if (path === "/jobs") return json(200, { jobs: [...this.#jobs.values()].map(({ id, state }) => ({ id, status: state })) });
    if (path === "/jobs/overview")
      return json(200, {
        jobs: [...this.#jobs.values()].map((job) => ({
          jid: job.id,
          name: job.name,
          state: job.state,
          "start-time": job.start,
          duration: this.#age(job),
        })),
      });
    if (path === "/lab/realtime/submit") {
      const { id, name } = bodyOf(request);
      this.submit(words(id), words(name));
      return json(200, {});
    }
    if (path === "/lab/realtime") return this.#lab(request);
    const job = parts[0] === "jobs" ? this.#jobs.get(parts[1] ?? "") : undefined;
    if (job === undefined) return json(404, { errors: [`Job ${parts[1] ?? path} not found`] });
    if (request.method === "PATCH") {
      this.#flow(job);
      job.state = "CANCELED";
      this.#save();
      return json(202, {});
    }
    switch (parts[2]) {
      case undefined:
        return json(200, { jid: job.id, name: job.name, state: job.state, "start-time": job.start, duration: this.#age(job) });
      case "checkpoints":
        return json(200, checkpointsOf(job));
      case "exceptions":
        return json(200, exceptionsOf(job));
      case "metrics":
        return json(200, [{ id: "numRestarts", value: String(job.restarts) }]);
      default:
        return json(404, { errors: [`no ${path}`] });
    }
  }

  /** The sink's side: what was committed, and what came twice or never. And what goes wrong: `fail-checkpoint`, `restart`. */
  #lab(request: Request): Reply {
    if (request.method === "POST") {
      const { fault, job: name, count } = bodyOf(request);
      const found = [...this.#jobs.values()].filter((job) => name === "*" || job.name === name || job.id === name);
      for (const job of found)
        if (fault === "fail-checkpoint") job.failing += Number(count ?? 1);
        else if (job.state === "RUNNING") this.#fail(job);
      return json(found.length === 0 ? 404 : 200, { jobs: found.map((job) => job.name) });
    }
    for (const job of this.#jobs.values()) this.#flow(job);
    return json(200, {
      jobs: [...this.#jobs.values()].map((job) => ({
        id: job.id,
        name: job.name,
        restarts: job.restarts,
        read: Math.floor(job.read),
        committed: job.written,
        checkpoints: job.checkpoints,
      })),
    });
  }

  #age({ start }: Job): number {
    return this.#surroundings.clock.now() - start;
  }
  #save(): void {
    this.#surroundings.store?.save(JSON.stringify([...this.#jobs.values()]));
  }
}

function checkpointsOf({ checkpoints }: Job): object {
  const { completed, failed, restored, lastCompleted, lastFailed } = checkpoints;
  return {
    counts: { restored, total: completed + failed, in_progress: 0, completed, failed },
    latest: {
      completed:
        lastCompleted === null
          ? null
          : {
              id: completed + failed,
              status: "COMPLETED",
              trigger_timestamp: lastCompleted,
              latest_ack_timestamp: lastCompleted + CHECKPOINT_TAKES_MS,
              end_to_end_duration: CHECKPOINT_TAKES_MS,
            },
      failed:
        lastFailed === null
          ? null
          : {
              id: completed + failed,
              status: "FAILED",
              trigger_timestamp: lastFailed.at,
              failure_timestamp: lastFailed.at,
              failure_message: lastFailed.why,
            },
    },
    history: [],
  };
}

const exceptionsOf = ({ exceptions }: Job): object => ({
  "root-exception": exceptions[0]?.name ?? null,
  timestamp: exceptions[0]?.at ?? null,
  "all-exceptions": exceptions.map(({ name, why, at }) => ({ exception: `${name}: ${why}`, timestamp: at })),
  exceptionHistory: {
    entries: exceptions.map(({ name, why, at }) => ({ exceptionName: name, stacktrace: `${name}: ${why}`, timestamp: at })),
    truncated: false,
  },
});
