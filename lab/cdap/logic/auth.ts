// Perimeter security (facts 1.1): an external authentication server that gives tokens for names and passwords, and a router that wants one.
import { randomUUID } from "node:crypto";
import type { Reply, Request, Server } from "../../kit/network.ts";
import type { Clock } from "../../kit/clock.ts";
import { json, text } from "./answers.ts";
import type { AuthSettings } from "./settings.ts";

export interface TokenState {
  readonly tokens: Record<string, { readonly user: string; readonly expires: number }>;
}
export type Entry = { readonly user: string; readonly may: "all" | "reads" } | { readonly refused: Reply };

const EXTENDED = 7;

export class Auth {
  readonly #clock: Clock;
  readonly #settings: AuthSettings;
  readonly #state: TokenState;

  constructor(clock: Clock, settings: AuthSettings, state: TokenState) {
    this.#clock = clock;
    this.#settings = settings;
    this.#state = state;
  }

  /** Of the authentication server: `GET /token`, `GET /extendedtoken`, with HTTP Basic. */
  readonly serve: Server = async ({ method, path, headers }) => {
    const name = path.split("?")[0];
    if (method !== "GET" || (name !== "/token" && name !== "/extendedtoken")) return text(404, "Not Found");
    const [scheme, encoded = ""] = (headers["authorization"] ?? "").split(" ");
    const [user = "", password = ""] = Buffer.from(encoded, "base64").toString("utf8").split(":");
    if (scheme !== "Basic" || this.#settings.users[user]?.password !== password)
      return { status: 401, headers: { "www-authenticate": 'Basic realm="cdap"' }, body: "Unauthorized" };
    const seconds = this.#settings.tokenSeconds * (name === "/token" ? 1 : EXTENDED);
    const token = randomUUID();
    this.#state.tokens[token] = { user, expires: this.#clock.now() + seconds * 1_000 };
    return json({ access_token: token, token_type: "Bearer", expires_in: seconds });
  };

  /** At the router. */
  enter({ headers }: Request): Entry {
    const [scheme, token = ""] = (headers["authorization"] ?? "").split(" ");
    const uri = { auth_uri: [`http://${this.#settings.endpoint}/token`] };
    const refuse = (challenge: string, body: object): Entry => ({
      refused: {
        status: 401,
        headers: { "www-authenticate": `Bearer realm="cdap"${challenge}`, "content-type": "application/json" },
        body: JSON.stringify(body),
      },
    });
    if (scheme !== "Bearer" || token === "") return refuse("", uri);
    const found = this.#state.tokens[token];
    if (found === undefined || found.expires <= this.#clock.now()) {
      const description = found === undefined ? "Invalid token signature." : "Expired token.";
      return refuse(` error="invalid_token" error_description="${description}"`, { error: "invalid_token", error_description: description, ...uri });
    }
    return { user: found.user, may: this.#settings.users[found.user]?.may ?? "reads" };
  }

  /** As if their time were over. */
  expireAll(): void {
    for (const [token, { user }] of Object.entries(this.#state.tokens)) this.#state.tokens[token] = { user, expires: this.#clock.now() };
  }
}
