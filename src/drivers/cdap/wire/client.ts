// One exchange with the router, and what is done about a token that has expired and a service that is not there yet (facts 1, 1.1).
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Host } from "../../../model/host.ts";
import type { HttpClient, HttpReply, HttpRequest } from "../../../model/http.ts";
import { CdapRefused, wordsOf } from "./errors.ts";
import type { Pace } from "./pace.ts";
import type { Tokens } from "./tokens.ts";

/** The router or a service behind it is not there: nothing is known. */
const notThere: ReadonlySet<number> = new Set([502, 503, 504]);
const readTimeoutMs = 30_000;

export interface ClientOptions {
  readonly http: HttpClient;
  /** Without `/v3` and without a slash at its end. */
  readonly url: string;
  /** Through which effects over plain HTTP go; null: nothing but reads. */
  readonly host: Host | null;
  readonly tokens: Tokens;
  readonly wait: (ms: number) => Promise<void>;
  /** How long a read asks again while a service is not there, in ms. */
  readonly patienceMs: number;
  /** Absent: as fast as it is asked. */
  readonly pace?: Pace;
}
export interface Question {
  /** From `/v3` on. A POST here only asks. */
  readonly path: string;
  readonly method?: "GET" | "POST";
  readonly body?: string;
  readonly timeoutMs?: number;
  readonly wants?: "bytes";
  /** 0: one answer is enough, whatever it is. Default: `patienceMs` of the client. */
  readonly patienceMs?: number;
}
export interface Effect {
  readonly method: "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export class CdapClient {
  readonly #options: ClientOptions;
  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** So many programs of a namespace run: how fast is fine depends on it. */
  sees(namespace: string, programs: number): void {
    this.#options.pace?.sees(namespace, programs);
  }
  get #through(): Host | null {
    return this.#options.url.startsWith("https:") ? null : this.#options.host;
  }
  /** Name of the host that effects go through; null: over https, where no host can refuse an old claim. For `Acting.send`. */
  get via(): string | null {
    return this.#through?.name ?? null;
  }

  /**
   * Any status but 401, 403, 502, 503 and 504. Throws `Refused` when nobody listens, `CdapRefused` for 401 and 403, `Unreachable` when a service is not there
   * for longer than the patience.
   */
  async ask({ path, method = "GET", body, timeoutMs = readTimeoutMs, wants, patienceMs = this.#options.patienceMs }: Question): Promise<HttpReply> {
    const request: Omit<HttpRequest, "url" | "headers"> = {
      method,
      timeoutMs,
      ...(body === undefined ? {} : { body }),
      ...(wants === undefined ? {} : { wants }),
    };
    let waited = 0;
    let cut = false;
    for (let pauseMs = 250; ; pauseMs = Math.min(pauseMs * 2, 2_000)) {
      let reply: HttpReply;
      try {
        reply = await this.#authorized(path, request, body === undefined ? {} : json);
      } catch (error) {
        // A read may be asked again: a router closes connections that it kept open, and says nothing then.
        if (cut || patienceMs === 0 || error instanceof Refused || !(error instanceof Unreachable)) throw error;
        cut = true;
        continue;
      }
      if (!notThere.has(reply.status)) return this.#judged(path, reply);
      if (waited >= patienceMs)
        throw new Unreachable(`${path} answers ${String(reply.status)}: ${this.#words(reply.body)}`, {
          object: path,
          remedy: "A service of CDAP is not up: see /v3/system/services/status. Stillwater asks again by itself during a run.",
        });
      await this.#options.wait(pauseMs);
      waited += pauseMs;
    }
  }

  /**
   * Sent once. Any answer that says what happened: statuses 500 and 502 to 504 do not, and throw `Unreachable`, as a cut does. `CdapRefused` for 401 and 403,
   * `Refused` when nothing was sent, SW3010 for an old claim.
   */
  async send(fence: Fence, { method, path, body, headers = {}, timeoutMs = 30_000 }: Effect): Promise<HttpReply> {
    if (fence.signal.aborted) throw new Refused(`${path} was not sent: the time for it is over`, { object: path });
    const host = this.#through;
    const through = host === null ? {} : { through: { host, fence } };
    const request = { method, timeoutMs, signal: fence.signal, ...(body === undefined ? {} : { body }), ...through } as const;
    const reply = await this.#authorized(path, request, { ...(body === undefined ? {} : json), ...headers });
    if (reply.status === 500 || notThere.has(reply.status))
      throw new Unreachable(
        `${method} ${path} was answered with ${String(reply.status)}, so what became of it is not known: ${this.#words(reply.body)}`,
        {
          object: path,
        },
      );
    return this.#judged(path, reply);
  }

  /** The server's words, without the token. */
  refusal(asked: string, { status, body }: HttpReply): CdapRefused {
    return new CdapRefused(asked, status, this.#words(body));
  }

  /** A 401 did nothing, so an effect may be sent again with a new token, too. */
  async #authorized(path: string, request: Omit<HttpRequest, "url" | "headers">, headers: Readonly<Record<string, string>>): Promise<HttpReply> {
    const { tokens } = this.#options;
    const token = await tokens.current();
    const reply = await this.#exchange(path, request, headers, token);
    if (reply.status !== 401) return reply;
    const next = await tokens.after(token, reply.body);
    return next === null ? reply : this.#exchange(path, request, headers, next);
  }

  async #exchange(
    path: string,
    request: Omit<HttpRequest, "url" | "headers">,
    headers: Readonly<Record<string, string>>,
    token: string | null,
  ): Promise<HttpReply> {
    const { http, url, pace } = this.#options;
    await pace?.take();
    const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
    try {
      return await http.request({ ...request, url: `${url}${path}`, headers: { ...headers, ...authorization } });
    } catch (error) {
      // An answer about our claim is not one about the server.
      if (error instanceof Unreachable && error.code === "SW3010")
        throw new StillwaterError("SW3010", error.message, { object: this.via ?? path, cause: error });
      throw error;
    }
  }

  #judged(path: string, reply: HttpReply): HttpReply {
    if (reply.status === 401)
      throw new CdapRefused(path, 401, this.#words(reply.body), "Name user and password, or a token, under `authorization` in the cluster file.");
    if (reply.status === 403)
      throw new CdapRefused(path, 403, this.#words(reply.body), "The principal lacks a permission: an administrator of CDAP grants it.");
    return reply;
  }
  #words(body: string): string {
    const { secret } = this.#options.tokens;
    return secret === null || secret === "" ? wordsOf(body) : wordsOf(body).replaceAll(secret, "***");
  }
}
const json = { "content-type": "application/json" } as const;
