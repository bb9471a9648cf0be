// What an answer of CDAP can be besides a value: an error with a status, or nothing that CDAP says. Its words are hints, the status decides (facts 1).
import { Refused, Unreachable } from "../../../model/errors.ts";

/** CDAP answered with an error status. Nothing that was asked for was done, as far as it says. */
export class CdapRefused extends Refused {
  readonly status: number;
  /** What the server said, without quotes of a JSON string. */
  readonly words: string;
  constructor(asked: string, status: number, words: string, remedy = "The words are the server's own.") {
    super(`${asked} was refused with status ${String(status)}: ${words === "" ? "no words" : words}`, { object: asked, remedy });
    this.name = "CdapRefused";
    this.status = status;
    this.words = words;
  }
}

/** An answer came and it is not one of CDAP, or was cut off: neither empty nor unreachable. */
export class Malformed extends Unreachable {
  constructor(asked: string, what: string, cause?: unknown) {
    super(`The answer to ${asked} is not understood: ${what}`, {
      object: asked,
      remedy: "Check that a CDAP router listens there, and no proxy answers for it.",
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = "Malformed";
  }
}

/** The server's own words in an error's body: plain text, a JSON string, or a JSON object with a message (facts 1, 1.1). At most 500 characters. */
export function wordsOf(body: string): string {
  const text = body.trim();
  const said = /^["{[]/.test(text) ? fromJson(text) : text;
  return said.replaceAll(/\s+/g, " ").slice(0, 500);
}
function fromJson(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "string") return value;
    if (value === null || typeof value !== "object") return text;
    const found = ["error_description", "error", "message"].flatMap((key) => {
      const held: unknown = Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
      return typeof held === "string" ? [held] : [];
    });
    return found[0] ?? text;
  } catch {
    return text;
  }
}
