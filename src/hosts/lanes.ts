// Two helpers on a host, so that people and gates can look while a long effect runs. Only the lane of effects proves claims.
import { StillwaterError, Refused, Unreachable } from "../model/errors.ts";
import type { Fence } from "../model/fence.ts";
import { Channel, type RequestOptions, type Transport } from "./channel.ts";
import type { Reply, Request } from "./frame.ts";

interface Session {
  readonly channel: Channel;
  readonly run: string;
  readonly epoch: number;
  readonly number: Promise<number>;
}
/** An effect whose answer was lost: it may still be on its way, or running. */
interface Late {
  readonly run: string;
  readonly epoch: number;
  readonly connection: number;
  /** Its claim's deadline has passed: end what runs. */
  readonly stop: boolean;
}
export interface LaneParams {
  readonly host: string;
  readonly transport: Transport;
  readonly cluster: string;
  readonly stateDirectory: string;
}

/** How long the helper itself waits for the host's lock (its `patience`). */
export const LOCK_PATIENCE_MS = 10_000;
const ATTACH_MS = LOCK_PATIENCE_MS + 15_000;

export class Lanes {
  readonly #params: LaneParams;
  #effects: Promise<Channel> | null = null;
  #reads: Promise<Channel> | null = null;
  #session: Session | null = null;
  #late: Late | null = null;
  #settling: Promise<void> | null = null;
  #closed = false;

  constructor(params: LaneParams) {
    this.#params = params;
  }

  async read(request: Request, options: RequestOptions): Promise<Reply> {
    await this.#settled();
    const channel = await this.#open("reads");
    return channel.request(request, options);
  }
  /** Whether the host's `timeout` takes fractions of a second. */
  async fractions(lane: "effects" | "reads"): Promise<boolean> {
    return (await this.#open(lane)).fractions;
  }

  /** Sends an effect with the proof of its claim. `channel`: not the lane but a helper of its own. */
  async effect(fence: Fence, request: Request, options: RequestOptions, own?: Channel): Promise<Reply> {
    const { host } = this.#params;
    if (fence.signal.aborted)
      throw new Refused(`${host}: ${request.verb} was not sent, for its claim is over; nothing was done`, { code: "SW3003", object: host });
    await this.#settled();
    const session = await this.#attached(fence);
    const values = [fence.run, String(fence.epoch), String(fence.connection), String(await session.number), ...request.values];
    try {
      return await (own ?? session.channel).request({ ...request, values }, { ...options, signal: fence.signal });
    } catch (error) {
      if (error instanceof Unreachable && !(error instanceof Refused)) {
        this.#late = { run: fence.run, epoch: fence.epoch, connection: fence.connection, stop: fence.signal.aborted };
        if (this.#session === session) this.#session = null;
      }
      throw error;
    }
  }
  async session(fence: Fence): Promise<number> {
    return (await this.#attached(fence)).number;
  }
  /** A request about claims, which needs no proof: the helper judges it under the lock. */
  async claiming(request: Request): Promise<{ readonly reply: Reply; readonly channel: Channel }> {
    const channel = await this.#open("effects");
    return { reply: await channel.request(request, { timeoutMs: ATTACH_MS }), channel };
  }
  claimed(session: { readonly channel: Channel; readonly run: string; readonly epoch: number; readonly number: number }): void {
    this.#session = { ...session, number: Promise.resolve(session.number) };
    // The claim was recorded under the lock: nothing of an older session can happen any more.
    this.#late = null;
  }
  /** A new session number for the claim, which leaves every frame behind that is still on its way. */
  async raise(fence: Fence): Promise<void> {
    this.#session = null;
    await (
      await this.#attached(fence)
    ).number;
  }
  /** A helper of its own, for content that has no end but the end of the connection. */
  async extra(): Promise<Channel> {
    this.#refuseClosed();
    return Channel.open(this.#params);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const open = [this.#effects, this.#reads];
    this.#effects = null;
    this.#reads = null;
    const results = await Promise.allSettled(open.map(async (lane) => (await lane)?.close()));
    await this.#params.transport.close();
    // A lane that could not be opened needs no closing.
    for (const result of results) {
      if (result.status === "rejected" && !(result.reason instanceof StillwaterError)) throw result.reason;
    }
  }

  async #open(lane: "effects" | "reads"): Promise<Channel> {
    this.#refuseClosed();
    const held = lane === "effects" ? this.#effects : this.#reads;
    if (held) {
      const channel = await held;
      if (!channel.broken) return channel;
      // Somebody else may have reconnected while we waited.
      const now = lane === "effects" ? this.#effects : this.#reads;
      if (now !== held) return this.#open(lane);
    }
    const opening = Channel.open(this.#params);
    if (lane === "effects") this.#effects = opening;
    else this.#reads = opening;
    try {
      return await opening;
    } catch (error) {
      if (lane === "effects" && this.#effects === opening) this.#effects = null;
      if (lane === "reads" && this.#reads === opening) this.#reads = null;
      throw error;
    }
  }
  async #attached(fence: Fence): Promise<Session> {
    const channel = await this.#open("effects");
    const held = this.#session;
    if (held && held.channel === channel && held.run === fence.run && held.epoch === fence.epoch) {
      await held.number;
      return held;
    }
    const session: Session = { channel, run: fence.run, epoch: fence.epoch, number: attach(channel, { ...fence, stop: false }) };
    this.#session = session;
    try {
      await session.number;
    } catch (error) {
      if (this.#session === session) this.#session = null;
      throw error;
    }
    return session;
  }
  /**
   * After an effect whose answer was lost: leaves that connection's frames behind before anybody looks. Otherwise a look could say
   * "not done", the effect could arrive after it, and the next act would be the second.
   */
  async #settled(): Promise<void> {
    while (this.#late !== null) {
      const late = this.#late;
      this.#settling ??= this.#settle(late).finally(() => (this.#settling = null));
      await this.#settling;
    }
  }
  async #settle(late: Late): Promise<void> {
    const channel = await this.#open("effects");
    const number = attach(channel, late);
    try {
      await number;
      this.#session = { channel, run: late.run, epoch: late.epoch, number };
    } catch (error) {
      // Somebody has claimed since: the helper refuses the late effect by itself.
      if (!(error instanceof Refused && error.code === "SW3010")) throw error;
    }
    if (this.#late === late) this.#late = null;
  }
  #refuseClosed(): void {
    if (this.#closed) throw new Refused(`the connection to ${this.#params.host} was closed`, { code: "SW3001", object: this.#params.host });
  }
}

async function attach(channel: Channel, claim: Late): Promise<number> {
  const values = [claim.run, String(claim.epoch), String(claim.connection), claim.stop ? "stop" : "wait"];
  return Number((await channel.request({ verb: "attach", values }, { timeoutMs: ATTACH_MS })).out.toString());
}
