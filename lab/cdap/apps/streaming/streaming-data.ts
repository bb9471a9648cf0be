// What becomes of the records of a real-time pipeline (facts 4, 8.14). A source outside of the platform makes numbered records; a run receives them, works
// on them batch by batch and writes them to a sink outside of the platform. What is received and not yet written is in flight: in the receiver's memory,
// and, with a write-ahead log, in the pipeline's checkpoint directory. Nothing here decides that records get lost: what no place holds any more is lost.
import type { Checkpoint, Checkpoints } from "./checkpoints.ts";
import { sizeOf, sizeOfAll, union, unionOf, type Range, type Ranges } from "./ranges.ts";

/** How one run works, from its pipeline's configuration and arguments. */
export interface StreamingSettings {
  /** `receiver`: a queue hands records out and forgets them then. `log`: numbered records that stay, read from an offset (Kafka). */
  readonly source: "receiver" | "log";
  /** Of a log without a known offset: it begins with what comes next, or with the first record. */
  readonly initialOffset: "latest" | "earliest";
  readonly stateMode: "NONE" | "SPARK_CHECKPOINTING" | "STATE_STORE";
  readonly writeAheadLog: boolean;
  /** Without it a stop ends the run at once. */
  readonly stopGracefully: boolean;
  readonly batchMs: number;
  /** Time that a batch takes whatever is in it, and for each record. */
  readonly batchWorkMs: number;
  readonly recordWorkMs: number;
  /** Of the pipeline: below it is one for each pipelineId. */
  readonly checkpointDirectory: string;
  /** Which Spark writes and reads its checkpoints. */
  readonly spark: string;
}
export interface StreamingRun {
  /** `NAMESPACE/APPLICATION`. */
  readonly pipeline: string;
  readonly runId: string;
  readonly pipelineId: string;
  readonly settings: StreamingSettings;
}
/** Counted in records. */
export interface Account {
  readonly produced: number;
  /** That a run took from the source, or passed over. */
  readonly taken: number;
  /** In the sink, each once. */
  readonly delivered: number;
  readonly duplicates: number;
  /** In the memory of runs. */
  readonly inFlight: number;
  /** In no run, but in a checkpoint that the next run of that pipelineId would read. */
  readonly recoverable: number;
  /** Taken, and nowhere any more. */
  readonly lost: number;
}

interface Batch extends Range {
  /** When work on it begins and ends. */
  readonly beginsAt: number;
  readonly endsAt: number;
}
interface Running extends StreamingRun {
  /** Boundary of the last batch that was formed. */
  formedAt: number;
  /** First record that is in no batch yet. */
  next: number;
  pending: Batch[];
  /** When it was told to stop: nothing is received after that. */
  stoppedAt: number | null;
}
interface Pipeline {
  readonly beganAt: number;
  readonly perSecond: number;
  /** First record that no run has taken. */
  taken: number;
  sink: Ranges;
  duplicates: number;
  /** Of the state store: kept by the application's name, whatever is deployed under it. */
  storedOffset: number | null;
  checkpointDirectories: string[];
  readonly runs: Record<string, Running>;
}
/** Plain JSON, changed in place. */
export type StreamingState = Record<string, Pipeline>;

const DEFAULT_PER_SECOND = 20;
/** Of a batch that no time is left for. */
const NEVER = Number.MAX_SAFE_INTEGER;

/** All sources, sinks and what is between them. Instants are milliseconds since 1970, and come in order. */
export class StreamingData {
  readonly #pipelines: StreamingState;
  readonly #checkpoints: Checkpoints;

  constructor(state: StreamingState, checkpoints: Checkpoints) {
    this.#pipelines = state;
    this.#checkpoints = checkpoints;
  }

  /** The pipeline's source begins with its first run. Its checkpoint's log is worked off first; checkpoints of other ids are deleted. */
  started(run: StreamingRun, at: number, perSecond = DEFAULT_PER_SECOND): void {
    const pipeline = this.#of(run.pipeline, at, perSecond);
    const { settings } = run;
    const running: Running = { ...run, formedAt: at, next: pipeline.taken, pending: [], stoppedAt: null };
    pipeline.runs[run.runId] = running;
    const checkpoint = settings.stateMode === "SPARK_CHECKPOINTING" ? this.#recover(pipeline, run) : null;
    if (settings.source === "log") {
      const known = settings.stateMode === "STATE_STORE" ? pipeline.storedOffset : (checkpoint?.offset ?? null);
      running.next = known ?? (settings.initialOffset === "earliest" ? 0 : producedBy(pipeline, at));
      pipeline.taken = Math.max(pipeline.taken, running.next);
    }
    for (const range of checkpoint?.log ?? []) running.pending.push(batchOf(range, endOf(running.pending, at), settings));
    this.#save(pipeline, running);
  }

  /**
   * Nothing is received any more. Returns after how many milliseconds the run has ended by itself: when it has worked off what it holds, or when its budget
   * is over (the Spark driver's own limit).
   */
  stopping(runId: string, at: number, budgetMs: number): number {
    const found = this.#find(runId);
    if (found === null) return 0;
    const { pipeline, running } = found;
    const { settings, stoppedAt } = running;
    this.#advance(pipeline, running, at);
    if (stoppedAt === null) {
      // The last batch is formed at the next boundary.
      const boundary = running.formedAt === at ? at : running.formedAt + settings.batchMs;
      this.#closeReceiver(pipeline, running, at, settings.stopGracefully ? boundary : NEVER);
    }
    return settings.stopGracefully ? Math.min(endOf(running.pending, at) - at, budgetMs) : 0;
  }

  /** It is gone, however it ended: what was in its memory alone is nowhere any more. */
  ended(runId: string, at: number): void {
    const found = this.#find(runId);
    if (found === null) return;
    const { pipeline, running } = found;
    this.#advance(pipeline, running, at);
    if (running.stoppedAt === null) this.#closeReceiver(pipeline, running, at, NEVER);
    this.#save(pipeline, running);
    delete pipeline.runs[runId];
  }

  /** Null: it never ran. */
  account(name: string, at: number): Account | null {
    const pipeline = this.#pipelines[name];
    if (pipeline === undefined) return null;
    const runs = Object.values(pipeline.runs);
    for (const running of runs) this.#advance(pipeline, running, at);
    const inFlight = runs.flatMap((running) => held(running, pipeline)).reduce(union, [] as Ranges);
    const withRuns = unionOf(pipeline.sink, inFlight);
    const alive = new Set(runs.map(({ pipelineId }) => pipelineId));
    const kept = pipeline.checkpointDirectories.flatMap((directory) =>
      this.#checkpoints
        .pipelineIds(directory)
        .filter((id) => !alive.has(id))
        .flatMap((id) => this.#checkpoints.read(directory, id)?.log ?? []),
    );
    const everywhere = unionOf(withRuns, kept);
    return {
      produced: producedBy(pipeline, at),
      taken: pipeline.taken,
      delivered: sizeOfAll(pipeline.sink),
      duplicates: pipeline.duplicates,
      inFlight: sizeOfAll(inFlight),
      recoverable: sizeOfAll(everywhere) - sizeOfAll(withRuns),
      lost: pipeline.taken - sizeOfAll(everywhere),
    };
  }
  /** That ever ran: `NAMESPACE/APPLICATION`. */
  get pipelines(): readonly string[] {
    return Object.keys(this.#pipelines);
  }
  /** `DELETE /apps/{app}/state`: the next run begins like the first. */
  forgetState(name: string): void {
    const pipeline = this.#pipelines[name];
    if (pipeline !== undefined) pipeline.storedOffset = null;
  }

  #of(name: string, at: number, perSecond: number): Pipeline {
    return (this.#pipelines[name] ??= {
      beganAt: at,
      perSecond,
      taken: 0,
      sink: [],
      duplicates: 0,
      storedOffset: null,
      checkpointDirectories: [],
      runs: {},
    });
  }
  #find(runId: string): { readonly pipeline: Pipeline; readonly running: Running } | null {
    for (const pipeline of Object.values(this.#pipelines)) {
      const running = pipeline.runs[runId];
      if (running !== undefined) return { pipeline, running };
    }
    return null;
  }

  /** Batches that are due are formed, those that are worked off are in the sink. */
  #advance(pipeline: Pipeline, running: Running, at: number): void {
    const { batchMs, source } = running.settings;
    if (running.stoppedAt === null) {
      while (running.formedAt + batchMs <= at) {
        running.formedAt += batchMs;
        this.#form(pipeline, running, running.formedAt, running.formedAt);
        this.#deliver(pipeline, running, running.formedAt);
      }
      // A queue's records are in the receiver's hands as soon as they are there.
      if (source === "receiver") pipeline.taken = Math.max(pipeline.taken, producedBy(pipeline, at));
    }
    this.#deliver(pipeline, running, at);
  }
  /** What was received up to `until` becomes a batch; work on it begins at the boundary, or when the one before is done. */
  #form(pipeline: Pipeline, running: Running, until: number, boundary: number): void {
    const range = { from: running.next, to: producedBy(pipeline, until) };
    if (sizeOf(range) === 0) return;
    running.next = range.to;
    pipeline.taken = Math.max(pipeline.taken, range.to);
    running.pending.push(batchOf(range, endOf(running.pending, boundary), running.settings));
  }
  #deliver(pipeline: Pipeline, { pending }: Running, at: number): void {
    while (pending[0] !== undefined && pending[0].endsAt <= at) {
      const { from, to } = pending[0];
      pending.shift();
      const before = sizeOfAll(pipeline.sink);
      pipeline.sink = union(pipeline.sink, { from, to });
      pipeline.duplicates += before + (to - from) - sizeOfAll(pipeline.sink);
    }
  }
  /**
   * The receiver's executor ends with the receiver. With a write-ahead log what it held is read from there; without one, blocks that were in its memory alone
   * are gone, but for those of the batch that is being worked on (this is what the vendor wants the log for: facts 2). A log needs no receiver.
   */
  #closeReceiver(pipeline: Pipeline, running: Running, at: number, lastBoundary: number): void {
    const { source, writeAheadLog } = running.settings;
    running.stoppedAt = at;
    if (source === "receiver" && !writeAheadLog) {
      pipeline.taken = Math.max(pipeline.taken, producedBy(pipeline, at));
      running.next = pipeline.taken;
      running.pending = running.pending.filter(({ beginsAt }) => beginsAt <= at);
    } else if (source === "receiver" || lastBoundary !== NEVER) this.#form(pipeline, running, at, lastBoundary);
    this.#save(pipeline, running);
  }

  /** What outlives the run: its checkpoint directory, or the state store. */
  #save(pipeline: Pipeline, { settings, pending, next, pipelineId }: Running): void {
    const done = pending[0]?.from ?? next;
    if (settings.stateMode === "STATE_STORE") pipeline.storedOffset = done;
    if (settings.stateMode !== "SPARK_CHECKPOINTING") return;
    this.#checkpoints.write(settings.checkpointDirectory, pipelineId, {
      writtenBy: settings.spark,
      offset: settings.source === "log" ? done : null,
      log: settings.source === "receiver" && settings.writeAheadLog ? pending.map(({ from, to }) => ({ from, to })) : [],
    });
  }
  /** What cannot be read is of no use to anybody: the run begins like the first. */
  #recover(pipeline: Pipeline, { settings: { checkpointDirectory, spark }, pipelineId }: StreamingRun): Checkpoint | null {
    this.#checkpoints.removeOthers(checkpointDirectory, pipelineId);
    if (!pipeline.checkpointDirectories.includes(checkpointDirectory)) pipeline.checkpointDirectories.push(checkpointDirectory);
    const found = this.#checkpoints.read(checkpointDirectory, pipelineId);
    return found?.writtenBy === spark ? found : null;
  }
}

const producedBy = ({ beganAt, perSecond }: Pipeline, at: number): number => Math.max(0, Math.floor(((at - beganAt) * perSecond) / 1_000));
const endOf = (pending: readonly Batch[], at: number): number => Math.max(at, pending.at(-1)?.endsAt ?? at);
const batchOf = (range: Range, beginsAt: number, { batchWorkMs, recordWorkMs }: StreamingSettings): Batch => ({
  ...range,
  beginsAt,
  endsAt: beginsAt + batchWorkMs + sizeOf(range) * recordWorkMs,
});
function held({ pending, next, settings, stoppedAt }: Running, { taken }: Pipeline): Ranges {
  return settings.source === "receiver" && stoppedAt === null ? [...pending, { from: next, to: taken }] : pending;
}
