// One rpc over HTTP+JSON (facts 2.1, 2.2): what is sent, and what each way of failing means for what may have happened.
import { createHash } from "node:crypto";
import type { z } from "zod";
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Host } from "../../../model/host.ts";
import type { HttpClient, HttpReply } from "../../../model/http.ts";
import type { Json } from "../../../model/json.ts";
import { effectTimeoutMs, readTimeoutMs, rpcCodes, RpcRefused } from "../rpc.ts";
import { outcome } from "./replies.ts";

export type Service = "NameServer" | "TabletServer" | "openmldb.taskmanager.TaskManagerServer";
export interface Call<T> {
  /** HOST:PORT. */
  readonly address: string;
  /** How people know the server: `tablet t1 (10.0.0.1:10921)`. */
  readonly server: string;
  readonly service: Service;
  readonly method: string;
  readonly body: Json;
  readonly reply: z.ZodType<T>;
}
export type Credentials = { readonly user: string; readonly password: () => Promise<string> } | null;

/** `u<user>:1<sha256 of the password>`, or the token that services use among themselves: some header must be there (facts 2.2). */
export async function authorizationHeader(credentials: Credentials): Promise<string> {
  if (credentials === null) return "sdefault";
  const digest = createHash("sha256")
    .update(await credentials.password())
    .digest("hex");
  return `u${credentials.user}:1${digest}`;
}

/** Codes after which the server cannot know whether its write to ZooKeeper arrived. */
const undecided = new Set<number>([rpcCodes.setZooKeeperFailed, rpcCodes.zooKeeperError]);

export class Exchange {
  readonly #http: HttpClient;
  readonly #credentials: Credentials;
  readonly #now: () => number;
  /** On which host an effect for that address is sent. */
  readonly #hostFor: (address: string) => Host | null;
  #authorization: Promise<string> | null = null;

  constructor(http: HttpClient, credentials: Credentials, now: () => number, hostFor: (address: string) => Host | null = () => null) {
    this.#http = http;
    this.#credentials = credentials;
    this.#now = now;
    this.#hostFor = hostFor;
  }

  /** Throws Unreachable without an answer, RpcRefused for an answer with a code. A connection that was cut at once is tried a second time: reading twice does no harm. */
  async read<T>(call: Call<T>, timeoutMs: number = readTimeoutMs): Promise<T> {
    const began = this.#now();
    try {
      return this.#judge(call, await this.#send(call, timeoutMs), false);
    } catch (error) {
      const cut = error instanceof Unreachable && !(error instanceof Refused) && this.#now() - began < timeoutMs / 2;
      if (!cut) throw error;
      return this.#judge(call, await this.#send(call, timeoutMs), false);
    }
  }

  /** Sent by the helper on the server's host, which refuses an older epoch (SW3010), and only while the fence is alive. Throws Refused when nothing was done, Unreachable when it may have been. */
  async effect<T>(fence: Fence, call: Call<T>): Promise<T> {
    const authorization = await this.#header();
    if (fence.signal.aborted)
      throw new Refused(`${call.method} was not sent to ${call.server}: the time for it is over`, {
        object: call.server,
        remedy: "Nothing was done; Stillwater looks again by itself.",
      });
    return this.#judge(call, await this.#post(call, authorization, effectTimeoutMs, fence), true);
  }

  /** The body of a built-in page (facts 2.1). Throws Unreachable without an answer. */
  async page(address: string, path: string, timeoutMs: number = readTimeoutMs): Promise<HttpReply> {
    const authorization = await this.#header();
    return this.#http.request({ method: "GET", url: `http://${address}${path}`, headers: { authorization }, timeoutMs });
  }

  /** A missing secret is asked for again: it may be there the next time. */
  #header(): Promise<string> {
    this.#authorization ??= authorizationHeader(this.#credentials).catch((error: unknown) => {
      this.#authorization = null;
      throw error;
    });
    return this.#authorization;
  }

  async #send<T>(call: Call<T>, timeoutMs: number): Promise<HttpReply> {
    return this.#post(call, await this.#header(), timeoutMs);
  }

  async #post<T>(call: Call<T>, authorization: string, timeoutMs: number, fence?: Fence): Promise<HttpReply> {
    const host = fence === undefined ? null : this.#hostFor(call.address);
    try {
      return await this.#http.request({
        method: "POST",
        url: `http://${call.address}/${call.service}/${call.method}`,
        headers: { authorization, "content-type": "application/json" },
        body: JSON.stringify(call.body),
        timeoutMs,
        ...(fence === undefined ? {} : { signal: fence.signal }),
        ...(fence === undefined || host === null ? {} : { through: { host, fence } }),
      });
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      const detail = { object: call.server, cause: error };
      // An answer about our claim, not about the server: nobody may take it for a connection that was refused, and ask again.
      if (error.code === "SW3010") throw new StillwaterError("SW3010", error.message, { object: host?.name ?? call.server, cause: error });
      // The way to the host failed, not the one to the server: its own words say what to do.
      if (error.code !== "SW6001") {
        const way = `${call.method} to ${call.server} by way of ${host?.name ?? "here"}`;
        const more = { ...detail, code: error.code, remedy: error.remedy };
        if (error instanceof Refused) throw new Refused(`${way} was not sent: ${error.message}`, more);
        throw new Unreachable(`${way} has no answer: ${error.message}`, more);
      }
      if (error instanceof Refused)
        throw new Refused(`${call.server} cannot be reached for ${call.method}: ${error.message}`, {
          ...detail,
          remedy: `Check that it runs and listens on ${call.address}; see its log.`,
        });
      throw new Unreachable(`${call.server} gave no answer to ${call.method}: ${error.message}`, { ...detail, remedy: this.#silence() });
    }
  }

  #silence(): string {
    const who = this.#credentials === null ? "no `authorization` is configured" : `as user ${this.#credentials.user}`;
    return `See its log. A connection that is closed at once is also how a server with --skip_grant_tables=false refuses (here: ${who}).`;
  }

  #judge<T>(call: Call<T>, reply: HttpReply, effect: boolean): T {
    const detail = { object: call.server, why: [`${call.method} at ${call.address}`] };
    const parsed = reply.status === 200 ? parseJson(reply.body) : undefined;
    const said = outcome.safeParse(parsed);
    if (reply.status !== 200) {
      const words = `${call.server} answered ${call.method} with HTTP status ${String(reply.status)}: ${firstLine(reply.body)}`;
      // 500 alone may come from within the handler: everything else is decided before it is called.
      if (reply.status === 500) throw new Unreachable(words, { ...detail, remedy: "See its log." });
      throw new Refused(words, { ...detail, remedy: `Check that ${call.address} is ${call.server} and of a release that has this rpc.` });
    }
    if (!said.success)
      throw new Unreachable(`${call.server} answered ${call.method} with something that is no answer of OpenMLDB: ${firstLine(reply.body)}`, {
        ...detail,
        remedy: `Check that nobody else listens on ${call.address}.`,
      });
    const { code, msg } = said.data;
    if (code !== 0) {
      const words = `${call.server} refused ${call.method}: code ${String(code)}${msg === "" ? "" : `, ${msg}`}`;
      if (effect && undecided.has(code)) throw new Unreachable(`${words}; whether it was written to ZooKeeper is not known`, detail);
      throw new RpcRefused(code, words, { ...detail, ...remedyOf(code, call.method) });
    }
    const data = call.reply.safeParse(parsed);
    if (data.success) return data.data;
    throw new Unreachable(`${call.server} answered ${call.method} in a form that is not known: ${data.error.issues[0]?.message ?? ""}`, {
      ...detail,
      why: data.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
      remedy: "This release of Stillwater may be too old for this release of OpenMLDB; please report it.",
    });
  }
}

function remedyOf(code: number, method: string): { readonly remedy?: string } {
  switch (code) {
    case rpcCodes.autoFailoverEnabled:
      return { remedy: `${method} needs auto_failover to be off; somebody has turned it on.` };
    case rpcCodes.notLeadingNameserver:
      return { remedy: "Another nameserver leads, or none does yet; Stillwater asks again by itself." };
    case 1101:
      return { remedy: "Check user and password under `authorization` in the cluster file." };
    default:
      return {};
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
const firstLine = (text: string): string => {
  const line = text.trim().split("\n")[0] ?? "";
  return line === "" ? "(empty)" : line.slice(0, 200);
};
