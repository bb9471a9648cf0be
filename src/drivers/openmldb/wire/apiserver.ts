// SQL through an APIServer (facts 2.9): no authenticator of its own, HTTP status 200 with a code.
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { HttpClient } from "../../../model/http.ts";
import { RpcRefused, type Rpc } from "../rpc.ts";
import { sqlReply } from "./replies.ts";

/** A query may ask every tablet. */
const queryTimeoutMs = 15_000;

export interface ApiServer {
  readonly server: string;
  readonly address: string;
}

/** For reading: the first that answers. Throws RpcRefused with the words of an answer that refuses, Unreachable when none answers. */
export async function querySql(http: HttpClient, servers: readonly ApiServer[], database: string, sql: string): ReturnType<Rpc["sql"]> {
  if (servers.length === 0)
    throw new Refused("the cluster file names no apiserver, and only an APIServer takes SQL over HTTP", {
      object: "apiserver",
      remedy: "Add a node of the role apiserver to the cluster file.",
    });
  const silent: string[] = [];
  for (const server of servers) {
    try {
      return await ask(http, server, database, sql);
    } catch (error) {
      if (!(error instanceof Unreachable) || error instanceof RpcRefused) throw error;
      silent.push(error.message);
    }
  }
  throw new Unreachable(`no APIServer answers: ${silent[0] ?? ""}`, { object: "apiserver", why: silent });
}

async function ask(http: HttpClient, { server, address }: ApiServer, database: string, sql: string): ReturnType<Rpc["sql"]> {
  const reply = await http.request({
    method: "POST",
    url: `http://${address}/dbs/${encodeURIComponent(database)}`,
    headers: { authorization: "sdefault", "content-type": "application/json" },
    body: JSON.stringify({ mode: "online", sql }),
    timeoutMs: queryTimeoutMs,
  });
  let body: unknown;
  try {
    body = JSON.parse(reply.body);
  } catch {
    body = null;
  }
  const parsed = sqlReply.safeParse(body);
  if (!parsed.success)
    throw new Unreachable(`${server} answered with something that is no answer of an APIServer (HTTP status ${String(reply.status)})`, {
      object: server,
      remedy: `Check that nobody else listens on ${address}.`,
    });
  if (parsed.data.code !== 0)
    throw new RpcRefused(parsed.data.code, `${server} refused the statement: code ${String(parsed.data.code)}, ${parsed.data.msg}`, {
      object: server,
      why: [sql],
    });
  return parsed.data.data?.data ?? [];
}
