import type { Network } from "../../../kit/network.ts";
import { RpcFailure } from "../brpc.ts";

export type Service = "NameServer" | "TabletServer" | "TaskManagerServer";
const PATHS: Readonly<Record<Service, string>> = {
  NameServer: "/NameServer",
  TabletServer: "/TabletServer",
  TaskManagerServer: "/openmldb.taskmanager.TaskManagerServer",
};

export interface Answer {
  readonly code: number;
  readonly msg?: string;
}
/** Who calls, and how. */
export interface Caller {
  readonly network: Network;
  /** Endpoint of the caller. */
  readonly from: string;
  /** The header without which nameservers and tablets close the connection (facts 2.2). */
  readonly authorization: string;
  /** Milliseconds. */
  readonly timeoutMs: number;
}

/** One remote call (facts 2.1). Throws NoReply, and RpcFailure for an answer that is none of the method: whether anything happened is not known from it. */
export async function call<T extends Answer>(caller: Caller, to: string, service: Service, method: string, request: object): Promise<T> {
  const { network, from, authorization, timeoutMs } = caller;
  const headers = { authorization, "content-type": "application/json" };
  const sent = { method: "POST", path: `${PATHS[service]}/${method}`, headers, body: JSON.stringify(request) };
  const reply = await network.call(from, to, sent, timeoutMs);
  if (reply.status !== 200) throw new RpcFailure(to, sent.path, reply);
  try {
    return JSON.parse(reply.body) as T;
  } catch {
    throw new RpcFailure(to, sent.path, reply);
  }
}
