import { operand } from "../../script/operations.ts";
import { tableOf, type FunctionTable, type FunctionValue, type Value } from "../../script/values.ts";
import { nothing, text, type Atom } from "../../value.ts";
import { ServerError, type Session } from "../node.ts";
import { needFunctions } from "../plugins.ts";
import type { NodeProcess } from "../process.ts";
import { numberAt, textAt, textsAt } from "./arguments.ts";

interface Job {
  readonly id: string;
  readonly description: string;
  readonly user: string;
  readonly receivedAt: number;
  readonly startedAt: number;
  endedAt: number | null;
  error: string;
  isCanceled: boolean;
}
interface ScheduledJob {
  readonly id: string;
  readonly description: string;
  readonly user: string;
  readonly body: string;
  /** Minutes of the day. */
  readonly times: readonly number[];
  /** Days since 1970. */
  readonly from: number;
  readonly to: number;
  readonly frequency: string;
}
const MINUTE_MS = 60_000;

/** Batch jobs, which end with the process, and scheduled jobs, which are kept in sysmgmt/ and are skipped while it is down (facts 2, 5.3). */
export class Jobs {
  readonly #process: NodeProcess;
  readonly #directory: string;
  #jobs: Job[] = [];
  #scheduled: ScheduledJob[] = [];
  #next = 1;

  constructor(process: NodeProcess) {
    this.#process = process;
    this.#directory = `${process.home}/sysmgmt`;
  }

  get running(): number {
    return this.#jobs.filter(({ endedAt }) => endedAt === null).length;
  }
  /** Error ServerError: a job names a function that is not there any more. */
  load(): void {
    const lines = (this.#process.disk.read(`${this.#directory}/jobEditlog.meta`) ?? "").split("\n").filter((line) => line !== "");
    for (const line of lines) {
      const edit = JSON.parse(line) as ScheduledJob | { readonly dropped: string };
      if ("dropped" in edit) this.#scheduled = this.#scheduled.filter(({ id }) => id !== edit.dropped);
      else this.#scheduled.push(edit);
    }
    for (const { body } of this.#scheduled) needFunctions(this.#process, body);
  }
  /** Runs what is due, from now on. */
  start(): void {
    const tick = (): void => {
      const minute = Math.floor(this.#process.clock.now() / MINUTE_MS);
      const day = Math.floor(minute / 1_440);
      for (const job of this.#scheduled)
        if (day >= job.from && day <= job.to && job.times.includes(minute % 1_440))
          this.#begin(job.id, job.description, job.user, () => Promise.resolve(nothing));
      this.#process.clock.after(MINUTE_MS - (this.#process.clock.now() % MINUTE_MS), tick);
    };
    this.#process.clock.after(MINUTE_MS - (this.#process.clock.now() % MINUTE_MS), tick);
  }

  functions(): FunctionTable {
    const time = (at: number | null): Atom => (at === null ? null : BigInt(Math.floor(at)));
    const { alias } = this.#process;
    const one = (args: readonly Value[]): Job => {
      const id = textAt(args, 0, "jobId");
      const found = this.#jobs.find((job) => job.id === id);
      if (found === undefined) throw new ServerError(`The job [${id}] does not exist.`);
      return found;
    };
    const status = (jobs: readonly Job[]): Value =>
      tableOf(jobs, {
        node: ["string", () => alias],
        userID: ["string", ({ user }) => user],
        jobId: ["string", ({ id }) => id],
        rootJobId: ["string", ({ id }) => id],
        jobDesc: ["string", ({ description }) => description],
        priority: ["char", () => 4],
        parallelism: ["int", () => 2],
        clientIp: ["string", () => ""],
        clientPort: ["int", () => 0],
        receivedTime: ["timestamp", ({ receivedAt }) => time(receivedAt)],
        startTime: ["timestamp", ({ startedAt }) => time(startedAt)],
        endTime: ["timestamp", ({ endedAt }) => time(endedAt)],
        errorMsg: ["string", ({ error }) => error],
      });
    return {
      sleep: async (_, args) => {
        await this.#process.sleep(numberAt(args, 0, "milliseconds"));
        return nothing;
      },
      submitJob: (session, args) => {
        const [wanted, description, work] = [textAt(args, 0, "jobId"), textAt(args, 1, "jobDesc"), functionAt(args, 2)];
        const id = this.#jobs.some((job) => job.id === wanted) ? `${wanted}${String(this.#next++)}` : wanted;
        this.#begin(id, description, session.user ?? "guest", async () => work.apply(session, args.slice(3)));
        return text(id);
      },
      getRecentJobs: (_, args) => status(this.#jobs.slice(args[0] === undefined ? 0 : -numberAt(args, 0, "top"))),
      getJobStatus: (_, args) => status([one(args)]),
      getJobMessage: (_, args) => text(one(args).error),
      getJobReturn: (_, args) => {
        const job = one(args);
        if (job.endedAt === null) throw new ServerError(`The job [${job.id}] is not completed.`);
        return nothing;
      },
      cancelJob: (_, args) => {
        for (const id of textsAt(args, 0, "jobIds")) {
          const found = this.#jobs.find((job) => job.id === id && job.endedAt === null);
          if (found === undefined) continue;
          found.isCanceled = true;
          found.endedAt = this.#process.clock.now();
          found.error = "The job was canceled.";
        }
        return nothing;
      },
      scheduleJob: (session, args) => this.#schedule(session, args),
      deleteScheduledJob: (_, args) => {
        const id = textAt(args, 0, "jobId");
        this.#scheduled = this.#scheduled.filter((job) => job.id !== id);
        this.#write({ dropped: id });
        return nothing;
      },
      getScheduledJobs: () =>
        tableOf(this.#scheduled, {
          userId: ["string", ({ user }) => user],
          jobId: ["string", ({ id }) => id],
          jobDesc: ["string", ({ description }) => description],
          startDate: ["date", ({ from }) => from],
          endDate: ["date", ({ to }) => to],
          frequency: ["string", ({ frequency }) => frequency],
          scheduleTime: ["minute", ({ times }) => times[0] ?? null],
          days: ["string", () => ""],
        }),
    };
  }

  #schedule(session: Session, args: readonly Value[]): Value {
    const [id, description, work] = [textAt(args, 0, "jobId"), textAt(args, 1, "jobDesc"), functionAt(args, 2)];
    if (this.#scheduled.some((job) => job.id === id)) throw new ServerError(`The job [${id}] already exists.`);
    const times = operand(args[3] ?? nothing).items.map(Number);
    const [from, to] = [numberAt(args, 4, "startDate"), numberAt(args, 5, "endDate")];
    const job: ScheduledJob = {
      id,
      description,
      user: session.user ?? "guest",
      body: work.name,
      times,
      from,
      to,
      frequency: textAt(args, 6, "frequency"),
    };
    this.#scheduled.push(job);
    this.#write(job);
    return text(id);
  }
  #write(edit: object): void {
    this.#process.disk.append(`${this.#directory}/jobEditlog.meta`, `${JSON.stringify(edit)}\n`);
  }
  #begin(id: string, description: string, user: string, work: () => Promise<Value>): void {
    const now = this.#process.clock.now();
    const job: Job = { id, description, user, receivedAt: now, startedAt: now, endedAt: null, error: "", isCanceled: false };
    this.#jobs = [...this.#jobs.slice(-500), job];
    void work().then(
      () => {
        job.endedAt ??= this.#process.clock.now();
      },
      (error: unknown) => {
        job.endedAt ??= this.#process.clock.now();
        job.error ||= error instanceof Error ? error.message : String(error);
      },
    );
  }
}
function functionAt(args: readonly Value[], at: number): FunctionValue {
  const value = args[at];
  if (value?.form === "function") return value;
  throw new ServerError(`The argument ${String(at + 1)} must be a function.`);
}
