// Files of a zip archive, by its central directory: an export of applications is read once more before it counts as a backup.
import { crc32, inflateRawSync } from "node:zlib";
import { StillwaterError } from "../../../model/errors.ts";

const endOfDirectory = 0x06_05_4b_50;
const directoryEntry = 0x02_01_4b_50;
const damaged = (what: string): StillwaterError => new StillwaterError("SW3013", `The archive is damaged: ${what}.`, { object: "export.zip" });

export function* unzip(archive: Uint8Array): Generator<{ readonly name: string; readonly content: Uint8Array }> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && bytes.readUInt32LE(end) !== endOfDirectory) end -= 1;
  if (end < 0) throw damaged("it has no directory");
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== directoryEntry) throw damaged("its directory is cut off");
    const [method, sum, packed, unpacked] = [
      bytes.readUInt16LE(at + 10),
      bytes.readUInt32LE(at + 16),
      bytes.readUInt32LE(at + 20),
      bytes.readUInt32LE(at + 24),
    ];
    const [nameLength, extra, comment, offset] = [
      bytes.readUInt16LE(at + 28),
      bytes.readUInt16LE(at + 30),
      bytes.readUInt16LE(at + 32),
      bytes.readUInt32LE(at + 42),
    ];
    const name = bytes.toString("utf8", at + 46, at + 46 + nameLength);
    at += 46 + nameLength + extra + comment;
    if (name.endsWith("/")) continue;
    if (offset + 30 > bytes.length) throw damaged(`${name} is cut off`);
    const begin = offset + 30 + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
    const raw = bytes.subarray(begin, begin + packed);
    if (method !== 0 && method !== 8) throw damaged(`${name} is packed in a way that is not known`);
    const content = method === 0 ? raw : inflated(raw);
    if (content === null || content.length !== unpacked || crc32(content) !== sum) throw damaged(`${name} does not have its checksum`);
    yield { name, content };
  }
}

function inflated(raw: Uint8Array): Uint8Array | null {
  try {
    return inflateRawSync(raw);
  } catch {
    return null;
  }
}
