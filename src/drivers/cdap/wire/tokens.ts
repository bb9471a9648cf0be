// Access tokens of perimeter security (facts 1.1): where they come from, how long they live, and that many requests that find one expired ask for one new one.
import { z } from "zod";
import { Unreachable } from "../../../model/errors.ts";
import type { HttpClient } from "../../../model/http.ts";
import { CdapRefused, Malformed, wordsOf } from "./errors.ts";

export type Authorization =
  /** No perimeter security. */
  | { readonly by: "nobody" }
  /** A reference that gives the present token each time it is read. */
  | { readonly by: "token"; readonly read: () => Promise<string>; readonly renewable: boolean }
  /** Of the external authentication server; `server` null: the one that the 401 names. */
  | { readonly by: "password"; readonly user: string; readonly password: () => Promise<string>; readonly server: string | null };

export interface TokenLife {
  /** ms since 1970; null: nobody says. */
  readonly expiresAt: number | null;
  /** A new one can be had without a person. */
  readonly renewable: boolean;
}

const issued = z.object({ access_token: z.string().min(1), expires_in: z.number().nullish() });
const challenge = z.object({ auth_uri: z.array(z.string()).min(1) });

/** The authentication server that the body of a 401 names; null: it names none. */
export function authServerOf(body: string): string | null {
  try {
    const parsed = challenge.safeParse(JSON.parse(body));
    return parsed.success ? (parsed.data.auth_uri[0] ?? null) : null;
  } catch {
    return null;
  }
}

export class Tokens {
  readonly #authorization: Authorization;
  readonly #http: HttpClient;
  readonly #now: () => number;
  #token: string | null = null;
  #expiresAt: number | null = null;
  #server: string | null;
  #under: Promise<string> | null = null;

  constructor(authorization: Authorization, http: HttpClient, now: () => number) {
    this.#authorization = authorization;
    this.#http = http;
    this.#now = now;
    this.#server = authorization.by === "password" ? authorization.server : null;
  }

  /** Null: none is needed, or none can be had before a 401 has named the server. */
  async current(): Promise<string | null> {
    const { by } = this.#authorization;
    if (by === "nobody" || (by === "password" && this.#server === null)) return null;
    // One that is about to expire would be refused in the middle of an effect.
    if (this.#token !== null && (this.#expiresAt === null || this.#expiresAt - this.#now() > 30_000)) return this.#token;
    return this.#renew();
  }

  /** After a 401 to a request that carried `refused`. The new token; null: there is no other one. Throws when the authentication server gives none. */
  async after(refused: string | null, body: string): Promise<string | null> {
    if (this.#authorization.by === "nobody") return null;
    if (this.#authorization.by === "password") this.#server ??= authServerOf(body);
    // Somebody else's request found out before.
    if (this.#token !== null && this.#token !== refused) return this.#token;
    const next = await this.#renew();
    return next === refused ? null : next;
  }

  life(): TokenLife | null {
    if (this.#authorization.by === "nobody") return null;
    return { expiresAt: this.#expiresAt, renewable: this.#authorization.by === "password" || this.#authorization.renewable };
  }

  /** What may not appear in any text. */
  get secret(): string | null {
    return this.#token;
  }

  #renew(): Promise<string> {
    this.#under ??= this.#obtain().finally(() => {
      this.#under = null;
    });
    return this.#under;
  }

  async #obtain(): Promise<string> {
    const authorization = this.#authorization;
    switch (authorization.by) {
      case "nobody":
        throw new Unreachable("no token is configured");
      case "token": {
        this.#token = (await authorization.read()).trim();
        return this.#token;
      }
      case "password": {
        const url = this.#server;
        if (url === null)
          throw new CdapRefused("the authentication server", 401, "the answer names no authentication server", "Name it: authorization.server.");
        const basic = Buffer.from(`${authorization.user}:${await authorization.password()}`).toString("base64");
        const reply = await this.#http.request({ method: "GET", url, headers: { authorization: `Basic ${basic}` }, timeoutMs: 15_000 });
        if (reply.status !== 200)
          throw new CdapRefused(
            `a token of ${url}`,
            reply.status,
            wordsOf(reply.body),
            "Check user and password under `authorization` in the cluster file.",
          );
        const answer = issued.safeParse(parse(reply.body));
        if (!answer.success) throw new Malformed(`a token of ${url}`, "it has no access_token");
        this.#token = answer.data.access_token;
        this.#expiresAt = answer.data.expires_in == null ? null : this.#now() + answer.data.expires_in * 1_000;
        return this.#token;
      }
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
