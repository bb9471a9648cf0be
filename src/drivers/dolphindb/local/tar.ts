// A tar archive (ustar) of files on this machine: the same bytes for the same files, whoever owns them and whenever they were changed.
import { createReadStream } from "node:fs";

const block = 512;
const mostName = 255;

export interface Member {
  /** Relative, without a slash at either end. */
  readonly name: string;
  readonly bytes: number;
  readonly executable: boolean;
  /** Where its content is read. */
  readonly source: string;
}

/** Throws an Error for a file that changes meanwhile, or a path that tar cannot hold. */
export async function* tarOf(members: readonly Member[]): AsyncGenerator<Uint8Array> {
  for (const member of members) {
    yield headerOf(member);
    let bytes = 0;
    for await (const piece of createReadStream(member.source)) {
      bytes += (piece as Buffer).length;
      yield piece as Buffer;
    }
    if (bytes !== member.bytes) throw new Error(`${member.source} changed while it was read`);
    yield new Uint8Array(Math.ceil(bytes / block) * block - bytes);
  }
  yield new Uint8Array(2 * block);
}

function headerOf({ name, bytes, executable }: Member): Buffer {
  const { prefix, rest } = parts(name);
  const header = Buffer.alloc(block);
  header.write(rest, 0);
  header.write(executable ? "0000755\0" : "0000644\0", 100);
  for (const at of [108, 116]) header.write("0000000\0", at);
  header.write(`${bytes.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\u000000", 257);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}
/** A long path is cut at a slash: up to 155 bytes before it, up to 100 behind. */
function parts(name: string): { readonly prefix: string; readonly rest: string } {
  if (Buffer.byteLength(name) <= 100) return { prefix: "", rest: name };
  for (let cut = name.indexOf("/"); cut > 0; cut = name.indexOf("/", cut + 1)) {
    const [prefix, rest] = [name.slice(0, cut), name.slice(cut + 1)];
    if (Buffer.byteLength(rest) <= 100 && Buffer.byteLength(prefix) <= 155) return { prefix, rest };
  }
  throw new Error(`${name} is longer than ${String(mostName)} bytes, which tar cannot hold`);
}
