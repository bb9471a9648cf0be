// The probe's engine: open-loop attempts at a steady rate. What it could not do itself is written down as its own fault, never as silence.
import type { Attempt, AttemptOutcome, ContinuityClient, ContinuityKind } from "../model/continuity.ts";
import type { Clock } from "./clock.ts";
import { Figures } from "./figures.ts";
import { LiveRecords, type LiveRecord } from "./live-records.ts";
import type { AttemptLog } from "./log.ts";
import type { RawLine } from "./log-format.ts";
import { keyOf, nameFor, valueOf, type RecordName } from "./record.ts";

export interface ProbeOptions {
  readonly client: ContinuityClient;
  readonly log: AttemptLog;
  readonly clock: Clock;
  readonly partitions: readonly string[];
  /** Attempts per second, over all partitions. */
  readonly rate: number;
  /** After that an attempt's outcome is unknown. Default: the client's own, or 2,000. */
  readonly deadlineMs?: number;
  /** Default: what the rate can reach within the deadline, and a quarter more. */
  readonly maximumInFlight?: number;
  /** Records that are kept alive over all partitions. Default 20,000. */
  readonly liveRecords?: number;
}

interface Flight {
  readonly attempt: Attempt;
  readonly name: RecordName;
  readonly due: number;
  readonly deadline: number;
  readonly controller: AbortController;
  readonly settled: (outcome: AttemptOutcome) => void;
}

/** A timer that comes later than this means that the process stood still. */
const holeMs = 50;
/** The longest sleep: a pause is noticed though nothing was due in it. */
const longestSleepMs = 20;
/** How long a client may take to say what became of an attempt that was aborted. */
const graceMs = 100;

const ordinary: readonly ContinuityKind[] = ["insert", "compare-and-set", "insert", "delete"];
/** When enough records live: deletes keep up with inserts. */
const thinning: readonly ContinuityKind[] = ["delete", "compare-and-set", "insert", "delete"];

export class Probe {
  readonly figures = new Figures();
  readonly #options: Required<ProbeOptions>;
  readonly #live: readonly LiveRecords[];
  readonly #partitionOf: ((key: string) => string) | null;
  readonly #flights = new Map<number, Flight>();
  #sequence: number;
  #slot = 0;
  #nextDue = 0;
  #wakeAt = 0;
  #timer: NodeJS.Timeout | null = null;
  #pacing = false;
  #unsent = 0;
  #blindSince: number | null = null;

  constructor(options: ProbeOptions) {
    const { rate, client, partitions, liveRecords = 20_000, log } = options;
    const deadlineMs = options.deadlineMs ?? client.deadlineMs ?? 2000;
    const maximumInFlight = options.maximumInFlight ?? Math.ceil((rate * deadlineMs * 1.25) / 1000) + 16;
    this.#options = { ...options, deadlineMs, liveRecords, maximumInFlight };
    this.#live = partitions.map(() => new LiveRecords(Math.floor(liveRecords / partitions.length)));
    this.#partitionOf = client.partitionOf === undefined ? null : (key) => client.partitionOf?.(key) ?? "";
    this.#sequence = log.firstSequence - 1;
  }

  get inFlight(): number {
    return this.#flights.size;
  }
  /** Since when nothing can be written to the log: no attempt is made without it. Null: it can. Monotonic. */
  get blindSince(): number | null {
    return this.#blindSince;
  }

  /** Begins to watch over deadlines; attempts of the schedule begin with `pace`. */
  start(): void {
    this.#wakeAt = this.#options.clock.mono();
    this.#tick();
  }

  pace(): void {
    this.#nextDue = this.#options.clock.mono();
    this.#pacing = true;
  }

  /** No more attempts; resolves once every outcome is known or past its deadline. */
  async stop(): Promise<void> {
    this.#pacing = false;
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (this.#flights.size === 0) resolve();
        else setTimeout(look, 5);
      };
      look();
    });
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#reportOwnFaults(this.#options.clock.mono());
  }

  /** One insert outside the schedule, through the same path: what the control is made of. */
  async insert(
    partition: number,
    mark: (record: number) => RawLine,
  ): Promise<{ readonly record: number; readonly key: string; readonly outcome: AttemptOutcome }> {
    const now = this.#options.clock.mono();
    const sequence = this.#sequence + 1;
    return await new Promise((resolve) => {
      const flight = this.#prepare({
        partition,
        kind: "insert",
        live: null,
        keep: false,
        due: now,
        settled: (outcome) => resolve({ record: sequence, key: flight.attempt.key, outcome }),
      });
      this.#launch([flight], [mark(sequence)], now);
    });
  }

  readonly #tick = (): void => {
    const { clock } = this.#options;
    const now = clock.mono();
    if (now - this.#wakeAt > holeMs) this.#hole(this.#wakeAt, now);
    if (this.#pacing) this.#makeDue(now);
    this.#sweep(now);
    this.#wakeAt = Math.min(this.#pacing ? this.#nextDue : Infinity, now + longestSleepMs);
    this.#timer = setTimeout(this.#tick, Math.max(0, this.#wakeAt - clock.mono()));
  };

  /** The process stood still: attempts that were due in that time were never made, and none of them is made up for in a burst. */
  #hole(from: number, to: number): void {
    const { log, rate } = this.#options;
    let skipped = 0;
    if (this.#pacing && this.#nextDue < to - holeMs) {
      skipped = Math.ceil(((to - holeMs - this.#nextDue) * rate) / 1000);
      this.#nextDue += (skipped * 1000) / rate;
      this.#slot += skipped;
    }
    this.figures.holes++;
    this.figures.holesMs += to - from;
    this.figures.unsent += skipped;
    log.append([{ is: "hole", from, to, skipped, words: log.words("the probe's process stood still") }]);
  }

  #makeDue(now: number): void {
    const { rate, maximumInFlight, partitions, log } = this.#options;
    const blind = !log.append([]);
    if (blind) this.#blindSince ??= now;
    else if (this.#blindSince !== null || this.#unsent > 0) this.#reportOwnFaults(now);
    const fresh: Flight[] = [];
    while (this.#nextDue <= now) {
      const due = this.#nextDue;
      const slot = this.#slot++;
      this.#nextDue += 1000 / rate;
      if (blind || this.#flights.size + fresh.length >= maximumInFlight) {
        this.#unsent++;
        this.figures.unsent++;
        continue;
      }
      const partition = slot % partitions.length;
      const { kind, live } = this.#choose(partition, Math.floor(slot / partitions.length));
      fresh.push(this.#prepare({ partition, kind, live, keep: true, due, settled: () => undefined }));
    }
    if (fresh.length > 0) this.#launch(fresh, [], now);
  }

  #choose(partition: number, round: number): { readonly kind: ContinuityKind; readonly live: LiveRecord | null } {
    const live = this.#live[partition];
    const pattern = live?.full === true ? thinning : ordinary;
    const wanted = pattern[round % pattern.length] ?? "insert";
    if (live === undefined || wanted === "insert" || !this.#options.client.kinds.includes(wanted)) return { kind: "insert", live: null };
    const taken = wanted === "delete" ? live.takeOldest() : live.take();
    return taken === null ? { kind: "insert", live: null } : { kind: wanted, live: taken };
  }

  #prepare(parts: {
    readonly partition: number;
    readonly kind: ContinuityKind;
    readonly live: LiveRecord | null;
    /** Whether later attempts may build on the record. */
    readonly keep: boolean;
    readonly due: number;
    readonly settled: (outcome: AttemptOutcome) => void;
  }): Flight {
    const { kind, live, due, settled } = parts;
    const partition = this.#options.partitions[parts.partition] ?? "";
    const sequence = ++this.#sequence;
    const name = live ?? nameFor({ probe: this.#options.log.probe, record: sequence }, partition, this.#partitionOf);
    const key = keyOf(name);
    const attempt: Attempt = {
      sequence,
      kind,
      partition,
      key,
      value: kind === "delete" ? null : valueOf(key, sequence),
      expected: live === null ? null : valueOf(key, live.state),
    };
    const settle = (outcome: AttemptOutcome): void => {
      const room = this.#live[parts.partition];
      // A record whose last attempt was refused or is unknown is left alone: nothing that comes later may cover its traces.
      if (outcome.is === "acknowledged" && kind !== "delete" && parts.keep) room?.put({ ...name, state: sequence });
      settled(outcome);
    };
    const expects = live === null ? 0 : live.state;
    this.#intents.push({
      is: "intent",
      sequence,
      kind,
      partition: this.#options.log.partition(partition),
      record: name.record,
      salt: name.salt,
      expects,
      due,
      sent: this.#options.clock.mono(),
    });
    return { attempt, name, due, deadline: 0, controller: new AbortController(), settled: settle };
  }
  #intents: RawLine[] = [];

  /** Intents first; only when they are in the file are the attempts sent. */
  #launch(fresh: readonly Flight[], marks: readonly RawLine[], now: number): void {
    const { log, client, deadlineMs } = this.#options;
    const lines = [...marks, ...this.#intents];
    this.#intents = [];
    const written = log.append(lines);
    for (const flight of fresh) {
      const { attempt } = flight;
      this.#flights.set(attempt.sequence, { ...flight, deadline: now + deadlineMs });
      this.figures.sent(attempt.partition, now);
      if (!written) {
        this.#settle(attempt.sequence, { is: "refused", why: "never sent: the probe's log cannot be written" });
        continue;
      }
      client
        .attempt(attempt, flight.controller.signal, () => this.#again(attempt.sequence))
        .then(
          (outcome) => this.#settle(attempt.sequence, outcome),
          (error: unknown) => this.#settle(attempt.sequence, { is: "unknown", why: `the client failed: ${String(error)}` }),
        );
    }
  }

  /** Like an intent: in the file before it is sent. What is settled already is not sent again. */
  #again(sequence: number): boolean {
    if (!this.#flights.has(sequence)) return false;
    const { log, clock } = this.#options;
    return log.append([{ is: "again", sequence, at: clock.mono() }]);
  }

  /** The first word counts; what comes after the deadline has already been written down as unknown. */
  #settle(sequence: number, outcome: AttemptOutcome): void {
    const flight = this.#flights.get(sequence);
    if (flight === undefined) return;
    this.#flights.delete(sequence);
    const { log, clock } = this.#options;
    const at = clock.mono();
    log.append([
      outcome.is === "acknowledged"
        ? { is: "acknowledged", sequence, at }
        : outcome.is === "unknown"
          ? { is: "unknown", sequence, at, words: log.words(outcome.why) }
          : { is: "refused", sequence, at, words: log.words(outcome.why), ...(outcome.silently === true ? { silently: true } : {}) },
    ]);
    this.figures.settled(flight.attempt.partition, outcome, at, at - flight.due);
    flight.settled(outcome);
  }

  #sweep(now: number): void {
    // Sent in order and with one deadline: the oldest come first.
    for (const [sequence, { deadline, controller }] of this.#flights) {
      if (deadline > now) break;
      if (!controller.signal.aborted) controller.abort();
      else if (deadline + graceMs <= now) this.#settle(sequence, { is: "unknown", why: `no answer in ${String(this.#options.deadlineMs)} ms` });
    }
  }

  #reportOwnFaults(now: number): void {
    const { log, maximumInFlight } = this.#options;
    if (this.#blindSince !== null) {
      log.append([{ is: "hole", from: this.#blindSince, to: now, skipped: this.#unsent, words: log.words("the probe's log could not be written") }]);
      this.figures.holes++;
      this.figures.holesMs += now - this.#blindSince;
      this.#blindSince = null;
    } else if (this.#unsent > 0) {
      log.append([{ is: "bound", at: now, count: this.#unsent, words: log.words(`${String(maximumInFlight)} attempts were in flight already`) }]);
    }
    this.#unsent = 0;
  }
}
