// A zip archive made by hand (APPNOTE.TXT 4.3): machines that test need no zip.
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipMember {
  /** A directory ends with a slash. */
  readonly name: string;
  readonly content: string | Uint8Array;
  /** Of the file, as `0o755`. */
  readonly mode: number;
}

const madeByUnix = 3 << 8;
const utf8Names = 1 << 11;
const deflated = 8;
const regularFile = 0o100000;
const directory = 0o040000;

export function zipOf(members: readonly ZipMember[]): Buffer {
  const parts: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode } of members) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const path = Buffer.from(name);
    const about = Buffer.alloc(22);
    about.writeUInt16LE(utf8Names, 0);
    about.writeUInt16LE(deflated, 2);
    // 1980-01-01
    about.writeUInt16LE(0x21, 6);
    about.writeUInt32LE(crc32(bytes), 8);
    about.writeUInt32LE(packed.length, 12);
    about.writeUInt32LE(bytes.length, 16);
    about.writeUInt16LE(path.length, 20);
    const local = Buffer.concat([Buffer.from("PK\x03\x04\x14\0", "latin1"), about, Buffer.alloc(2), path, packed]);
    const rest = Buffer.alloc(16);
    rest.writeUInt32LE(((name.endsWith("/") ? directory : regularFile) | mode) * 0x1_0000, 8);
    rest.writeUInt32LE(offset, 12);
    const version = Buffer.alloc(4);
    version.writeUInt16LE(madeByUnix | 20, 0);
    version.writeUInt16LE(20, 2);
    entries.push(Buffer.concat([Buffer.from("PK\x01\x02", "latin1"), version, about, rest, path]));
    parts.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(list.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, list, Buffer.from("PK\x05\x06", "latin1"), end]);
}
