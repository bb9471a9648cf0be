// One call of an operation: tenant, envelope, throttling. Decided on status codes and the envelope's own words; an answer that is neither is malformed.
import { setTimeout as pause } from "node:timers/promises";
import { Refused, Unreachable, type StillwaterError } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { ApiParameters, OpenApi, RawReply } from "./openapi.ts";
import { isObject, textIn, type JsonObject } from "./reading.ts";

/** What typed operations call. */
export interface Api {
  /** Asked again while it is throttled, until the deadline. Errors as `ApiRefused` tells, `Unreachable` without an answer. */
  read(action: string, parameters: ApiParameters): Promise<JsonObject>;
  /** Sent once; sent again only after an answer which says that it was throttled, so that nothing happened. */
  effect(fence: Fence, action: string, parameters: ApiParameters): Promise<JsonObject>;
}

/** The OpenAPI answered, and said no: nothing was done. */
export class ApiRefused extends Refused {
  readonly action: string;
  readonly status: number;
  /** As the envelope has it: `DPN.OP.ProjectNotExist`. */
  readonly word: string;
  constructor(action: string, status: number, word: string, message: string, remedy: string | null) {
    super(`${action}: ${word === "" ? `status ${String(status)}` : word}${message === "" ? "" : `: ${message}`}`, {
      object: action,
      ...(remedy === null ? {} : { remedy }),
    });
    this.name = "ApiRefused";
    this.action = action;
    this.status = status;
    this.word = word;
  }
}
/** It answered what no OpenAPI says: something else listens there, or a release that nobody knows. */
export class Malformed extends Unreachable {
  constructor(action: string, why: string) {
    super(`${action}: the answer is not one of Dataphin's OpenAPI: ${why}`, {
      object: action,
      remedy: "Check that the endpoint is the one of the OpenAPI, and not of the console or of DataService.",
    });
    this.name = "Malformed";
  }
}
/** The application is being started or is under maintenance, or what is before it says so. What was sent may have arrived. */
export class NotReady extends Unreachable {
  constructor(action: string, message: string) {
    super(`${action}: the application is not ready: ${message}`, { object: action });
    this.name = "NotReady";
  }
}

export interface CallerOptions {
  readonly openApi: OpenApi;
  readonly tenantId: string;
  now(): number;
  /** Milliseconds; absent: real ones. */
  readonly sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** Of one exchange. */
  readonly timeoutMs?: number;
  /** Until when a throttled call is tried again. */
  readonly deadlineMs?: number;
}
const usual = { timeoutMs: 10_000, deadlineMs: 30_000, firstBackoffMs: 250, longestBackoffMs: 4_000 } as const;

export function caller(options: CallerOptions): Api {
  const { openApi, tenantId, timeoutMs = usual.timeoutMs, deadlineMs = usual.deadlineMs } = options;
  const sleep = options.sleep ?? ((ms, signal) => pause(ms, undefined, signal === undefined ? {} : { signal }));

  async function call(action: string, parameters: ApiParameters, signal?: AbortSignal): Promise<JsonObject> {
    const until = options.now() + deadlineMs;
    for (let backoffMs: number = usual.firstBackoffMs; ; backoffMs = Math.min(backoffMs * 2, usual.longestBackoffMs)) {
      const limits = { timeoutMs, ...(signal === undefined ? {} : { signal }) };
      // The tenant comes with every call (facts 3.1).
      const reply = await openApi.call(action, { OpTenantId: tenantId, ...parameters }, limits);
      const verdict = judge(action, reply);
      if (verdict.is === "ok") return verdict.body;
      if (verdict.is === "refused") throw verdict.error;
      if (options.now() + backoffMs >= until || signal?.aborted === true)
        throw new ApiRefused(action, reply.status, verdict.word, `throttled for ${String(deadlineMs / 1_000)} s`, throttledRemedy);
      await sleep(backoffMs, signal);
    }
  }
  return {
    read: (action, parameters) => call(action, parameters),
    effect: (fence, action, parameters) => call(action, parameters, fence.signal),
  };
}

type Verdict =
  | { readonly is: "ok"; readonly body: JsonObject }
  | { readonly is: "throttled"; readonly word: string }
  | { readonly is: "refused"; readonly error: StillwaterError };

/** Wrong keys, as the gateway's words have them. */
export const keyWords =
  /^(InvalidAccessKeyId|SignatureDoesNotMatch|IncompleteSignature|InvalidAccessKeySecret|Forbidden\.AccessKey|SignatureNonceUsed)/;
const throttledRemedy = "Other callers use up the quota of this tenant: wait, or ask who they are.";
const keyRemedy = "Check accessKeyId and accessKeySecret under options.openapi, and the clock of this machine. RAM roles cannot call this API.";
const tenantRemedy = "Check options.openapi.tenantId, and that the user of the key is a member of the tenant.";

function judge(action: string, { status, body }: RawReply): Verdict {
  const envelope = isObject(body) ? body : null;
  const word = textIn(envelope, "Code") ?? textIn(envelope, "code") ?? "";
  const message = textIn(envelope, "Message") ?? textIn(envelope, "message") ?? "";
  if (status === 429 || word.startsWith("Throttling")) return { is: "throttled", word };
  if (envelope !== null && status >= 200 && status < 300) {
    if (word === "OK" && envelope["Success"] !== false) return { is: "ok", body: envelope };
    if (word === "") return { is: "refused", error: new Malformed(action, "it has no Code") };
    return { is: "refused", error: new ApiRefused(action, status, word, message, remedyOf(word)) };
  }
  if (status === 0) return { is: "refused", error: new NotReady(action, "an error page that is no JSON") };
  if (status === 502 || status === 503 || status === 504)
    return { is: "refused", error: new NotReady(action, message === "" ? `status ${String(status)}` : message) };
  if (status < 200 || word === "") return { is: "refused", error: new Malformed(action, `status ${String(status)} without a Code`) };
  return { is: "refused", error: new ApiRefused(action, status, word, message, remedyOf(word)) };
}
function remedyOf(word: string): string | null {
  if (keyWords.test(word)) return keyRemedy;
  if (/Tenant/.test(word)) return tenantRemedy;
  if (/^(NoPermission|Forbidden)/.test(word)) return "The user of the key lacks this permission in Dataphin.";
  return null;
}
