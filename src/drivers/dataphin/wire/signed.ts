// The real way: signing and transport by the vendor's own library, RPC style, signature version 1.0 (facts 3.1). Loaded with the first call: it takes
// megabytes, and a plan that is only shown never needs it.
import { Refused, Unreachable } from "../../../model/errors.ts";
import { keyWords } from "./caller.ts";
import { parseJson } from "./json.ts";
import { openApiVersion, type ApiParameters, type OpenApi, type RawReply } from "./openapi.ts";
import { isObject, textIn } from "./reading.ts";

export interface Access {
  /** HOST:PORT. */
  readonly endpoint: string;
  readonly protocol: "http" | "https";
  keys(): Promise<{ readonly id: string; readonly secret: string }>;
}

/** Nothing of the request can have arrived. */
const neverSent = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"]);

export function signedOpenApi(access: Access): OpenApi {
  let client: ReturnType<typeof load> | null = null;
  return {
    async call(action, parameters, limits) {
      if (limits.signal?.aborted === true)
        throw new Refused(`${access.endpoint} was not asked: the time for it is over`, { object: access.endpoint });
      client ??= load(access);
      const loaded = client;
      // A key that could not be read this time may be there the next.
      loaded.catch(() => (client = null));
      const { core, OpenApiRequest } = await loaded;
      const request = new OpenApiRequest({ query: textOf(parameters) });
      const runtime = { connectTimeout: limits.timeoutMs, readTimeout: limits.timeoutMs } as Runtime;
      const exchange = core.doRPCRequest(action, openApiVersion, access.protocol, "POST", "AK", "string", request, runtime).then(
        (reply) => replyOf(access, reply),
        (error: unknown) => failureOf(access, error),
      );
      const reply = await within(access, exchange, limits);
      // Keys are changed while a run lasts: the next call reads them again.
      if (keyWords.test(textIn(isObject(reply.body) ? reply.body : null, "Code") ?? "")) client = null;
      return reply;
    },
  };
}

async function load(access: Access) {
  const [library, { id, secret }] = await Promise.all([import("@alicloud/openapi-core"), access.keys()]);
  // A CommonJS package: Node's module of it has all that it exports as `default`, a bundler's has the class.
  const exported: typeof library.default | typeof library.default.default = library.default;
  const Core = typeof exported === "function" ? exported : exported.default;
  const { $OpenApiUtil } = library;
  const config = new $OpenApiUtil.Config({
    accessKeyId: id,
    accessKeySecret: secret,
    endpoint: access.endpoint,
    protocol: access.protocol,
    userAgent: "stillwater",
  });
  return { core: new Core(config), OpenApiRequest: $OpenApiUtil.OpenApiRequest };
}
type Runtime = Parameters<Awaited<ReturnType<typeof load>>["core"]["doRPCRequest"]>[7];

/** Every parameter is text; what has a structure is JSON. */
const textOf = (parameters: ApiParameters): Record<string, string> =>
  Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) =>
      value === null ? [] : [[name, typeof value === "object" ? JSON.stringify(value) : String(value)]],
    ),
  );

interface LibraryReply {
  readonly statusCode?: unknown;
  readonly body?: unknown;
}
function replyOf(access: Access, { statusCode, body }: LibraryReply): RawReply {
  const status = typeof statusCode === "number" ? statusCode : 0;
  const text = typeof body === "string" ? body : "";
  try {
    return { status, body: parseJson(text) };
  } catch (error) {
    throw new Unreachable(`${access.endpoint} answers with status ${String(status)} and no JSON: ${text.slice(0, 80)}`, {
      object: access.endpoint,
      cause: error,
    });
  }
}

/** The library throws for every status from 400 on; what it read of the envelope is in the error. */
function failureOf(access: Access, error: unknown): RawReply {
  const seen = error as {
    readonly statusCode?: unknown;
    readonly data?: unknown;
    readonly code?: unknown;
    readonly name?: unknown;
    readonly message?: unknown;
  };
  if (typeof seen.statusCode === "number" && typeof seen.data === "object" && seen.data !== null)
    return { status: seen.statusCode, body: parseJson(JSON.stringify(seen.data)) };
  // An error status with a page instead of an envelope, as a proxy before the application has it; the library keeps no status of it.
  if (error instanceof SyntaxError || seen.name === "SyntaxError") return { status: 0, body: null };
  const message = typeof seen.message === "string" ? seen.message : String(error);
  const detail = { object: access.endpoint, cause: error };
  if (neverSent.has(String(seen.code)) || /ConnectTimeout/.test(message))
    throw new Refused(`${access.endpoint} cannot be reached: ${message}`, detail);
  throw new Unreachable(`${access.endpoint} did not answer: ${message}`, detail);
}

/** The library's own time-outs are of the connection and of the first byte; this is the one over all. */
function within(
  access: Access,
  exchange: Promise<RawReply>,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const end = (why: string) => (): void => {
      finish();
      reject(new Unreachable(`${access.endpoint} did not answer: ${why}`, { object: access.endpoint }));
    };
    const late = end(`no answer within ${String(timeoutMs)} ms`);
    const aborted = end("its time was over");
    const timer = setTimeout(late, timeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    exchange.then(
      (reply) => {
        finish();
        resolve(reply);
      },
      (error: unknown) => {
        finish();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}
