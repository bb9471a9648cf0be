import type { LabValue } from "../value.ts";
import { ByteWriter } from "./bytes.ts";
import { writeObject } from "./encode.ts";

/** An answer: session, number of objects (0 or 1), little endian, `OK`, object (facts 3.4). */
export function answer(session: string, value: LabValue | null): Uint8Array {
  const out = new ByteWriter();
  out.text(`${session} ${value === null ? "0" : "1"} 1\nOK\n`);
  if (value !== null) writeObject(out, value);
  return out.finish();
}

/** An error is one line: a line feed inside would cut it off. */
export function refusal(session: string, message: string): Uint8Array {
  const out = new ByteWriter();
  out.text(`${session} 0 1\n${message.replaceAll(/\s*[\r\n\0]+\s*/g, " ").trim() || "unknown error"}\n`);
  return out.finish();
}
