// One call of DataService as an application makes it (facts 3.2): signed with its key and secret as the vendor's API gateway wants it, so that no secret is sent.
import { createHash, createHmac, randomUUID } from "node:crypto";
import type { DpCluster } from "../cluster.ts";
import type { WatchOptions } from "../options.ts";
import { parseJson } from "../wire/json.ts";
import { isObject, textIn, type JsonObject } from "../wire/reading.ts";

export interface GatewayCall {
  readonly api: { readonly id: string; readonly path?: string | undefined };
  readonly caller: WatchOptions["caller"];
  /** Default: production. */
  readonly stage?: "PROD" | "DEV";
  readonly fields?: readonly string[];
  /** Another secret than the caller's own. */
  readonly secret?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}
export type GatewayAnswer =
  | { readonly is: "answered"; readonly body: JsonObject | null }
  /** 429: above the limit. */
  | { readonly is: "throttled" }
  /** It said no: who asks, or what for. */
  | { readonly is: "refused"; readonly why: string }
  /** It, or what is behind it, did not work. */
  | { readonly is: "failed"; readonly why: string };

const signedHeaders = ["x-ca-key", "x-ca-nonce", "x-ca-signature-method", "x-ca-stage", "x-ca-timestamp"] as const;
const accept = "application/json";
const contentType = "application/json; charset=utf-8";

/** Throws only for a defect of ours: an unreachable gateway is an answer, too. */
export async function callGateway(cluster: DpCluster, url: string, call: GatewayCall): Promise<GatewayAnswer> {
  const { caller, stage = "PROD", fields, timeoutMs, signal } = call;
  const path = call.api.path ?? `/list/${call.api.id}`;
  const query = `appKey=${encodeURIComponent(caller.appKey)}&env=${stage}`;
  const body = JSON.stringify(fields === undefined ? {} : { returnFields: fields });
  const md5 = createHash("md5").update(body).digest("base64");
  const values: Record<(typeof signedHeaders)[number], string> = {
    "x-ca-key": caller.appKey,
    "x-ca-nonce": randomUUID(),
    "x-ca-signature-method": "HmacSHA256",
    "x-ca-stage": stage === "PROD" ? "RELEASE" : "PRE",
    "x-ca-timestamp": String(cluster.now()),
  };
  const text = ["POST", accept, md5, contentType, "", ...signedHeaders.map((name) => `${name}:${values[name]}`), `${path}?${query}`].join("\n");
  const secret = call.secret ?? (await cluster.secret(caller.appSecret));
  const headers = {
    ...values,
    accept,
    "content-md5": md5,
    "content-type": contentType,
    "x-ca-signature-headers": signedHeaders.join(","),
    "x-ca-signature": createHmac("sha256", secret).update(text).digest("base64"),
  };
  try {
    const reply = await cluster.http.request({ method: "POST", url: `${url}${path}?${query}`, headers, body, timeoutMs, signal });
    return judge(reply.status, reply.body);
  } catch (error) {
    return { is: "failed", why: error instanceof Error ? error.message : String(error) };
  }
}

/** What the gateway answers when all went well (facts 3.2). */
const okCode = "DPN-OLTP-COMMON-000";

function judge(status: number, text: string): GatewayAnswer {
  const body = objectIn(text);
  const code = textIn(body, "code") ?? textIn(body, "Code");
  const words = `status ${String(status)}${code === null ? "" : `, ${code}`}`;
  if (status === 429) return { is: "throttled" };
  if (status >= 500) return { is: "failed", why: words };
  if (status >= 200 && status < 300) return code === null || code === okCode ? { is: "answered", body } : { is: "failed", why: words };
  return { is: "refused", why: words };
}
function objectIn(text: string): JsonObject | null {
  try {
    const body = parseJson(text);
    return isObject(body) ? body : null;
  } catch {
    return null;
  }
}
