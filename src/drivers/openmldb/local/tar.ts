// Tar archives (ustar, GNU, pax) read as their bytes come and written from files, without keeping them.
import { createReadStream } from "node:fs";

const block = 512;

export interface TarEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "link" | "other";
  readonly bytes: number;
  /** Only before the next entry is asked for. Throws an Error when it is longer than `most` bytes. */
  text(most: number): Promise<string>;
}

/** Hands out exact pieces of a stream. */
class Pieces {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);
  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }
  /** At most that many bytes, at least one; null at the end. */
  async some(most: number): Promise<Uint8Array | null> {
    while (this.#rest.length === 0) {
      const next = await this.#chunks.next();
      if (next.done === true) return null;
      this.#rest = next.value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }
  /** Throws an Error when the stream ends before. */
  async exactly(bytes: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for (let left = bytes; left > 0;) {
      const piece = await this.some(left);
      if (piece === null) throw new Error("it is cut short");
      pieces.push(piece);
      left -= piece.length;
    }
    return Buffer.concat(pieces);
  }
  async skip(bytes: number): Promise<void> {
    for (let left = bytes; left > 0;) {
      const piece = await this.some(left);
      if (piece === null) throw new Error("it is cut short");
      left -= piece.length;
    }
  }
}

const text = (field: Uint8Array): string => Buffer.from(field).toString("utf8").split("\0", 1)[0] ?? "";
const octal = (field: Uint8Array): number => Number.parseInt(text(field).trim() || "0", 8);
/** GNU writes a number in base 256 when the octal field is too small. */
const sizeOf = (field: Uint8Array): number =>
  ((field[0] ?? 0) & 0x80) === 0 ? octal(field) : field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
const sumOf = (bytes: Uint8Array): number => bytes.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
const padded = (bytes: number): number => Math.ceil(bytes / block) * block;

function kindOf(flag: string): TarEntry["kind"] {
  if (flag === "0" || flag === "\0") return "file";
  if (flag === "5") return "directory";
  return flag === "1" || flag === "2" ? "link" : "other";
}

/** Throws an Error for what is no tar archive, or a cut or damaged one. The stream is read to its end. */
export async function* tarEntries(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const pieces = new Pieces(chunks);
  let longName: string | null = null;
  for (let entries = 0; ; entries++) {
    const first = entries === 0;
    const header = await pieces.exactly(block).catch((cause: unknown) => {
      throw first && !(cause instanceof Error && "code" in cause) ? new Error("it is no tar archive", { cause }) : cause;
    });
    if (header.every((byte) => byte === 0)) break;
    if (sumOf(header) !== octal(header.subarray(148, 156))) throw new Error(first ? "it is no tar archive" : "a header does not have its checksum");
    const flag = String.fromCharCode(header[156] ?? 0);
    const bytes = sizeOf(header.subarray(124, 136));
    if (flag === "L" || flag === "x") {
      const special = (await pieces.exactly(padded(bytes))).subarray(0, bytes).toString("utf8");
      longName = flag === "L" ? text(Buffer.from(special)) : (/(?:^|\n)\d+ path=([^\n]*)\n/.exec(special)?.[1] ?? longName);
      continue;
    }
    let left = padded(bytes);
    if (flag !== "g" && flag !== "K") {
      const prefix = text(header.subarray(257, 262)) === "ustar" ? text(header.subarray(345, 500)) : "";
      const short = text(header.subarray(0, 100));
      yield {
        name: longName ?? (prefix === "" ? short : `${prefix}/${short}`),
        kind: kindOf(flag),
        bytes,
        async text(most) {
          if (bytes > most) throw new Error(`it has a file of ${String(bytes)} bytes where at most ${String(most)} are expected`);
          const content = await pieces.exactly(left);
          left = 0;
          return content.subarray(0, bytes).toString("utf8");
        },
      };
      longName = null;
    }
    await pieces.skip(left);
  }
  while ((await pieces.some(1 << 20)) !== null);
}

export interface Member {
  /** Relative, without a slash at either end. */
  readonly name: string;
  readonly kind: "file" | "directory";
  readonly bytes: number;
  readonly executable: boolean;
  /** Where its content is read. */
  readonly source: string;
}

/** The same bytes for the same members, whoever owns them and whenever they were changed. */
export async function* tarOf(members: readonly Member[]): AsyncGenerator<Uint8Array> {
  for (const member of members) {
    if (Buffer.byteLength(member.name) > 99) {
      const record = paxRecord(member.name);
      yield headerOf({ name: "pax", kind: "x", bytes: record.length, executable: false, source: "" });
      yield filled(record);
    }
    yield headerOf({ ...member, kind: member.kind === "file" ? "0" : "5", name: member.name.slice(-99) });
    if (member.kind !== "file") continue;
    let bytes = 0;
    for await (const chunk of createReadStream(member.source)) {
      bytes += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
    if (bytes !== member.bytes) throw new Error(`${member.source} changed while it was read`);
    yield new Uint8Array(padded(bytes) - bytes);
  }
  yield new Uint8Array(2 * block);
}

function headerOf(member: Omit<Member, "kind"> & { readonly kind: "0" | "5" | "x" }): Buffer {
  const bytes = Buffer.alloc(block);
  const size = member.kind === "0" || member.kind === "x" ? member.bytes : 0;
  bytes.write(member.name, 0);
  bytes.write(member.executable || member.kind === "5" ? "0000755\0" : "0000644\0", 100);
  for (const at of [108, 116]) bytes.write("0000000\0", at);
  bytes.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  bytes.write("00000000000\0", 136);
  bytes.write(member.kind, 156);
  bytes.write("ustar\u000000", 257);
  bytes.write(`${sumOf(bytes).toString(8).padStart(6, "0")}\0 `, 148);
  return bytes;
}
const filled = (content: Buffer): Buffer => Buffer.concat([content, Buffer.alloc(padded(content.length) - content.length)]);
/** `LENGTH path=NAME`, where the length counts itself. */
function paxRecord(name: string): Buffer {
  const rest = Buffer.byteLength(` path=${name}\n`);
  let length = rest + 1;
  while (String(length).length + rest !== length) length++;
  return Buffer.from(`${String(length)} path=${name}\n`);
}
