// Requests and answers as bytes (facts 3.3, 3.4).
import type { Value } from "../rpc.ts";
import { decodeObject, NoObject } from "./decode.ts";
import { encodeObject, type Argument } from "./encode.ts";

/** Flags of a request: an API client; cancellable; priority 4; parallelism 64, as the vendor's JavaScript API has them. */
const flags = "0_1_4_64";

function request(session: string, body: string, args: readonly Argument[] = []): Uint8Array {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`API2 ${session} ${String(bytes.length)} / ${flags}\n`), bytes, ...args.map(encodeObject)]);
}
const oneLine = (text: string): string => text.replaceAll(/[\r\n]/g, " ");

/** Null: as a guest. */
export const connectRequest = (login: { readonly user: string; readonly password: string } | null): Uint8Array =>
  request("0", login === null ? "connect\n" : `connect\nlogin\n${oneLine(login.user)}\n${oneLine(login.password)}`);
export const scriptRequest = (session: string, text: string): Uint8Array => request(session, `script\n${text}`);
/** 1: the arguments are little-endian. */
export const functionRequest = (session: string, name: string, args: readonly Argument[]): Uint8Array =>
  request(session, `function\n${name}\n${String(args.length)}\n1\n`, args);

export type Answer =
  | { readonly is: "value"; readonly session: string; readonly value: Value }
  | { readonly is: "error"; readonly session: string; readonly line: string }
  | { readonly is: "malformed"; readonly what: string };

/** Never throws: what is no answer of DolphinDB is said to be that. */
export function parseAnswer(message: Uint8Array): Answer {
  const [first, afterFirst] = lineAt(message, 0);
  const head = first === null ? null : /^(\S{1,40}) (\d+) ([01])$/.exec(first);
  if (head === null) return { is: "malformed", what: shown(message) };
  const [, session = "", objects, littleEndian] = head;
  const [second, afterSecond] = lineAt(message, afterFirst);
  if (second === null) return { is: "malformed", what: "the answer ends behind its first line" };
  if (second !== "OK") return { is: "error", session, line: second };
  if (objects === "0" || afterSecond >= message.length) return { is: "value", session, value: null };
  if (littleEndian !== "1") return { is: "malformed", what: "a big-endian answer" };
  try {
    return { is: "value", session, value: decodeObject(message.subarray(afterSecond)) };
  } catch (error) {
    if (error instanceof NoObject || error instanceof RangeError) return { is: "malformed", what: error.message };
    throw error;
  }
}

/** Something that the server printed while it worked, sent before its answer. */
export const isPrinted = (message: Uint8Array): boolean => Buffer.from(message.subarray(0, 4)).toString("latin1") === "MSG\n";

function lineAt(message: Uint8Array, from: number): readonly [line: string | null, next: number] {
  const end = message.indexOf(10, from);
  return end < 0 ? [null, from] : [Buffer.from(message.subarray(from, end)).toString("utf8"), end + 1];
}
const shown = (message: Uint8Array): string =>
  message.length === 0 ? "an empty message" : JSON.stringify(Buffer.from(message.subarray(0, 60)).toString("utf8"));
