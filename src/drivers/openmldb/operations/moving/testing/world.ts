// A tiny OpenMLDB of one table: logs, terms, roles and the operations of the nameserver, each step of which is taken by hand. For property tests.
import type { MoveLeadersParams } from "../../../steps.ts";
import type { Effect } from "../judge.ts";
import { keyOf, type Observation, type Own, type OperationView } from "../observation.ts";

interface Replica {
  readonly endpoint: string;
  /** One id for each entry: two logs have diverged when they differ at one place. */
  log: number[];
  term: number;
  leader: boolean;
  leads: boolean;
  alive: boolean;
  /** When it became a follower, ms since 1970. */
  demotedAt: number;
}
interface Operation {
  readonly id: number;
  readonly type: "kChangeLeaderOP" | "kRecoverTableOP" | "kReAddReplicaWithDropOP";
  readonly pid: number;
  readonly target: string;
  status: OperationView["status"];
  stage: number;
  chosen: Replica | null;
  offset: number;
  /** Somebody gave the role back to its old leader after this was asked for. */
  overtaken: boolean;
}
export class Violation extends Error {}

const TID = 6;
/** Below what a move takes for rest. */
const LATE_MS = 30;
export const partitionOf = (pid: number) => ({ db: "db", name: "t", tid: TID, pid });

export class World {
  now = 1_000_000;
  readonly partitions: { readonly pid: number; readonly replicas: readonly Replica[]; terms: { term: number; offset: number }[] }[];
  readonly operations: Operation[] = [];
  /** Entries that a client was told are written. */
  readonly acknowledged: { readonly pid: number; readonly entry: number; readonly at: number }[] = [];
  readonly fenced = new Set<string>();
  usurped = false;
  /** RecoverTable was under way already when somebody gave the role back: nobody could keep the nameserver from dropping what was written then. */
  dropped = 0;
  #entry = 0;
  #term = 1;

  constructor(partitions: number, endpoints: readonly string[]) {
    this.partitions = Array.from({ length: partitions }, (_, pid) => ({
      pid,
      replicas: endpoints.map((endpoint, index) => ({
        endpoint,
        log: [],
        term: 1,
        leader: index === 0,
        leads: index === 0,
        alive: true,
        demotedAt: 0,
      })),
      terms: [{ term: 1, offset: 1 }],
    }));
  }
  #of(pid: number): World["partitions"][number] {
    const found = this.partitions[pid];
    if (found === undefined) throw new Error(`no partition ${String(pid)}`);
    return found;
  }
  replica(pid: number, endpoint: string): Replica {
    const found = this.#of(pid).replicas.find((each) => each.endpoint === endpoint);
    if (found === undefined) throw new Error(`no replica on ${endpoint}`);
    return found;
  }
  leaderOf(pid: number): Replica | null {
    return this.#of(pid).replicas.find(({ leads, alive }) => leads && alive) ?? null;
  }

  /** Clients know the nameserver's leaders, and those of before: one that has not heard of a change writes to the old leader, which takes it. */
  write(pid: number, which: number): void {
    const takers = this.#of(pid).replicas.filter((each) => each.leader && each.leads && !this.fenced.has(each.endpoint));
    const taker = takers[which % Math.max(1, takers.length)];
    if (taker === undefined) return;
    const entry = ++this.#entry;
    taker.log.push(entry);
    this.acknowledged.push({ pid, entry, at: taker.log.length });
  }
  /** A request that had passed its check when the role was taken away is written all the same, a moment later. */
  writeLate(pid: number): void {
    const replica = this.#of(pid).replicas.find(
      (each) => each.leads && !each.leader && !this.fenced.has(each.endpoint) && this.now - each.demotedAt <= LATE_MS,
    );
    if (replica === undefined) return;
    const entry = ++this.#entry;
    replica.log.push(entry);
    this.acknowledged.push({ pid, entry, at: replica.log.length });
  }
  /** Somebody gives the role back to an old leader, behind everybody's back. */
  usurp(pid: number): void {
    const old = this.#of(pid).replicas.find(({ leads, alive }) => leads && !alive);
    if (old === undefined) return;
    old.leader = true;
    this.usurped = true;
    for (const operation of this.operations) if (operation.pid === pid) operation.overtaken = true;
  }
  /** Each leader ships one entry to each of its followers that takes it; a new one does not know the old one as its follower. */
  replicate(pid: number): void {
    const { replicas } = this.#of(pid);
    for (const leader of replicas.filter((each) => each.leader))
      for (const follower of replicas) {
        if (follower === leader || follower.leader || follower.leads || !follower.alive || leader.term < follower.term) continue;
        const next = leader.log[follower.log.length];
        if (next !== undefined) follower.log.push(next);
      }
  }
  /** The nameserver takes the next step of its oldest operation in a queue. `fails`: it dies there. */
  operate(queue: number, concurrency: number, fails: boolean): void {
    const operation = this.operations.find(({ status, pid }) => (status === "kInited" || status === "kDoing") && pid % concurrency === queue);
    if (operation === undefined) return;
    operation.status = "kDoing";
    if (fails) {
      operation.status = "kFailed";
      return;
    }
    if (operation.type === "kChangeLeaderOP") this.#change(operation);
    else this.#recover(operation);
  }
  #change(operation: Operation): void {
    const { replicas, terms } = this.#of(operation.pid);
    const old = this.leaderOf(operation.pid);
    operation.stage++;
    switch (operation.stage) {
      case 1: {
        const followers = replicas.filter((each) => each !== old && each.alive);
        this.#term += 2;
        for (const each of followers) {
          if (each.leader) {
            operation.status = "kFailed";
            return;
          }
          each.term = this.#term;
        }
        operation.offset = Math.max(...followers.map(({ log }) => log.length));
        const candidates =
          operation.target === "auto"
            ? followers.filter(({ log }) => log.length === operation.offset)
            : followers.filter(({ endpoint }) => endpoint === operation.target);
        operation.chosen = candidates[0] ?? null;
        if (operation.chosen === null) operation.status = "kFailed";
        return;
      }
      case 2:
        if (operation.chosen === null) return;
        operation.chosen.leader = true;
        operation.chosen.term = this.#term + 1;
        return;
      case 3:
        if (operation.chosen === null) return;
        if (old !== null) old.alive = false;
        operation.chosen.leads = true;
        terms.push({ term: operation.chosen.term, offset: operation.offset + 1 });
        operation.status = "kDone";
        return;
    }
  }
  #recover(operation: Operation): void {
    const replica = this.replica(operation.pid, operation.target);
    const leader = this.leaderOf(operation.pid);
    operation.stage++;
    if (operation.stage === 1) {
      replica.leader = false;
      return;
    }
    operation.status = "kDone";
    if (leader === null || replica.alive) return;
    const diverged = replica.log.some((entry, index) => leader.log[index] !== entry);
    if (diverged && !operation.overtaken) throw new Violation(`${operation.target} was recovered over entries of its own`);
    if (diverged) {
      replica.log = [...leader.log];
      this.#begin("kReAddReplicaWithDropOP", operation.pid, operation.target, "kDone");
      this.dropped++;
    }
    replica.term = leader.term;
    replica.leads = false;
    replica.alive = true;
  }

  /** What Stillwater sends arrives. Throws Violation for what must never be sent. */
  take(effect: Effect, fence: MoveLeadersParams["fence"]): void {
    if (effect.do === "note") return;
    const pid = Number(effect.key.split("/")[1]);
    switch (effect.do) {
      case "fence":
      case "demote": {
        const replica = this.replica(pid, effect.on);
        if (replica.leader && effect.do === "demote" && replica === this.leaderOf(pid)) throw new Violation("the leader itself is demoted");
        if (replica.leader) replica.demotedAt = this.now;
        replica.leader = false;
        return;
      }
      case "giveBack": {
        const replica = this.replica(pid, effect.on);
        const { replicas } = this.#of(pid);
        if (replicas.some((each) => each !== replica && each.leader)) throw new Violation("a second leader is made");
        replica.leader = true;
        replica.term = Math.max(...replicas.map(({ term }) => term));
        return;
      }
      case "changeLeader":
        if (this.operations.some((each) => each.pid === pid && (each.status === "kInited" || each.status === "kDoing")))
          throw new Violation("a second operation at the same time");
        if (fence !== "none" && this.leaderOf(pid)?.endpoint !== effect.from) throw new Violation("a change of one that does not lead");
        if ((fence === "partition" || fence === "tablet") && this.replica(pid, effect.from).leader)
          throw new Violation("ChangeLeader without a fence");
        if (fence !== "none" && this.replica(pid, effect.from).log.length !== this.replica(pid, effect.to).log.length)
          throw new Violation("ChangeLeader before equal offsets");
        this.#begin("kChangeLeaderOP", pid, effect.to);
        return;
      case "recoverTable":
        if (this.replica(pid, effect.on).alive) return;
        this.#begin("kRecoverTableOP", pid, effect.on);
        return;
      case "cancelOp":
        throw new Violation("an operation that is at work is cancelled");
    }
  }
  #begin(type: Operation["type"], pid: number, target: string, status: Operation["status"] = "kInited"): void {
    const id = this.operations.length + 1;
    this.operations.push({ id, type, pid, target, status, stage: 0, chosen: null, offset: 0, overtaken: false });
  }

  observe(): Observation {
    return {
      now: this.now,
      operations: this.operations.map(({ id, type, pid, status }) => ({ op_id: id, op_type: type, status, db: "db", name: "t", pid })),
      writeFenced: new Set(this.fenced),
      partitions: new Map(
        this.partitions.map(({ pid, replicas, terms }) => [
          keyOf({ tid: TID, pid }),
          {
            partition: partitionOf(pid),
            storage: "kMemory",
            term: terms.at(-1) ?? null,
            starts: terms.map(({ offset }) => offset),
            replicas: replicas.map(({ endpoint, leads, alive, log, leader }) => ({
              endpoint,
              leads,
              alive,
              healthy: true,
              known: log.length,
              own: { offset: log.length, mode: leader ? "leader" : "follower", normal: true } satisfies Own,
            })),
          },
        ]),
      ),
    };
  }
  /** Acknowledged entries that the present leader does not have. */
  lost(): number {
    return this.acknowledged.filter(({ pid, entry }) => !(this.leaderOf(pid)?.log.includes(entry) ?? false)).length;
  }
}
