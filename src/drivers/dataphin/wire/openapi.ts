// The way to Dataphin's management OpenAPI: RPC style, version 2023-06-30 (facts 3.1). What is called and what answers mean lies in `caller.ts`
// and `operations/`; a port only signs, carries and reads JSON.
import type { Json } from "../../../model/json.ts";

export const openApiVersion = "2023-06-30";

/** Parameters of one call. Objects and arrays travel as JSON text, ids of 64 bits as strings. */
export type ApiParameters = Readonly<Record<string, Json>>;

export interface CallLimits {
  /** Milliseconds for the whole exchange, connecting included. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}
/** Whatever came back. Integers beyond 2^53 are strings of their digits. */
export interface RawReply {
  /** 0: an error status, nobody knows which, with a page that is no JSON. */
  readonly status: number;
  readonly body: Json;
}

/** One exchange, never repeated by the port. */
export interface OpenApi {
  /** Any status is a reply. Throws `Refused` when nothing was sent, `Unreachable` when it may have arrived, or when the answer is no JSON. */
  call(action: string, parameters: ApiParameters, limits: CallLimits): Promise<RawReply>;
}
