// A zip archive, written (APPNOTE.TXT 4.3): what a vendor ships, without any tool of this machine.
import { crc32, deflateRawSync } from "node:zlib";

export interface ZipMember {
  /** Path inside, with slashes. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Of the file: 0o644, 0o755. */
  readonly mode: number;
}

const DEFLATED = 8;
const VERSION = 20;
const UNIX = 3;
/** 1 January 2023, as MS-DOS has it: the same archive every time. */
const DATE = ((2023 - 1980) << 9) | (1 << 5) | 1;

/** Names are UTF-8. Up to 4 GiB, up to 65535 members. */
export function zipOf(members: readonly ZipMember[]): Uint8Array {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { path, content, mode } of members) {
    const name = Buffer.from(path);
    const data = deflateRawSync(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(0x0800, 2);
    common.writeUInt16LE(DEFLATED, 4);
    common.writeUInt16LE(DATE, 8);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004", "latin1"), common, name, data]);
    files.push(local);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((((0o100000 | mode) << 16) >>> 0) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.from("PK\u0001\u0002", "latin1"), Buffer.from([VERSION, UNIX]), common, tail, name);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...files, central, Buffer.from("PK\u0005\u0006", "latin1"), end]);
}
