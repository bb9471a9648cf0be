// Zip archives, read from their table of contents at the end (PKWARE APPNOTE 4.3): stored and deflated files, which is what the vendor's packages have.
import { createReadStream } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { PassThrough } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";

export interface ZipEntry {
  readonly name: string;
  readonly directory: boolean;
  /** Unpacked. */
  readonly bytes: number;
  readonly packedBytes: number;
  readonly crc: number;
  readonly method: "stored" | "deflated";
  /** Of its own header in the file. */
  readonly offset: number;
}

const endBytes = 22;
const mostComment = 65_535;
const most32 = 0xffff_ffff;
const utf8Names = 1 << 11;
const encrypted = 1;

/** Throws an Error for what is no zip archive, is cut short, encrypted, or above 4 GiB (zip64). */
export async function zipEntries(path: string): Promise<readonly ZipEntry[]> {
  await using file = await open(path);
  const { size } = await file.stat();
  const end = await endOf(file, size);
  const count = end.readUInt16LE(10);
  const [length, offset] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  if (offset === most32 || length === most32 || count === 0xffff) throw new Error("it is a zip64 archive, which no package of this vendor is");
  if (offset + length > size) throw new Error("it is cut short: its table of contents lies beyond its end");
  const table = await exactly(file, offset, length);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count;) {
    if (at + 46 > table.length || table.readUInt32LE(at) !== 0x0201_4b50) throw new Error("its table of contents is damaged");
    const [nameLength, extraLength, commentLength] = [table.readUInt16LE(at + 28), table.readUInt16LE(at + 30), table.readUInt16LE(at + 32)];
    const flags = table.readUInt16LE(at + 8);
    const name = table.subarray(at + 46, at + 46 + nameLength).toString((flags & utf8Names) === 0 ? "latin1" : "utf8");
    entries.push(entryOf(name, flags, table.subarray(at), offset));
    at += 46 + nameLength + extraLength + commentLength;
  }
  return entries;
}

function entryOf(name: string, flags: number, header: Buffer, tableOffset: number): ZipEntry {
  if ((flags & encrypted) !== 0) throw new Error(`${name} in it is encrypted`);
  if (name.startsWith("/") || name.includes("\\") || name.split("/").includes(".."))
    throw new Error(`${name} in it would be unpacked somewhere else`);
  const method = header.readUInt16LE(10);
  if (method !== 0 && method !== 8) throw new Error(`${name} in it is packed by method ${String(method)}, which is not known`);
  const entry: ZipEntry = {
    name,
    directory: name.endsWith("/"),
    crc: header.readUInt32LE(16),
    packedBytes: header.readUInt32LE(20),
    bytes: header.readUInt32LE(24),
    method: method === 0 ? "stored" : "deflated",
    offset: header.readUInt32LE(42),
  };
  if (entry.offset + entry.packedBytes > tableOffset) throw new Error(`${name} in it lies beyond its place: the archive is damaged`);
  return entry;
}

/** The record at the very end; a comment may follow it, up to the last byte. */
async function endOf(file: FileHandle, size: number): Promise<Buffer> {
  const from = Math.max(0, size - endBytes - mostComment);
  const tail = await exactly(file, from, size - from);
  for (let at = tail.length - endBytes; at >= 0; at--)
    if (tail.readUInt32LE(at) === 0x0605_4b50 && at + endBytes + tail.readUInt16LE(at + 20) === tail.length) return tail.subarray(at);
  const magic = size >= 4 ? (await exactly(file, 0, 4)).readUInt32LE(0) : 0;
  throw new Error(magic === 0x0403_4b50 ? "it is cut short: its table of contents, which comes last, is missing" : "it is no zip archive");
}

async function exactly(file: FileHandle, from: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  let got = 0;
  while (got < length) {
    const { bytesRead } = await file.read(buffer, got, length - got, from + got);
    if (bytesRead === 0) throw new Error("it is cut short");
    got += bytesRead;
  }
  return buffer;
}

/** Content of one file, piece by piece. Throws an Error at its end when size or checksum are others than the table of contents says. */
export async function* readEntry(path: string, entry: ZipEntry): AsyncGenerator<Buffer> {
  const start = await contentOffset(path, entry);
  let [bytes, sum] = [0, 0];
  if (entry.packedBytes > 0) {
    const source = createReadStream(path, { start, end: start + entry.packedBytes - 1, highWaterMark: 1 << 18 });
    const content = entry.method === "stored" ? new PassThrough() : createInflateRaw({ chunkSize: 1 << 18 });
    const flowing = pipeline(source, content);
    // Reported by the loop below, which reads the same stream.
    flowing.catch(() => undefined);
    try {
      for await (const piece of content as AsyncIterable<Buffer>) {
        bytes += piece.length;
        sum = crc32(piece, sum);
        yield piece;
      }
    } finally {
      source.destroy();
    }
  }
  if (bytes !== entry.bytes || sum !== entry.crc) throw new Error(`${entry.name} in it does not have its checksum`);
}

async function contentOffset(path: string, { name, offset }: ZipEntry): Promise<number> {
  await using file = await open(path);
  const header = await exactly(file, offset, 30);
  if (header.readUInt32LE(0) !== 0x0403_4b50) throw new Error(`${name} in it is not where the table of contents says`);
  return offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}
