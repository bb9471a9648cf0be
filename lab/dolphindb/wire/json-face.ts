// The JSON API: a POST to `/` with the name of a function and its arguments; `executeCode` is a script, encoded as in an address.
import type { Reply } from "../../kit/network.ts";
import { ServerError, type Evaluator, type Session } from "../logic/node.ts";
import { type LabValue, nothing } from "../value.ts";
import { callFunction } from "./call.ts";
import { fromJson, toJson } from "./json-value.ts";

/** Sessions that are remembered between requests; the oldest makes place. */
const MOST_SESSIONS = 256;

export class JsonFace {
  readonly #evaluator: Evaluator;
  readonly #sessions = new Map<string, Session>();

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  /** Null: the connection is closed without a word. */
  async post(body: string): Promise<Reply | null> {
    let request: { readonly sessionID?: unknown; readonly functionName?: unknown; readonly params?: unknown };
    try {
      request = JSON.parse(body) as typeof request;
    } catch {
      return { status: 400, body: "not JSON" };
    }
    const session = this.#session(typeof request.sessionID === "string" ? request.sessionID : "0");
    try {
      const value = await this.#value(session, request.functionName, Array.isArray(request.params) ? request.params : []);
      return value === null ? null : reply(session, "0", "", value === nothing ? [] : [value]);
    } catch (error) {
      if (error instanceof ServerError) return reply(session, "1", error.message, []);
      throw error;
    }
  }

  async #value(session: Session, name: unknown, params: readonly unknown[]): Promise<LabValue | null> {
    if (typeof name !== "string") throw new ServerError("functionName is missing.");
    if (name !== "executeCode") return callFunction(this.#evaluator, session, name, params.map(fromJson));
    const script = (params[0] as { readonly value?: unknown } | undefined)?.value;
    if (typeof script !== "string") throw new ServerError("executeCode: a script is missing.");
    return this.#evaluator.script(session, decoded(script));
  }

  #session(id: string): Session {
    const known = this.#sessions.get(id);
    if (known !== undefined) return known;
    const made = this.#evaluator.session();
    this.#sessions.set(made.id, made);
    const [oldest] = this.#sessions.values();
    if (this.#sessions.size > MOST_SESSIONS && oldest !== undefined) {
      this.#sessions.delete(oldest.id);
      this.#evaluator.end?.(oldest);
    }
    return made;
  }
}

function decoded(script: string): string {
  try {
    return decodeURIComponent(script);
  } catch {
    return script;
  }
}

function reply(session: Session, resultCode: "0" | "1", msg: string, object: readonly LabValue[]): Reply {
  const body = JSON.stringify({ sessionID: session.id, resultCode, msg, object: object.map((value) => toJson(value)) });
  return { status: 200, headers: { "content-type": "application/json" }, body };
}
