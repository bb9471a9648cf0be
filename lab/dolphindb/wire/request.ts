// One request: a line, a body of announced length, and for functions and variables the objects that follow it without a length of their own (facts 3.3).
import type { LabValue } from "../value.ts";
import { ByteReader, Truncated } from "./bytes.ts";
import { readObject } from "./decode.ts";
import { NotCarried } from "./types.ts";

export type Command =
  | { readonly kind: "connect"; readonly login: { readonly user: string; readonly password: string } | null }
  | { readonly kind: "script"; readonly text: string }
  | { readonly kind: "function"; readonly name: string; readonly args: readonly LabValue[] }
  | { readonly kind: "variable"; readonly names: readonly string[]; readonly values: readonly LabValue[] }
  /** Understood as a request, and not what this server takes: it is answered with that error. */
  | { readonly kind: "wrong"; readonly why: string; /** Where the next request begins is not known. */ readonly lost: boolean };

export interface Request {
  /** `0` before the server has given one. */
  readonly session: string;
  readonly command: Command;
  /** Bytes that it took. */
  readonly end: number;
}

/** These are no requests at all. */
export class NotARequest extends Error {}

const HEAD = /^API2? (\S+) (\d+)(?: \/ \S*)?$/;
/** The line that begins a request is never longer. */
const LONGEST_HEAD = 256;

/** Null: more bytes are to come. Throws NotARequest. */
export function readRequest(bytes: Uint8Array): Request | null {
  const lineEnd = bytes.subarray(0, LONGEST_HEAD).indexOf(0x0a);
  if (lineEnd === -1) {
    if (bytes.length >= LONGEST_HEAD) throw new NotARequest("a request begins with a line of API");
    return null;
  }
  const line = new TextDecoder().decode(bytes.subarray(0, lineEnd));
  const head = HEAD.exec(line);
  if (head === null) throw new NotARequest(`a request begins with a line of API, not with ${JSON.stringify(line)}`);
  const from = new ByteReader(bytes, lineEnd + 1);
  try {
    const body = from.text(Number(head[2]));
    return { session: head[1] ?? "0", command: commandOf(body, bytes, from), end: from.at };
  } catch (error) {
    if (error instanceof Truncated) return null;
    throw error;
  }
}

function commandOf(body: string, bytes: Uint8Array, from: ByteReader): Command {
  const lineEnd = body.indexOf("\n");
  const kind = lineEnd === -1 ? body : body.slice(0, lineEnd);
  const rest = lineEnd === -1 ? "" : body.slice(lineEnd + 1);
  switch (kind) {
    case "connect": {
      const [word, user, password] = rest.split("\n");
      return { kind, login: word === "login" && user !== undefined ? { user, password: password ?? "" } : null };
    }
    case "script":
      return { kind, text: rest };
    case "function":
    case "variable": {
      const [what = "", count = "", endian = "1"] = rest.split("\n");
      const values = objects(bytes, from, Number(count), endian.trim() !== "0");
      if (!Array.isArray(values)) return values;
      return kind === "function" ? { kind, name: what, args: values } : { kind, names: what.split(",").map((name) => name.trim()), values };
    }
    default:
      return { kind: "wrong", why: `Invalid command: ${kind}`, lost: false };
  }
}

function objects(bytes: Uint8Array, from: ByteReader, count: number, littleEndian: boolean): LabValue[] | Extract<Command, { kind: "wrong" }> {
  if (!Number.isInteger(count) || count < 0) return { kind: "wrong", why: "The number of arguments is not a number.", lost: true };
  const reader = new ByteReader(bytes, from.at, littleEndian);
  try {
    const values = Array.from({ length: count }, () => readObject(reader));
    from.at = reader.at;
    return values;
  } catch (error) {
    if (!(error instanceof NotCarried)) throw error;
    return { kind: "wrong", why: `Stillwater lab: ${error.message}`, lost: true };
  }
}
