import type { Clock } from "../../../kit/clock.ts";
import type { ZooKeeperSession } from "../../../kit/zookeeper.ts";

export type JobState = "RUNNING" | "FINISHED" | "FAILED" | "KILLED" | "LOST";
/** As ShowJob answers it. Times: milliseconds since 1970. */
export interface Job {
  readonly id: number;
  readonly job_type: string;
  readonly state: JobState;
  readonly start_time: number;
  readonly end_time?: number;
  readonly parameter: string;
  readonly cluster: string;
  readonly application_id: string;
  readonly error?: string;
}
/** Beside what is answered: when it is to end by itself. */
interface StoredJob {
  readonly job: Job;
  readonly endsAt: number;
}

/** Jobs, kept below /taskmanager/jobs: what __INTERNAL_DB.JOB_INFO is in OpenMLDB, so that the taskmanager that takes over knows them. */
export class Jobs {
  readonly #session: ZooKeeperSession;
  readonly #root: string;
  readonly #clock: Clock;
  readonly #cluster: string;

  constructor(session: ZooKeeperSession, rootPath: string, clock: Clock, cluster: string) {
    this.#session = session;
    this.#root = `${rootPath}/taskmanager/jobs`;
    this.#clock = clock;
    this.#cluster = cluster;
  }

  /** What ran under a taskmanager that is gone: a local Spark went with it, one on YARN goes on. */
  async takeOver(): Promise<void> {
    await this.#session.ensure(this.#root);
    for (const { job, endsAt } of await this.#all())
      if (job.state === "RUNNING" && job.cluster.startsWith("local"))
        await this.#write({ job: { ...job, state: "LOST", end_time: this.#clock.now() }, endsAt });
  }

  async submit(type: string, parameter: string, runsMs: number): Promise<Job> {
    const ids = (await this.#session.children(this.#root)).map(Number);
    const id = Math.max(0, ...ids) + 1;
    const start_time = this.#clock.now();
    const job: Job = { id, job_type: type, state: "RUNNING", start_time, parameter, cluster: this.#cluster, application_id: "" };
    await this.#session.create(`${this.#root}/${id}`, JSON.stringify({ job, endsAt: start_time + runsMs }));
    return job;
  }

  /** By id. */
  async list(unfinished: boolean): Promise<readonly Job[]> {
    const jobs = (await this.#all()).map((stored) => this.#now(stored));
    return unfinished ? jobs.filter(({ state }) => state === "RUNNING") : jobs;
  }

  /** Null: no such job. */
  async find(id: number): Promise<Job | null> {
    const stored = await this.#read(id);
    return stored === null ? null : this.#now(stored);
  }

  /** Null: no such job. A job that has ended stays as it is. */
  async stop(id: number): Promise<Job | null> {
    const stored = await this.#read(id);
    if (stored === null) return null;
    const job = this.#now(stored);
    if (job.state !== "RUNNING") return job;
    const killed: Job = { ...job, state: "KILLED", end_time: this.#clock.now() };
    await this.#write({ ...stored, job: killed });
    return killed;
  }

  #now({ job, endsAt }: StoredJob): Job {
    return job.state === "RUNNING" && this.#clock.now() >= endsAt ? { ...job, state: "FINISHED", end_time: endsAt } : job;
  }

  async #all(): Promise<readonly StoredJob[]> {
    const ids = (await this.#session.children(this.#root)).map(Number).toSorted((a, b) => a - b);
    const stored = await Promise.all(ids.map((id) => this.#read(id)));
    return stored.filter((one) => one !== null);
  }

  async #read(id: number): Promise<StoredJob | null> {
    const text = await this.#session.get(`${this.#root}/${id}`);
    return text === null ? null : (JSON.parse(text) as StoredJob);
  }

  #write(stored: StoredJob): Promise<void> {
    return this.#session.set(`${this.#root}/${stored.job.id}`, JSON.stringify(stored));
  }
}
