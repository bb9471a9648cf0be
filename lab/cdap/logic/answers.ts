// How the server says things (facts section 1): JSON, text, and a few texts that are JSON strings.
import type { Reply } from "../../kit/network.ts";

const TEXT = { "content-type": "text/plain; charset=utf-8" } as const;
const JSON_TYPE = { "content-type": "application/json" } as const;

export const text = (status: number, body = ""): Reply => ({ status, headers: TEXT, body });
export const json = (value: unknown, status = 200): Reply => ({ status, headers: JSON_TYPE, body: JSON.stringify(value) });

/** An exception of a handler, with the status that the server's exception handler gives it. */
export class ServerError extends Error {
  readonly status: number;
  /** Sent by `sendJson`: the text comes as a JSON string. */
  readonly quoted: boolean;
  constructor(status: number, message: string, { quoted = false }: { readonly quoted?: boolean } = {}) {
    super(message);
    this.status = status;
    this.quoted = quoted;
  }
  get reply(): Reply {
    return this.quoted ? json(this.message, this.status) : text(this.status, this.message);
  }
}
export const badRequest = (message: string): ServerError => new ServerError(400, message);
export const conflict = (message: string): ServerError => new ServerError(409, message);
/** `entity` as `application:default.foo.-SNAPSHOT`. */
export const notFound = (entity: string): ServerError => new ServerError(404, `'${entity}' was not found.`);
