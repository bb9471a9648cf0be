// What becomes of the records of a real-time pipeline (facts 4, 8.14). A source outside of the platform makes numbered records; a run receives them, works
// on them batch by batch and writes them to a sink outside of the platform. What is received and not yet written is in flight: in the receiver's memory,
// and, with a write-ahead log, in the pipeline's checkpoint directory. Nothing here decides that records get lost: what no place holds any more is lost.
import type { Disk } from "../../../kit/disk.ts";
import { RecordSet, sizeOf, type Range } from "./ranges.ts";

/**
 * `receiver`: a queue that hands records out and forgets those that were taken. `log`: numbered records that stay, read from an offset (Kafka).
 */
type SourceKind = "receiver" | "log";
export type StateMode = "NONE" | "SPARK_CHECKPOINTING" | "STATE_STORE";

/** How one run works, from its pipeline's configuration and arguments. */
export interface StreamingSettings {
  readonly source: SourceKind;
  readonly stateMode: StateMode;
  readonly writeAheadLog: boolean;
  /** `stopGracefully`: without it a stop ends the run at once. */
  readonly stopGracefully: boolean;
  /** `batchInterval`. */
  readonly batchMs: number;
  /** Time that a batch takes whatever is in it, and for each record. */
  readonly batchWorkMs: number;
  readonly recordWorkMs: number;
  /** Below it are directories of pipelines, below those one of each pipelineId. */
  readonly checkpointDirectory: string;
}
export interface StreamingRun {
  /** Namespace and application. */
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
  /** In no run, but in a checkpoint directory that a run would read. */
  readonly recoverable: number;
  /** Taken, and nowhere any more. */
  readonly lost: number;
}

interface Batch extends Range {
  /** When work on it begins and ends. */
  readonly beginsAt: number;
  readonly endsAt: number;
}
interface Running {
  readonly run: StreamingRun;
  /** Boundary of the last batch that was formed. */
  formedAt: number;
  /** First record that is in no batch yet; of a queue: that was received since the boundary. */
  next: number;
  pending: Batch[];
  /** When it was told to stop; nothing is received after that. */
  stoppedAt: number | null;
}
interface Pipeline {
  readonly beganAt: number;
  readonly perSecond: number;
  /** First record that no run has taken. */
  taken: number;
  readonly sink: RecordSet;
  duplicates: number;
  /** Of a state store: kept by the application's name, whatever is deployed under it. */
  storedOffset: number | null;
  readonly runs: Map<string, Running>;
}
/** Of one checkpoint directory, in its file `state.json`. */
interface Checkpoint {
  /** Of a log: where to read on. Null: a queue. */
  readonly offset: number | null;
  /** Received, and not yet written to the sink. */
  readonly log: readonly Range[];
}
interface Saved {
  readonly name: string;
  readonly beganAt: number;
  readonly perSecond: number;
  readonly taken: number;
  readonly sink: readonly Range[];
  readonly duplicates: number;
  readonly storedOffset: number | null;
  readonly runs: readonly Running[];
}

export const DEFAULT_RECORDS_PER_SECOND = 20;

/** All sources, sinks and what is between them. Instants are milliseconds since 1970, and are given in order. */
export class StreamingData {
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** The source of a pipeline begins to make records; nothing happens when it has begun. */
  openSource(pipeline: string, at: number, perSecond = DEFAULT_RECORDS_PER_SECOND): void {
    this.#of(pipeline, at, perSecond);
  }

  /** Checkpoints of other ids of the pipeline are deleted; what its own checkpoint holds is worked on first (facts 4.2). */
  started(run: StreamingRun, at: number): void {
    const pipeline = this.#of(run.pipeline, at);
    const { settings } = run;
    const running: Running = { run, formedAt: at, next: pipeline.taken, pending: [], stoppedAt: null };
    pipeline.runs.set(run.runId, running);
    const checkpoint = settings.stateMode === "SPARK_CHECKPOINTING" ? this.#recover(run) : null;
    if (settings.source === "log") {
      // Without a known offset a consumer begins with what comes next.
      const known = settings.stateMode === "STATE_STORE" ? pipeline.storedOffset : (checkpoint?.offset ?? null);
      running.next = known ?? producedBy(pipeline, at);
      pipeline.taken = Math.max(pipeline.taken, running.next);
    }
    let freeAt = at;
    for (const range of checkpoint?.log ?? []) {
      const batch = batchOf(range, freeAt, settings);
      running.pending.push(batch);
      freeAt = batch.endsAt;
    }
    this.#save(pipeline, running);
  }

  /** Returns after how many milliseconds the run has ended by itself: it has worked off what it holds, or its budget is over (the Spark driver's own limit). */
  stopping(runId: string, at: number, budgetMs: number): number {
    const found = this.#find(runId);
    if (found === null) return 0;
    const { pipeline, running } = found;
    const { settings } = running.run;
    this.#advance(pipeline, running, at);
    if (running.stoppedAt === null) {
      running.stoppedAt = at;
      if (settings.stopGracefully) {
        if (this.#outlivesReceiver(settings)) this.#form(pipeline, running, this.#nextBoundary(running, at), at);
        else this.#loseReceiver(pipeline, running, at);
      } else this.#loseReceiver(pipeline, running, at);
      this.#save(pipeline, running);
    }
    const needed = Math.max(0, (running.pending.at(-1)?.endsAt ?? at) - at);
    return settings.stopGracefully ? Math.min(needed, budgetMs) : 0;
  }

  /** It is gone, however it ended: what was in its memory only is nowhere any more. */
  ended(runId: string, at: number): void {
    const found = this.#find(runId);
    if (found === null) return;
    const { pipeline, running } = found;
    this.#advance(pipeline, running, at);
    if (running.stoppedAt === null) this.#loseReceiver(pipeline, running, at);
    this.#save(pipeline, running);
    pipeline.runs.delete(runId);
  }

  /** Error for a pipeline without a source. */
  account(name: string, at: number): Account {
    const pipeline = this.#pipelines.get(name);
    if (pipeline === undefined) throw new Error(`no source of ${name}`);
    for (const running of pipeline.runs.values()) this.#advance(pipeline, running, at);
    const somewhere = new RecordSet(pipeline.sink.ranges);
    const inFlight = new RecordSet();
    for (const running of pipeline.runs.values())
      for (const range of held(running, pipeline)) {
        inFlight.add(range);
        somewhere.add(range);
      }
    const before = somewhere.size;
    for (const range of this.#checkpointed(name, pipeline)) somewhere.add(range);
    const recoverable = somewhere.size - before;
    // What is in flight twice, or delivered and in flight again, is one record.
    return {
      produced: producedBy(pipeline, at),
      taken: pipeline.taken,
      delivered: pipeline.sink.size,
      duplicates: pipeline.duplicates,
      inFlight: inFlight.size,
      recoverable,
      lost: pipeline.taken - somewhere.size,
    };
  }
  get pipelines(): readonly string[] {
    return [...this.#pipelines.keys()];
  }

  toJSON(): readonly Saved[] {
    return [...this.#pipelines].map(([name, { sink, runs, ...rest }]) => ({ name, ...rest, sink: sink.ranges, runs: [...runs.values()] }));
  }
  load(saved: readonly Saved[]): void {
    for (const { name, sink, runs, ...rest } of saved)
      this.#pipelines.set(name, { ...rest, sink: new RecordSet(sink), runs: new Map(runs.map((running) => [running.run.runId, running])) });
  }

  #of(name: string, at: number, perSecond = DEFAULT_RECORDS_PER_SECOND): Pipeline {
    const known = this.#pipelines.get(name);
    if (known !== undefined) return known;
    const made = { beganAt: at, perSecond, taken: 0, sink: new RecordSet(), duplicates: 0, storedOffset: null, runs: new Map<string, Running>() };
    this.#pipelines.set(name, made);
    return made;
  }
  #find(runId: string): { readonly pipeline: Pipeline; readonly running: Running } | null {
    for (const pipeline of this.#pipelines.values()) {
      const running = pipeline.runs.get(runId);
      if (running !== undefined) return { pipeline, running };
    }
    return null;
  }

  /** Batches that are due are formed, those that are worked off are in the sink. */
  #advance(pipeline: Pipeline, running: Running, at: number): void {
    const { batchMs } = running.run.settings;
    if (running.stoppedAt === null) {
      while (running.formedAt + batchMs <= at) {
        const boundary = running.formedAt + batchMs;
        this.#form(pipeline, running, boundary, boundary);
        running.formedAt = boundary;
        this.#deliver(pipeline, running, boundary);
      }
      // A queue's records are in the receiver's hands as soon as they are there.
      if (running.run.settings.source === "receiver") pipeline.taken = Math.max(pipeline.taken, producedBy(pipeline, at));
    }
    this.#deliver(pipeline, running, at);
  }
  /** Everything that was received up to `until` becomes a batch whose work may begin at `boundary`. */
  #form(pipeline: Pipeline, running: Running, boundary: number, until: number): void {
    const { settings } = running.run;
    const from = settings.source === "receiver" ? running.next : running.next;
    const to = producedBy(pipeline, until);
    running.next = Math.max(from, to);
    pipeline.taken = Math.max(pipeline.taken, to);
    if (to > from) running.pending.push(batchOf({ from, to }, Math.max(boundary, running.pending.at(-1)?.endsAt ?? boundary), settings));
  }
  #deliver(pipeline: Pipeline, running: Running, at: number): void {
    while (running.pending[0] !== undefined && running.pending[0].endsAt <= at) {
      const batch = running.pending.shift();
      if (batch !== undefined) pipeline.duplicates += pipeline.sink.add(batch);
    }
  }
  #nextBoundary({ formedAt, run }: Running, at: number): number {
    return at === formedAt ? at : formedAt + run.settings.batchMs;
  }

  /** A log needs no receiver; a write-ahead log holds what the receiver held. */
  #outlivesReceiver({ source, writeAheadLog }: StreamingSettings): boolean {
    return source === "log" || writeAheadLog;
  }
  /**
   * The receiver's executor ends with the receiver, and blocks that were in its memory alone with it: only a batch that is being worked on has been read
   * from there. (The vendor's page wants the write-ahead log for this, facts 2.)
   */
  #loseReceiver(pipeline: Pipeline, running: Running, at: number): void {
    const { settings } = running.run;
    if (this.#outlivesReceiver(settings)) {
      // It ends without another batch: the log has what was received, and a source that is a log keeps its records.
      if (settings.source === "receiver") this.#form(pipeline, running, Number.MAX_SAFE_INTEGER, at);
      return;
    }
    pipeline.taken = Math.max(pipeline.taken, producedBy(pipeline, at));
    running.next = pipeline.taken;
    running.pending = running.pending.filter(({ beginsAt }) => beginsAt <= at);
  }

  /** What outlives the process: the checkpoint directory, or the state store. */
  #save(pipeline: Pipeline, running: Running): void {
    const { run, pending, next } = running;
    const { settings } = run;
    const done = pending[0]?.from ?? next;
    if (settings.stateMode === "STATE_STORE") pipeline.storedOffset = done;
    if (settings.stateMode !== "SPARK_CHECKPOINTING") return;
    const checkpoint: Checkpoint = {
      offset: settings.source === "log" ? done : null,
      log: settings.source === "receiver" && settings.writeAheadLog ? pending.map(({ from, to }) => ({ from, to })) : [],
    };
    this.#disk.write(`${directoryOf(run)}/${run.pipelineId}/state.json`, JSON.stringify(checkpoint));
  }
  #recover(run: StreamingRun): Checkpoint | null {
    const directory = directoryOf(run);
    for (const id of this.#disk.list(directory)) if (id !== run.pipelineId) this.#disk.remove(`${directory}/${id}`);
    return this.#read(`${directory}/${run.pipelineId}/state.json`);
  }
  #read(path: string): Checkpoint | null {
    const text = this.#disk.read(path);
    return text === null ? null : (JSON.parse(text) as Checkpoint);
  }
  /** Of runs that are over. */
  #checkpointed(name: string, pipeline: Pipeline): readonly Range[] {
    const alive = new Set([...pipeline.runs.values()].map(({ run }) => run.pipelineId));
    return [...this.#directories(name)].flatMap((directory) =>
      this.#disk.list(directory).flatMap((id) => (alive.has(id) ? [] : (this.#read(`${directory}/${id}/state.json`)?.log ?? []))),
    );
  }
  readonly #checkpointDirectories = new Map<string, Set<string>>();
  #directories(name: string): ReadonlySet<string> {
    return this.#checkpointDirectories.get(name) ?? new Set();
  }
}

const producedBy = ({ beganAt, perSecond }: Pipeline, at: number): number => Math.max(0, Math.floor(((at - beganAt) * perSecond) / 1_000));
const directoryOf = ({ pipeline, settings }: StreamingRun): string => `${settings.checkpointDirectory}/${pipeline.split("/").at(-1) ?? pipeline}`;
const batchOf = (range: Range, beginsAt: number, { batchWorkMs, recordWorkMs }: StreamingSettings): Batch => ({
  ...range,
  beginsAt,
  endsAt: beginsAt + batchWorkMs + sizeOf(range) * recordWorkMs,
});
function held({ pending, next, run, stoppedAt }: Running, { taken }: Pipeline): readonly Range[] {
  const received = run.settings.source === "receiver" && stoppedAt === null ? [{ from: next, to: taken }] : [];
  return [...pending, ...received];
}
