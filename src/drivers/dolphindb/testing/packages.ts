// Packages and plugins for tests that read files: zip archives written by hand, so that no machine needs zip.
import { crc32, deflateRawSync } from "node:zlib";

export interface PackedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
  readonly stored?: true;
}

const u16 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => bytes.writeUInt16LE(value, index * 2));
  return bytes;
};
const u32 = (...values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
};

/** PKWARE APPNOTE 4.3. */
export function zipArchive(files: readonly PackedFile[], comment = ""): Buffer {
  const bodies: Buffer[] = [];
  const table: Buffer[] = [];
  let offset = 0;
  for (const { name, content, stored } of files) {
    const bytes = Buffer.from(content);
    const packed = stored === true ? bytes : deflateRawSync(bytes);
    const path = Buffer.from(name);
    const facts = Buffer.concat([
      u16(1 << 11, stored === true ? 0 : 8, 0, 0x21),
      u32(crc32(bytes), packed.length, bytes.length),
      u16(path.length, 0),
    ]);
    const body = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), u16(20), facts, path, packed]);
    table.push(Buffer.concat([Buffer.from("PK\x01\x02", "latin1"), u16(0x0314, 20), facts, u16(0, 0, 0), u32(0o100_644 * 0x1_0000, offset), path]));
    bodies.push(body);
    offset += body.length;
  }
  const list = Buffer.concat(table);
  const end = Buffer.concat([
    Buffer.from("PK\x05\x06", "latin1"),
    u16(0, 0, files.length, files.length),
    u32(list.length, offset),
    u16(comment.length),
  ]);
  return Buffer.concat([...bodies, list, end, Buffer.from(comment)]);
}

/** The first bytes of a program for Linux: 62 is x86_64, 183 is aarch64. */
export function elf(machine: number, text: string): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32BE(0x7f45_4c46, 0);
  header.writeUInt16LE(machine, 18);
  return Buffer.concat([header, Buffer.from(text)]);
}

export const packageFiles = (binary: string | Uint8Array, more: readonly PackedFile[] = []): readonly PackedFile[] => [
  { name: "server/dolphindb", content: binary },
  { name: "server/dolphindb.dos", content: "// boot\n" },
  { name: "server/plugins/mysql/PluginMySQL.txt", content: "mysql,libPluginMySQL.so,2.00.8.1\nquery,query,system,1,2,0\n" },
  { name: "server/web/", content: "" },
  { name: "server/web/index.html", content: "<title>DolphinDB</title>", stored: true },
  ...more,
];
