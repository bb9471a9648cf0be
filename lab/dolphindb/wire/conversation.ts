// One connection of a client with a server: what its requests mean to the evaluator, and the bytes of the answers.
import type { Evaluator, Session } from "../logic/node.ts";
import { ServerError } from "../logic/node.ts";
import { bool, type LabValue, nothing } from "../value.ts";
import { callFunction } from "./call.ts";
import { callHelper, helperDefinedBy, type Helper } from "./client-helpers.ts";
import { type Command, NotARequest, readRequest } from "./request.ts";
import { answer, refusal } from "./response.ts";

/** Null: the connection is closed without a word. */
export type Answered = { readonly bytes: Uint8Array; readonly close: boolean } | null;

export class Conversation {
  readonly #evaluator: Evaluator;
  readonly #helpers = new Set<Helper>();
  #session: Session | null = null;

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  /** One whole request, as a WebSocket brings it. */
  message(bytes: Uint8Array): Promise<Answered> {
    let request;
    try {
      request = readRequest(bytes);
    } catch (error) {
      if (error instanceof NotARequest) return Promise.resolve(null);
      throw error;
    }
    if (request === null) return Promise.resolve(this.#refused("The request is not complete.", true));
    return this.command(request.command);
  }

  async command(command: Command): Promise<Answered> {
    this.#session ??= this.#evaluator.session();
    if (command.kind === "wrong") return this.#refused(command.why, command.lost);
    try {
      const value = await this.#result(this.#session, command);
      return value === "close" ? null : { bytes: answer(this.#session.id, value), close: false };
    } catch (error) {
      if (error instanceof ServerError) return this.#refused(error.message, false);
      throw error;
    }
  }

  /** Null: the answer holds no object. */
  async #result(session: Session, command: Exclude<Command, { kind: "wrong" }>): Promise<LabValue | null | "close"> {
    switch (command.kind) {
      case "connect":
        if (command.login === null) return null;
        await this.#evaluator.login(session, command.login.user, command.login.password);
        return bool(true);
      case "script": {
        const helper = helperDefinedBy(command.text);
        if (helper !== null) {
          this.#helpers.add(helper);
          return null;
        }
        const value = await this.#evaluator.script(session, command.text);
        if (value === null) return "close";
        return value === nothing ? null : value;
      }
      case "function":
        for (const helper of this.#helpers)
          if (helper === command.name) return (await callHelper(this.#evaluator, session, helper, command.args)) ?? "close";
        return (await callFunction(this.#evaluator, session, command.name, command.args)) ?? "close";
      case "variable":
        for (const [index, name] of command.names.entries()) session.variables.set(name, command.values[index] ?? nothing);
        return null;
    }
  }

  /** The connection is gone. */
  end(): void {
    if (this.#session !== null) this.#evaluator.end?.(this.#session);
    this.#session = null;
  }

  #refused(message: string, close: boolean): Answered {
    return { bytes: refusal(this.#session?.id ?? "0", message), close };
  }
}
