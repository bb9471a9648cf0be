// The frames between a connection and the helper on the host. docs/hosts.md describes them.
import { StillwaterError } from "../model/errors.ts";

export interface Request {
  readonly verb: string;
  readonly values: readonly string[];
  /** Standard input of a command, or the content of a file. */
  readonly body?: Uint8Array;
}
/** `refused`: nothing was done. `failed`: something was. `code`: the exit code of a command, or a code of the error table. */
export interface Reply {
  readonly id: number;
  readonly status: "ok" | "refused" | "failed";
  readonly code: string;
  readonly out: Buffer;
  readonly err: Buffer;
}

export const greeting = "stillwater-helper 1";
/** Bytes per line of content: short enough for the helper, which reads lines byte by byte into memory. */
const BODY_LINE = 3 * 1024;
/** What a login script may print before the helper greets. */
const NOISE_LIMIT = 64 * 1024;

/** Long texts that one helper has had already, by their numbers: scripts, which a shell reads byte by byte. */
export type KeptTexts = Map<string, number>;
const KEEP_FROM = 256;
const KEPT_AT_MOST = 32;

export function encodeRequest(id: number, request: Request, kept: KeptTexts = new Map()): Buffer {
  const lines: string[] = [];
  const body = request.body ?? new Uint8Array(0);
  const bodyLines = Math.ceil(body.length / BODY_LINE);
  lines.push(`${id} ${request.verb} ${request.values.length} ${bodyLines}`);
  for (const value of request.values) refuseUnfit(value);
  for (const value of request.values) lines.push(encodeValue(value, kept));
  for (let at = 0; at < body.length; at += BODY_LINE) lines.push(Buffer.from(body.subarray(at, at + BODY_LINE)).toString("base64"));
  lines.push("end", "");
  return Buffer.from(lines.join("\n"));
}

function refuseUnfit(value: string): void {
  if (value.includes("\0")) throw new StillwaterError("SW9999", "an argument for a host holds a NUL character, which no command can take");
  if (!value.isWellFormed()) throw new StillwaterError("SW9999", "an argument for a host is not well-formed text");
}
function encodeValue(value: string, kept: KeptTexts): string {
  const breaks = value.split("\n").length - 1;
  if (breaks === 0) return `=${value}`;
  const known = kept.get(value);
  if (known !== undefined) return `@${known}`;
  if (value.length < KEEP_FROM || kept.size === KEPT_AT_MOST) return `${breaks}\n${value}`;
  kept.set(value, kept.size + 1);
  return `${breaks} ${kept.size}\n${value}`;
}

/** Takes the bytes as they come and gives the replies that are complete. */
export class ReplyReader {
  #greeted = false;
  #held: Buffer[] = [];
  #bytes = 0;
  #noise = 0;
  /** The header whose payload is not complete yet. */
  #open: { readonly id: number; readonly status: Reply["status"]; readonly code: string; readonly out: number; readonly err: number } | null = null;

  get greeted(): boolean {
    return this.#greeted;
  }

  /** Throws when the bytes are not frames: the connection is then worth nothing. */
  push(chunk: Buffer): readonly Reply[] {
    this.#held.push(chunk);
    this.#bytes += chunk.length;
    const replies: Reply[] = [];
    for (;;) {
      if (this.#open === null) {
        const line = this.#takeLine();
        if (line === null) break;
        this.#header(line);
        continue;
      }
      const { out, err } = this.#open;
      if (this.#bytes < out + err) break;
      const all = this.#take(out + err);
      replies.push({ id: this.#open.id, status: this.#open.status, code: this.#open.code, out: all.subarray(0, out), err: all.subarray(out) });
      this.#open = null;
    }
    return replies;
  }

  #header(line: string): void {
    if (!this.#greeted) {
      this.#noise += line.length + 1;
      if (this.#noise > NOISE_LIMIT) throw new Error("no greeting within the first 64 KiB");
      this.#greeted = line === greeting;
      return;
    }
    const found = /^(\d+) (ok|refused|failed) (\w+) (\d+) (\d+)$/.exec(line);
    if (!found) throw new Error(`not a reply: ${JSON.stringify(line.slice(0, 200))}`);
    const [, id, status, code = "", out, err] = found;
    this.#open = { id: Number(id), status: status as Reply["status"], code, out: Number(out), err: Number(err) };
  }
  #takeLine(): string | null {
    const all = this.#joined();
    const end = all.indexOf(10);
    if (end === -1) {
      if (this.#bytes > NOISE_LIMIT) throw new Error("a line of more than 64 KiB where a reply should begin");
      return null;
    }
    return this.#take(end + 1)
      .toString("utf8", 0, end)
      .replace(/\r$/, "");
  }
  #joined(): Buffer {
    const [first] = this.#held;
    if (first && this.#held.length === 1) return first;
    const all = Buffer.concat(this.#held);
    this.#held = [all];
    return all;
  }
  #take(bytes: number): Buffer {
    const all = this.#joined();
    const rest = all.subarray(bytes);
    this.#held = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    return all.subarray(0, bytes);
  }
}
