import { NoReply } from "../../../kit/network.ts";
import type { Timer } from "../../../kit/clock.ts";
import type { Site } from "../cluster-files.ts";
import { ServerError } from "../node.ts";
import type { NodeProcess } from "../process.ts";
import { RaftFiles, type RaftEntry, type RaftSnapshot } from "./raft-files.ts";

/** What the group's log is applied to. */
export interface StateMachine<Command> {
  apply(command: Command, index: number): void;
  state(): unknown;
  install(state: unknown): void;
  /** Roughly how many objects a snapshot holds: a large state is written rarely. */
  size(): number;
}
/** Told in the order in which they happen. */
export interface LeadershipListener {
  /** Its own first entry is applied: everything committed before is known. */
  leads(): void;
  follows(): void;
}
interface VoteRequest {
  readonly term: number;
  readonly candidate: string;
  readonly lastIndex: number;
  readonly lastTerm: number;
}
interface AppendRequest<Command> {
  readonly term: number;
  readonly leader: string;
  readonly previousIndex: number;
  readonly previousTerm: number;
  readonly entries: readonly RaftEntry<Command>[];
  readonly commit: number;
  readonly snapshot: RaftSnapshot | null;
}
interface AppendReply {
  readonly term: number;
  readonly accepted: boolean;
  readonly lastIndex: number;
}
interface Follower {
  next: number;
  match: number;
  heardAt: number;
  busy: boolean;
}

const BATCH = 500;
const ENTRIES_BEFORE_SNAPSHOT = 2_000;

/** Raft: leader election with a random time-out of one to two election ticks (8 to 16 s by default), and log replication. */
export class Raft<Command> {
  readonly #process: NodeProcess;
  readonly #files: RaftFiles<Command>;
  readonly #machine: StateMachine<Command>;
  readonly #listener: LeadershipListener;
  /** The controllers of the group, this one among them. */
  readonly #members: () => readonly Site[];
  #electionMs: number;
  #term = 0;
  #vote: string | null = null;
  #role: "follower" | "candidate" | "leader" = "follower";
  #leader: string | null = null;
  #log: RaftEntry<Command>[] = [];
  #snapshot: RaftSnapshot | null = null;
  #commit = 0;
  #applied = 0;
  #barrier = Number.POSITIVE_INFINITY;
  #followers = new Map<string, Follower>();
  #waiting: { readonly index: number; readonly term: number; readonly settle: (error: Error | null) => void }[] = [];
  #election: Timer | null = null;

  constructor(process: NodeProcess, members: () => readonly Site[], machine: StateMachine<Command>, listener: LeadershipListener) {
    this.#process = process;
    this.#files = new RaftFiles(process);
    this.#machine = machine;
    this.#listener = listener;
    this.#members = members;
    this.#electionMs = process.scaled(process.number("raftElectionTick", 800) * 10);
  }

  get term(): number {
    return this.#term;
  }
  /** Its first entry is applied. */
  get leads(): boolean {
    return this.#role === "leader" && this.#applied >= this.#barrier;
  }
  /** Alias; null: unknown. */
  get leader(): string | null {
    return this.#role === "leader" ? this.#process.alias : this.#leader;
  }
  /** It leads, or has heard its leader within an election time-out. */
  isHeardFrom(alias: string): boolean {
    if (alias === this.#process.alias) return true;
    const follower = this.#followers.get(alias);
    return this.#role === "leader" && follower !== undefined && this.#process.clock.now() - follower.heardAt < this.#electionMs;
  }
  setElectionTick(tick: number): void {
    this.#electionMs = this.#process.scaled(tick * 10);
    this.#awaitLeader();
  }

  /** Reads the files. Error RaftDamaged. False: there was nothing. */
  load(): boolean {
    const found = this.#files.load();
    if (found === null) return false;
    this.#term = found.hard.term;
    this.#vote = found.hard.vote;
    this.#log = [...found.entries];
    if (found.snapshot !== null) this.#install(found.snapshot);
    return true;
  }
  start(): void {
    // Not before its files were read: entries of the leader would be written behind those that lie there.
    this.#process.on("raft/vote", (body) => this.#onVote(body as VoteRequest));
    this.#process.on("raft/append", (body) => this.#onAppend(body as AppendRequest<Command>));
    this.#awaitLeader();
  }

  /** Ends when it is committed and applied here. Error ServerError when leadership was lost: then it may or may not be committed. */
  propose(command: Command): Promise<void> {
    if (this.#role !== "leader") return Promise.reject(new ServerError("<ControllerNotReady>The controller does not lead its Raft group."));
    const entry = this.#append(command);
    return new Promise((resolve, reject) => {
      this.#waiting.push({
        ...entry,
        settle: (error) => {
          if (error === null) resolve();
          else reject(error);
        },
      });
      this.#replicate();
      this.#advance();
    });
  }

  #append(command: Command | null): { readonly index: number; readonly term: number } {
    const entry: RaftEntry<Command> = { index: this.#lastIndex() + 1, term: this.#term, format: this.#process.behaviour.raftFormat, command };
    this.#log.push(entry);
    this.#files.append([entry]);
    return entry;
  }
  #lastIndex(): number {
    return this.#log.at(-1)?.index ?? this.#snapshot?.index ?? 0;
  }
  #firstIndex(): number {
    return (this.#snapshot?.index ?? 0) + 1;
  }
  /** Null: not in the log any more, or not yet. */
  #termAt(index: number): number | null {
    if (index === (this.#snapshot?.index ?? 0)) return this.#snapshot?.term ?? 0;
    return this.#log[index - this.#firstIndex()]?.term ?? null;
  }

  #awaitLeader(): void {
    this.#election?.cancel();
    if (this.#role === "leader") return;
    this.#election = this.#process.clock.after(this.#electionMs * (1 + this.#process.random()), () => void this.#campaign());
  }
  async #campaign(): Promise<void> {
    this.#role = "candidate";
    this.#leader = null;
    this.#become(this.#term + 1, this.#process.alias);
    this.#awaitLeader();
    const term = this.#term;
    this.#process.log("INFO", `<Raft> ${this.#process.alias} campaigns for term ${String(term)}`);
    const request: VoteRequest = {
      term,
      candidate: this.#process.alias,
      lastIndex: this.#lastIndex(),
      lastTerm: this.#termAt(this.#lastIndex()) ?? 0,
    };
    const members = this.#members();
    let votes = 1;
    const count = (): void => {
      if (this.#role === "candidate" && this.#term === term && votes * 2 > members.length) this.#lead();
    };
    count();
    await Promise.all(
      members
        .filter(({ alias }) => alias !== this.#process.alias)
        .map(async ({ endpoint }) => {
          const reply = await this.#tell<{ readonly term: number; readonly granted: boolean }>(endpoint, "raft/vote", request);
          if (reply === null) return;
          if (reply.term > this.#term) this.#stepDown(reply.term);
          else if (reply.granted) {
            votes += 1;
            count();
          }
        }),
    );
  }
  #lead(): void {
    this.#role = "leader";
    this.#election?.cancel();
    const now = this.#process.clock.now();
    this.#followers = new Map(
      this.#members()
        .filter(({ alias }) => alias !== this.#process.alias)
        .map(({ alias }) => [alias, { next: this.#lastIndex() + 1, match: 0, heardAt: now, busy: false }]),
    );
    this.#process.log("INFO", `<Raft> ${this.#process.alias} leads term ${String(this.#term)}`);
    this.#barrier = this.#append(null).index;
    this.#beat(this.#term);
    this.#advance();
  }
  #beat(term: number): void {
    if (this.#role !== "leader" || this.#term !== term) return;
    const heard = [...this.#followers.keys()].filter((alias) => this.isHeardFrom(alias)).length + 1;
    if (heard * 2 <= this.#members().length) {
      this.#process.log("WARNING", "<Raft> the leader has not heard from a majority and steps down");
      this.#stepDown(this.#term);
      return;
    }
    this.#replicate();
    this.#process.clock.after(this.#electionMs / 10, () => {
      this.#beat(term);
    });
  }
  #replicate(): void {
    for (const member of this.#members()) {
      if (member.alias === this.#process.alias) continue;
      const follower = this.#followers.get(member.alias) ?? {
        next: this.#lastIndex() + 1,
        match: 0,
        heardAt: this.#process.clock.now(),
        busy: false,
      };
      this.#followers.set(member.alias, follower);
      if (!follower.busy) void this.#send(member, follower, this.#term);
    }
  }
  async #send({ endpoint }: Site, follower: Follower, term: number): Promise<void> {
    follower.busy = true;
    for (;;) {
      const whole = follower.next < this.#firstIndex();
      const from = whole ? this.#firstIndex() : follower.next;
      const entries = this.#log.slice(from - this.#firstIndex(), from - this.#firstIndex() + BATCH);
      const reply = await this.#tell<AppendReply>(endpoint, "raft/append", {
        term,
        leader: this.#process.alias,
        previousIndex: from - 1,
        previousTerm: this.#termAt(from - 1) ?? 0,
        entries,
        commit: this.#commit,
        snapshot: whole ? this.#snapshot : null,
      } satisfies AppendRequest<Command>);
      if (this.#role !== "leader" || this.#term !== term) return;
      if (reply === null) break;
      follower.heardAt = this.#process.clock.now();
      if (reply.term > this.#term) {
        this.#stepDown(reply.term);
        return;
      }
      if (reply.accepted) {
        follower.match = Math.max(follower.match, from - 1 + entries.length);
        follower.next = follower.match + 1;
        this.#advance();
        if (follower.next > this.#lastIndex()) break;
      } else if (reply.lastIndex === -1) {
        break;
      } else {
        follower.next = Math.max(1, Math.min(from - 1, reply.lastIndex + 1));
      }
    }
    follower.busy = false;
  }
  /** Commits what a majority has, in this term. */
  #advance(): void {
    if (this.#role !== "leader") return;
    const matches = [this.#lastIndex(), ...[...this.#followers.values()].map(({ match }) => match)].sort((a, b) => b - a);
    const majority = matches[Math.floor(this.#members().length / 2)] ?? 0;
    if (majority > this.#commit && this.#termAt(majority) === this.#term) this.#commitTo(majority);
  }
  #commitTo(index: number): void {
    this.#commit = index;
    while (this.#applied < this.#commit) {
      const entry = this.#log[this.#applied + 1 - this.#firstIndex()];
      if (entry === undefined) break;
      this.#applied = entry.index;
      if (entry.command !== null) this.#machine.apply(entry.command, entry.index);
      if (this.#role === "leader" && entry.index === this.#barrier) this.#listener.leads();
    }
    const done = this.#waiting.filter((one) => one.index <= this.#applied);
    this.#waiting = this.#waiting.filter((one) => one.index > this.#applied);
    for (const one of done) one.settle(this.#termAt(one.index) === one.term ? null : lost());
    this.#compact();
  }
  #compact(): void {
    const limit = Math.max(ENTRIES_BEFORE_SNAPSHOT, this.#machine.size() / 10);
    if (this.#applied - this.#firstIndex() < limit) return;
    // The state as it is applied goes to raftSnapshot1, and the log begins behind it.
    const behind = this.#log.slice(this.#applied + 1 - this.#firstIndex());
    this.#snapshot = {
      index: this.#applied,
      term: this.#termAt(this.#applied) ?? this.#term,
      format: this.#process.behaviour.raftFormat,
      state: this.#machine.state(),
    };
    this.#log = behind;
    this.#files.writeSnapshot(this.#snapshot, behind);
  }

  #onVote({ term, candidate, lastIndex, lastTerm }: VoteRequest): { readonly term: number; readonly granted: boolean } {
    if (term > this.#term) this.#stepDown(term);
    const own = this.#termAt(this.#lastIndex()) ?? 0;
    const isUpToDate = lastTerm > own || (lastTerm === own && lastIndex >= this.#lastIndex());
    const granted = term === this.#term && isUpToDate && (this.#vote === null || this.#vote === candidate) && this.#role === "follower";
    if (granted) {
      this.#become(term, candidate);
      this.#awaitLeader();
    }
    return { term: this.#term, granted };
  }
  #onAppend(request: AppendRequest<Command>): AppendReply {
    const { term, leader, previousIndex, previousTerm, entries, commit, snapshot } = request;
    if (term < this.#term) return { term: this.#term, accepted: false, lastIndex: this.#lastIndex() };
    if (term > this.#term || this.#role !== "follower") this.#stepDown(term);
    this.#leader = leader;
    this.#awaitLeader();
    const formats = [...entries.map(({ format }) => format), snapshot?.format ?? 0];
    if (formats.some((format) => format > this.#process.behaviour.raftFormat)) {
      this.#process.log("ERROR", "<Raft> entries of a newer version cannot be read: log format differs between versions. RefId: S01011");
      return { term: this.#term, accepted: false, lastIndex: -1 };
    }
    if (snapshot !== null && snapshot.index > this.#applied) {
      this.#log = [];
      this.#install(snapshot);
      this.#files.writeSnapshot(snapshot, []);
      this.#process.log("INFO", `<Raft> snapshot of ${leader} installed up to ${String(snapshot.index)}`);
    }
    if (previousIndex > this.#lastIndex()) return { term: this.#term, accepted: false, lastIndex: this.#lastIndex() };
    const known = this.#termAt(previousIndex);
    if (known !== null && known !== previousTerm) return { term: this.#term, accepted: false, lastIndex: previousIndex - 1 };
    const added: RaftEntry<Command>[] = [];
    for (const entry of entries) {
      if (entry.index < this.#firstIndex()) continue;
      const own = this.#termAt(entry.index);
      if (own === entry.term) continue;
      if (own !== null) {
        this.#log = this.#log.slice(0, entry.index - this.#firstIndex());
        this.#files.rewrite(this.#log);
      }
      this.#log.push(entry);
      added.push(entry);
    }
    if (added.length > 0) this.#files.append(added);
    const last = previousIndex + entries.length;
    if (Math.min(commit, last) > this.#commit) this.#commitTo(Math.min(commit, last));
    return { term: this.#term, accepted: true, lastIndex: this.#lastIndex() };
  }

  #install(snapshot: RaftSnapshot): void {
    this.#snapshot = snapshot;
    this.#machine.install(snapshot.state);
    this.#applied = snapshot.index;
    this.#commit = snapshot.index;
  }
  #become(term: number, vote: string | null): void {
    if (this.#term === term && this.#vote === vote) return;
    this.#term = term;
    this.#vote = vote;
    this.#files.writeHard({ term, vote });
  }
  #stepDown(term: number): void {
    const led = this.#role === "leader";
    this.#role = "follower";
    this.#leader = null;
    this.#barrier = Number.POSITIVE_INFINITY;
    if (term > this.#term) this.#become(term, null);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) one.settle(lost());
    this.#awaitLeader();
    if (led) this.#listener.follows();
  }
  async #tell<Reply>(endpoint: string, path: string, body: unknown): Promise<Reply | null> {
    try {
      return await this.#process.ask<Reply>(endpoint, path, body, this.#electionMs / 2);
    } catch (error) {
      if (error instanceof NoReply || error instanceof ServerError) return null;
      throw error;
    }
  }
}

const lost = (): ServerError => new ServerError("<ControllerNotReady>Leadership of the Raft group was lost meanwhile.");
