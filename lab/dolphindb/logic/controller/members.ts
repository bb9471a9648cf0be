import type { NodeRow } from "../cluster-files.ts";
import type { NodeProcess } from "../process.ts";

/** What a node says of itself with each heartbeat. */
export interface Beat {
  readonly alias: string;
  readonly boot: string;
  readonly release: string;
  /** Null for agents. */
  readonly initialised: boolean | null;
  /** Transactions that it coordinates now. */
  readonly transactions: readonly number[];
  readonly load: Load;
}
export interface Load {
  readonly connections: number;
  readonly runningJobs: number;
  readonly queuedJobs: number;
  readonly runningTasks: number;
  readonly memoryUsed: number;
  readonly diskCapacity: number;
  readonly diskFree: number;
  readonly workers: number;
  readonly maxConnections: number;
  readonly maxMemory: number;
}
export interface Member {
  readonly alias: string;
  online: boolean;
  /** Milliseconds since 1970; null: never, since this controller leads. */
  heardAt: number | null;
  offlineSince: number;
  boot: string | null;
  beat: Beat | null;
  /** Its chunks are in the map. */
  reported: boolean;
  /** By stopDataNode of this leader. */
  stoppedOnPurpose: boolean;
  /** Its replicas were looked at after it was away too long. */
  replaced: boolean;
  restartedAt: number;
}
export interface MembersListener {
  wentOnline(member: Member): void;
  wentOffline(member: Member): void;
}

/** Data nodes, compute nodes and agents as the leading controller knows them: by their heartbeats to it. Forgotten with its leadership. */
export class Members {
  readonly #process: NodeProcess;
  readonly #rows: () => readonly NodeRow[];
  readonly #listener: MembersListener;
  readonly #members = new Map<string, Member>();

  constructor(process: NodeProcess, rows: () => readonly NodeRow[], listener: MembersListener) {
    this.#process = process;
    this.#rows = rows;
    this.#listener = listener;
  }

  clear(): void {
    this.#members.clear();
    for (const { alias, role } of this.#rows()) if (role !== "controller") this.#make(alias);
  }
  get(alias: string): Member | null {
    return this.#members.get(alias) ?? null;
  }
  row(alias: string): NodeRow | null {
    return this.#rows().find((row) => row.alias === alias) ?? null;
  }
  isOnline(alias: string): boolean {
    return this.#members.get(alias)?.online === true;
  }
  /** It takes part: online, and its start is over. */
  isReady(alias: string): boolean {
    const member = this.#members.get(alias);
    return member?.online === true && member.reported && member.beat?.initialised === true;
  }
  dataNodes(): readonly NodeRow[] {
    return this.#rows().filter(({ role }) => role === "datanode");
  }
  onlineDataNodes(): readonly NodeRow[] {
    return this.dataNodes().filter(({ alias }) => this.isOnline(alias));
  }
  agentOf(host: string): NodeRow | null {
    return this.#rows().find((row) => row.role === "agent" && row.host === host) ?? null;
  }

  /** Null: the cluster has no node of that alias. */
  heard(beat: Beat): Member | null {
    const row = this.row(beat.alias);
    if (row === null || row.role === "controller") return null;
    const member = this.#members.get(beat.alias) ?? this.#make(beat.alias);
    if (member.online && member.boot !== beat.boot) this.#offline(member);
    if (member.boot !== beat.boot) {
      member.boot = beat.boot;
      member.reported = false;
      member.stoppedOnPurpose = false;
    }
    member.heardAt = this.#process.clock.now();
    member.beat = beat;
    if (!member.online) {
      member.online = true;
      member.replaced = false;
      this.#process.log("INFO", `node ${beat.alias} is online`);
      this.#listener.wentOnline(member);
    }
    return member;
  }
  /** It said that it goes. */
  left(alias: string, boot: string): void {
    const member = this.#members.get(alias);
    if (member === undefined || !member.online || member.boot !== boot) return;
    this.#offline(member);
  }
  /** Whoever was not heard in time is offline. */
  check(timeoutMs: number): void {
    const now = this.#process.clock.now();
    for (const member of this.#members.values()) if (member.online && now - (member.heardAt ?? 0) > timeoutMs) this.#offline(member);
  }
  all(): readonly Member[] {
    return [...this.#members.values()];
  }

  #make(alias: string): Member {
    const made: Member = {
      alias,
      online: false,
      heardAt: null,
      offlineSince: this.#process.clock.now(),
      boot: null,
      beat: null,
      reported: false,
      stoppedOnPurpose: false,
      replaced: false,
      restartedAt: Number.NEGATIVE_INFINITY,
    };
    this.#members.set(alias, made);
    return made;
  }
  #offline(member: Member): void {
    member.online = false;
    member.reported = false;
    member.offlineSince = this.#process.clock.now();
    this.#process.log("WARNING", `node ${member.alias} is offline`);
    this.#listener.wentOffline(member);
  }
}
