// Which leader moves are under way, and how far: told by what Stillwater sends and what the nameservers answer, never by what the engine says.
import type { Request } from "../../lab/kit/network.ts";
import { bodyOf, codeOf, type Answered } from "./tap.ts";

/** Where a move is when something happens: the request itself, or the waiting behind it. */
export const drainSteps = ["fence", "fenced", "change", "changing", "recover", "recovering"] as const;
export type DrainStep = (typeof drainSteps)[number];

export interface Move {
  readonly tid: number;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly began: number;
  ended: number | null;
  step: DrainStep;
  /** Effects that a server has taken (code 0). */
  changes: number;
  recoveries: number;
}
interface PartitionMeta {
  readonly endpoint: string;
  readonly is_leader?: boolean;
  readonly is_alive?: boolean;
}

export const moveMethods: ReadonlySet<string> = new Set([
  "NameServer/ChangeLeader",
  "NameServer/RecoverTable",
  "NameServer/ShowTable",
  "TabletServer/ChangeRole",
]);

export class Moves {
  readonly all: Move[] = [];
  readonly #now: () => number;
  readonly #tidOf: (db: string, name: string) => number;
  /** Every request of Stillwater while a move is under way, with the step that it belongs to. */
  #entered: (step: DrainStep, method: string) => void = () => {};

  constructor(now: () => number, tidOf: (db: string, name: string) => number) {
    this.#now = now;
    this.#tidOf = tidOf;
  }
  onRequest(entered: (step: DrainStep, method: string) => void): void {
    this.#entered = entered;
  }
  /** No move has ended within the last so many milliseconds. */
  quietFor(ms: number): boolean {
    const last = this.all.at(-1);
    return last?.ended == null || this.#now() - last.ended > ms;
  }
  underWay(): readonly Move[] {
    return this.all.filter((move) => move.ended === null);
  }

  /** A request of Stillwater leaves. */
  sees(method: string, request: Request): void {
    const body = moveMethods.has(method) ? bodyOf(request.body) : {};
    switch (method) {
      case "TabletServer/ChangeRole":
        if (body["mode"] === "kTableFollower") this.#at(Number(body["tid"]), Number(body["pid"]), "fence");
        break;
      case "NameServer/ChangeLeader":
        this.#at(this.#tid(body), Number(body["pid"]), "change");
        break;
      case "NameServer/RecoverTable":
        if (this.#open(this.#tid(body), Number(body["pid"]))) this.#at(this.#tid(body), Number(body["pid"]), "recover");
        break;
      default: {
        const step = this.#waiting();
        if (step !== null) this.#entered(step, method);
        return;
      }
    }
    const last = this.all.find((move) => move.ended === null && isRequest(move.step));
    if (last) this.#entered(last.step, method);
    for (const move of this.underWay()) move.step = behind(move.step);
  }
  /** A server has answered, whoever asked. */
  hears({ method, request, reply }: Answered): void {
    if (method === "NameServer/ShowTable") {
      // Nearly everything that is said is such an answer: it is read only where it may be the end of a move.
      if (this.all.some((move) => move.ended === null && move.changes > 0 && move.recoveries > 0) && codeOf(reply) === 0)
        this.#judge(reply?.body ?? "");
      return;
    }
    if (codeOf(reply) !== 0) return;
    const body = bodyOf(request.body);
    const open = this.#open(this.#tid(body), Number(body["pid"]));
    if (method === "NameServer/ChangeLeader" && open) open.changes++;
    if (method === "NameServer/RecoverTable" && open) open.recoveries++;
  }

  #tid(body: Readonly<Record<string, unknown>>): number {
    return typeof body["tid"] === "number" ? body["tid"] : this.#tidOf(String(body["db"]), String(body["name"]));
  }
  #open(tid: number, pid: number): Move | undefined {
    return this.all.find((move) => move.ended === null && move.tid === tid && move.pid === pid);
  }
  #at(tid: number, pid: number, step: DrainStep): void {
    const open = this.#open(tid, pid);
    if (open) open.step = step;
    else this.all.push({ tid, pid, began: this.#now(), ended: null, step, changes: 0, recoveries: 0 });
  }
  /** The furthest of those that wait. */
  #waiting(): DrainStep | null {
    const steps = this.underWay().map((move) => move.step);
    return (["recovering", "changing", "fenced"] as const).find((step) => steps.includes(step)) ?? null;
  }
  /** A move is over when every replica is alive again and one leads. */
  #judge(text: string): void {
    const { table_info: tables } = bodyOf(text);
    if (!Array.isArray(tables)) return;
    for (const table of tables as { tid?: number; table_partition?: { pid?: number; partition_meta?: PartitionMeta[] }[] }[])
      for (const partition of table.table_partition ?? []) {
        const move = this.#open(table.tid ?? 0, partition.pid ?? 0);
        const metas = partition.partition_meta ?? [];
        const whole = metas.every((meta) => meta.is_alive !== false) && metas.filter((meta) => meta.is_leader === true).length === 1;
        if (move && move.changes > 0 && move.recoveries > 0 && whole) move.ended = this.#now();
      }
  }
}

const isRequest = (step: DrainStep): boolean => step === "fence" || step === "change" || step === "recover";
function behind(step: DrainStep): DrainStep {
  switch (step) {
    case "fence":
    case "fenced":
      return "fenced";
    case "change":
    case "changing":
      return "changing";
    case "recover":
    case "recovering":
      return "recovering";
  }
}
