// An effect as one HTTP request (facts 3.5, JSON API), so that the helper on the node's host sends it and refuses it when the claim is an older one.
import { z } from "zod";
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Host } from "../../../model/host.ts";
import type { HttpClient, HttpReply } from "../../../model/http.ts";
import type { Value } from "../rpc.ts";
import { Malformed, ServerRefused } from "./errors.ts";
import { login } from "./scripts.ts";
import type { Credentials } from "./session.ts";

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const replyShape = z.object({
  resultCode: z.union([z.string(), z.number()]).transform(String),
  msg: z.string().nullish(),
  object: z.array(z.object({ form: z.string(), value: z.unknown() }).loose()).nullish(),
});

export interface JsonRequest {
  readonly http: HttpClient;
  /** HOST:PORT. */
  readonly address: string;
  readonly server: string;
  readonly credentials: Credentials | null;
  readonly script: string;
  readonly through: { readonly host: Host; readonly fence: Fence };
  readonly timeoutMs: number;
}

/** Errors: `ServerRefused`, `Refused` when nothing was sent, SW3010 for an old claim, `Unreachable` when it may have been done. */
export async function sendScript({ http, address, server, credentials, script, through, timeoutMs }: JsonRequest): Promise<Value> {
  const password = credentials === null ? null : await credentials.password();
  const asked = script.replace(/\(.*/s, "");
  if (through.fence.signal.aborted) throw new Refused(`${asked} was not sent to ${server}: the time for it is over`, { object: server });
  const text = `${credentials === null || password === null ? "" : login(credentials.user, password)}${script}`;
  const body = JSON.stringify({
    sessionID: "0",
    functionName: "executeCode",
    params: [{ name: "script", form: "scalar", type: "string", value: encodeURIComponent(text) }],
  });
  const reply = await http
    .request({
      method: "POST",
      url: `http://${address}/`,
      headers: { "content-type": "application/json" },
      body,
      timeoutMs,
      signal: through.fence.signal,
      through,
    })
    .catch((error: unknown) => {
      throw said(error, asked, server, through.host.name);
    });
  return valueOf(reply, asked, server, password);
}

/** An answer about our claim is not one about the server, and what is wrong with the way to the host is told in its own words. */
function said(error: unknown, asked: string, server: string, host: string): unknown {
  if (!(error instanceof Unreachable)) return error;
  if (error.code === "SW3010") return new StillwaterError("SW3010", error.message, { object: host, cause: error });
  const detail = { object: server, cause: error, code: error.code, remedy: error.remedy };
  return error instanceof Refused
    ? new Refused(`${asked} was not sent to ${server}: ${error.message}`, detail)
    : new Unreachable(`${asked} to ${server} has no answer: ${error.message}`, detail);
}

function valueOf(reply: HttpReply, asked: string, server: string, password: string | null): Value {
  const parsed = reply.status === 200 ? replyShape.safeParse(jsonOf(reply.body)) : null;
  if (parsed === null || !parsed.success) throw new Malformed(server, `HTTP status ${String(reply.status)} to ${asked}`);
  const { resultCode, msg, object } = parsed.data;
  // A server may quote the script in its message, and the script begins with the login.
  if (resultCode !== "0") throw new ServerRefused(server, asked, withoutSecret((msg ?? "").replaceAll(/[\r\n]+/g, " "), password));
  const value = scalar.safeParse(object?.[0]?.value);
  return object?.[0]?.form === "scalar" && value.success ? value.data : null;
}
function withoutSecret(text: string, secret: string | null): string {
  if (secret === null || secret === "") return text;
  return text.replaceAll(secret, "***").replaceAll(encodeURIComponent(secret), "***");
}
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
