// One helper process at the other end of a pipe: requests go out one after another, each answered before the next.
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { open } from "node:fs/promises";
import type { Writable } from "node:stream";
import { Refused, StillwaterError, Unreachable } from "../model/errors.ts";
import { encodeRequest, ReplyReader, type KeptTexts, type Reply, type Request } from "./frame.ts";
import { helperScript } from "./helper-script.ts";

/** How to start a helper on a host; the only thing in which transports differ. */
export interface Transport {
  /** Throws what keeps it from starting. */
  start(): ChildProcessWithoutNullStreams;
  close(): Promise<void>;
}

const CONNECT_MS = 30_000;
const STDERR_LIMIT = 4_096;

export interface RequestOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** A local file that follows the frame; the helper ends with it. */
  readonly file?: string;
}
interface Waiting {
  readonly request: Request;
  readonly options: RequestOptions;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
}

export class Channel {
  readonly #host: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #reader = new ReplyReader();
  readonly #queue: Waiting[] = [];
  readonly #kept: KeptTexts = new Map();
  readonly #ended: Promise<void>;
  #current: (Waiting & { readonly id: number; finish(): void }) | null = null;
  #next = 1;
  #stderr = "";
  #broken: string | null = null;
  #ending = false;
  /** Seconds may be given in fractions to this host's `timeout`. */
  fractions = false;

  private constructor(host: string, child: ChildProcessWithoutNullStreams) {
    this.#host = host;
    this.#child = child;
    child.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    child.stderr.on("data", (chunk: Buffer) => (this.#stderr = (this.#stderr + chunk.toString()).slice(-STDERR_LIMIT)));
    // A pipe that breaks is seen as the end of the process or of its output; without a listener it would end ours.
    child.stdin.on("error", () => {});
    this.#ended = new Promise((resolve) => {
      child.on("error", (error) => {
        this.break(error.message);
        resolve();
      });
      child.on("exit", (code, signal) => {
        resolve();
        this.#over(`it ended (${signal ?? `exit code ${code}`})`);
      });
    });
    child.stdout.on("end", () => this.#over("it ended"));
  }

  /** A helper that has greeted and knows its cluster. Error SW3001 (nothing was asked of the host), SW3002, SW3005. */
  static async open(params: {
    readonly host: string;
    readonly transport: Transport;
    readonly cluster: string;
    readonly stateDirectory: string;
  }): Promise<Channel> {
    const { host } = params;
    let channel: Channel;
    try {
      channel = new Channel(host, params.transport.start());
    } catch (error) {
      if (error instanceof StillwaterError) throw error;
      throw notReached(host, error instanceof Error ? error.message : String(error));
    }
    channel.#child.stdin.write(helperScript());
    try {
      const reply = await channel.request({ verb: "hello", values: [params.cluster, params.stateDirectory] }, { timeoutMs: CONNECT_MS });
      channel.fractions = reply.out.toString().split(" ")[2] === "yes";
      return channel;
    } catch (error) {
      const why = channel.#stderr.trim();
      channel.break("it did not greet");
      if (error instanceof StillwaterError && (error.code === "SW3002" || error.code === "SW3005")) throw error;
      throw notReached(host, why || (error instanceof Error ? error.message : String(error)));
    }
  }

  get broken(): boolean {
    return this.#broken !== null;
  }

  /** Rejects with what the helper refused, with SW3003 when the answer is unknown, and with SW3001 when the request was never sent. */
  async request(request: Request, options: RequestOptions): Promise<Reply> {
    const reply = await new Promise<Reply>((resolve, reject) => {
      if (this.#broken !== null) {
        reject(notReached(this.#host, this.#broken));
        return;
      }
      this.#queue.push({ request, options, resolve, reject });
      this.#advance();
    });
    if (reply.status === "ok") return reply;
    throw refusal(this.#host, reply);
  }

  /** Ends the helper once it has answered what it is at, and waits for that. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    const patience = setTimeout(() => this.break("it was closed"), 2_000);
    await this.#ended;
    clearTimeout(patience);
    this.break("it was closed");
  }

  /** Gives the connection up. What was asked is unknown. */
  break(why: string): void {
    if (this.#broken !== null) return;
    this.#broken = why;
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#child.kill("SIGTERM");
    this.#child.unref();
    const current = this.#current;
    this.#current = null;
    current?.finish();
    const complaint = this.#stderr.trim();
    current?.reject(
      new Unreachable(`${this.#host}: no answer to ${current.request.verb}, for the connection broke: ${why}${complaint ? `: ${complaint}` : ""}`, {
        code: "SW3003",
        object: this.#host,
      }),
    );
    for (const waiting of this.#queue.splice(0)) waiting.reject(notReached(this.#host, why));
  }

  /**
   * Output that is still in the pipes belongs to us, and standard error holds the reason. Not "close", and not for long: a tool of a helper that
   * was killed may keep standard output open, and the master process of multiplexed ssh standard error.
   */
  #over(why: string): void {
    const { stdout, stderr } = this.#child;
    if (this.#ending) return;
    this.#ending = true;
    const pending = new Set([stdout, stderr].filter((stream) => !stream.readableEnded));
    const end = (): void => this.break(why);
    for (const stream of pending) {
      stream.once("end", () => {
        pending.delete(stream);
        if (pending.size === 0) end();
      });
    }
    if (pending.size === 0) end();
    else setTimeout(end, 300).unref();
  }
  #advance(): void {
    if (this.#current !== null || this.#broken !== null) return;
    const waiting = this.#queue.shift();
    if (!waiting) return;
    const { request, options } = waiting;
    if (options.signal?.aborted) {
      waiting.reject(tooLate(this.#host, request.verb));
      this.#advance();
      return;
    }
    const id = this.#next++;
    let frame: Buffer;
    try {
      frame = encodeRequest(id, request, this.#kept);
    } catch (error) {
      waiting.reject(error);
      this.#advance();
      return;
    }
    const timer = setTimeout(() => this.break(`no answer within ${options.timeoutMs / 1000} s`), options.timeoutMs);
    const aborted = (): void => this.break("the deadline of the claim has passed");
    options.signal?.addEventListener("abort", aborted, { once: true });
    const finish = (): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener("abort", aborted);
    };
    this.#current = { ...waiting, id, finish };
    this.#child.stdin.write(frame);
    if (options.file !== undefined) this.#sendFile(options.file, waiting);
  }
  #sendFile(path: string, waiting: Waiting): void {
    copyInto(path, this.#child.stdin).catch((error: unknown) => {
      // A helper that refuses ends the pipe; its answer says why. Only our own file is our own trouble.
      if (!(error instanceof Error && "syscall" in error && (error.syscall === "open" || error.syscall === "read"))) return;
      waiting.reject(new StillwaterError("SW1203", `${path} cannot be read: ${error.message}`, { object: path, cause: error }));
      this.break("its source cannot be read");
    });
  }
  #take(chunk: Buffer): void {
    let replies: readonly Reply[];
    try {
      replies = this.#reader.push(chunk);
    } catch (error) {
      this.break(error instanceof Error ? error.message : String(error));
      return;
    }
    for (const reply of replies) {
      const current = this.#current;
      if (current === null || current.id !== reply.id) {
        this.break(`an answer to request ${reply.id} that was not asked`);
        return;
      }
      this.#current = null;
      current.finish();
      current.resolve(reply);
      this.#advance();
    }
  }
}

function notReached(host: string, why: string): Refused {
  return new Refused(`${host} cannot be reached: ${why}`, { code: "SW3001", object: host });
}
function tooLate(host: string, verb: string): Refused {
  return new Refused(`${host}: ${verb} was not sent, for the deadline of the claim has passed; nothing was done`, { code: "SW3003", object: host });
}

/** The helper's own words as an error. A foreign claim is no kind of silence: it must never be taken for an unreachable host. */
function refusal(host: string, reply: Reply): StillwaterError {
  const known = ["SW2002", "SW3002", "SW3003", "SW3004", "SW3005", "SW3010", "SW3011", "SW3012", "SW3013"] as const;
  const code = known.find((candidate) => candidate === reply.code) ?? "SW9999";
  const text = reply.out.toString().trim();
  if (code === "SW2002") return new StillwaterError(code, text, { object: host });
  if (reply.status === "refused") return new Refused(`${host}: ${text}`, { code, object: host });
  if (code === "SW3003") return new Unreachable(`${host}: ${text}`, { code, object: host });
  return new StillwaterError(code, `${host}: ${text}`, { object: host });
}

const PIECE = 256 * 1024;
/** With one buffer, which is used again only when the pipe has taken it: a stream of new ones would grow the process by the size of the file. */
async function copyInto(path: string, pipe: Writable): Promise<void> {
  await using file = await open(path);
  const buffer = Buffer.allocUnsafeSlow(PIECE);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE, null);
    if (bytesRead === 0) break;
    await new Promise<void>((resolve, reject) => {
      pipe.write(buffer.subarray(0, bytesRead), (error) => (error ? reject(error) : resolve()));
    });
  }
  pipe.end();
}
