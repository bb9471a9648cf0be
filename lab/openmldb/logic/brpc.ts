// HTTP and JSON as brpc speaks them (facts 2.1, 2.2): a table of methods becomes a server, and nodes call each other the same way.
import type { Network, Reply, Request, Server } from "../../kit/network.ts";
import type { Authenticator } from "./authentication.ts";
import { ENUMS, type EnumName } from "./enums.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** JSON kind of a field; an enum's name: its values by name or by number, handed on as names. */
export type FieldKind = "number" | "string" | "boolean" | "list" | "message" | EnumName;
/** By path: `table_meta.tid` is a field of the message `table_meta`. Fields that are not listed are handed on as they are. */
export type Fields = Readonly<Record<string, FieldKind>>;

export interface Method {
  /** Missing: 400. A path below a message that is absent itself is not asked for. */
  readonly required: Fields;
  readonly optional: Fields;
  readonly handle: (request: JsonObject) => object | Promise<object>;
}
/** The handler may trust the fields that are listed, and those alone. */
export const method = (required: Fields, optional: Fields, handle: (request: never) => object | Promise<object>): Method => ({
  required,
  optional,
  handle: (request) => handle(request as never),
});

export interface BrpcService {
  /** With its package: `openmldb.nameserver.NameServer`. The last part alone is understood, too. */
  readonly name: string;
  readonly methods: Readonly<Record<string, Method>>;
}
export interface BrpcOptions {
  readonly services: readonly BrpcService[];
  /** Null: a release without authentication. */
  readonly authenticator: Authenticator | null;
  /** What `/version` says; null: not known yet. */
  readonly version: () => string | null;
  /** `/status` answers: --enable_status_service=true. */
  readonly status: boolean;
  /** Pages that only the lab has, by path. They need no authentication. */
  readonly labPages?: Readonly<Record<string, (request: Request) => Reply>>;
}

/** brpc's error codes, in the header x-bd-error-code. */
const NO_METHOD = 1002;
const BAD_REQUEST = 1003;
const text = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { "content-type": "text/plain", ...headers },
  body,
});
const failure = (status: number, code: number, words: string): Reply =>
  text(status, `[E${String(code)}]${words}`, { "x-bd-error-code": String(code) });

export function brpc(options: BrpcOptions): Server {
  const methods = new Map<string, CheckedMethod>();
  for (const { name, methods: table } of options.services) {
    for (const [methodName, one] of Object.entries(table)) {
      const checked = checkedMethod(one);
      methods.set(`/${name}/${methodName}`, checked);
      methods.set(`/${name.slice(name.lastIndexOf(".") + 1)}/${methodName}`, checked);
    }
  }
  let asked = 0;
  const pages: Readonly<Record<string, () => Reply>> = {
    "/health": () => text(200, "OK"),
    "/version": () => text(200, options.version() ?? "unknown"),
    "/brpc_metrics": () => text(200, `# TYPE rpc_server_requests counter\nrpc_server_requests ${String(asked)}\n`),
    ...(options.status ? { "/status": () => text(200, `version: ${options.version() ?? "unknown"}\nrequests: ${String(asked)}\n`) } : {}),
  };
  return async (request) => {
    const query = request.path.indexOf("?");
    const path = query < 0 ? request.path : request.path.slice(0, query);
    const page = pages[path];
    if (page !== undefined) return page();
    const labPage = options.labPages?.[path];
    if (labPage !== undefined) return labPage(request);
    // An absent header and a refused one end the same way: the connection is closed, and nothing is said.
    if (options.authenticator !== null) {
      const authorization = request.headers["authorization"];
      if (authorization === undefined || !options.authenticator(authorization)) return null;
    }
    const found = methods.get(path);
    if (found === undefined) return failure(404, NO_METHOD, `no method at ${path}`);
    asked += 1;
    const message = parse(found, request.body);
    if ("wrong" in message) return failure(400, BAD_REQUEST, `${path}: ${message.wrong}`);
    return { status: 200, headers: { "content-type": "application/json" }, body: toJson(await found.handle(message.right)) };
  };
}

interface CheckedMethod {
  readonly fields: readonly { readonly path: string; readonly kind: FieldKind; readonly required: boolean }[];
  readonly handle: Method["handle"];
}
const checkedMethod = ({ required, optional, handle }: Method): CheckedMethod => ({
  fields: [
    ...Object.entries(required).map(([path, kind]) => ({ path, kind, required: true })),
    ...Object.entries(optional).map(([path, kind]) => ({ path, kind, required: false })),
  ],
  handle,
});

function parse(found: CheckedMethod, body: string): { readonly right: JsonObject } | { readonly wrong: string } {
  let message: unknown = {};
  // A body is not even looked at when there is none; it is missed only when a field is required.
  if (body !== "" && body.trim() !== "") {
    try {
      message = JSON.parse(body);
    } catch {
      return { wrong: "the body is not JSON" };
    }
  }
  if (!isObject(message)) return { wrong: "the body is not a JSON object" };
  let right = message;
  for (const { path, kind, required } of found.fields) {
    const checked = check(right, path, kind, required);
    if ("wrong" in checked) return checked;
    right = checked.right;
  }
  return { right };
}

const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

function check(message: JsonObject, path: string, kind: FieldKind, required: boolean): { readonly right: JsonObject } | { readonly wrong: string } {
  const dot = path.indexOf(".");
  if (dot >= 0) {
    const name = path.slice(0, dot);
    const inner = message[name];
    if (inner === undefined || inner === null) return { right: message };
    if (!isObject(inner)) return { wrong: `${name} is not a message` };
    const checked = check(inner, path.slice(dot + 1), kind, required);
    if ("wrong" in checked || checked.right === inner) return "wrong" in checked ? checked : { right: message };
    return { right: { ...message, [name]: checked.right } };
  }
  const value = message[path];
  if (value === undefined || value === null) return required ? { wrong: `missing required field ${path}` } : { right: message };
  if (isEnumName(kind)) {
    const names = ENUMS[kind];
    if (typeof value === "string" && value in names) return { right: message };
    const name = Object.entries(names).find(([, number]) => number === value)?.[0];
    return name === undefined ? { wrong: `${path} is not a ${kind}` } : { right: { ...message, [path]: name } };
  }
  return isOfKind(value, kind) ? { right: message } : { wrong: `${path} is not a ${kind}` };
}

const isEnumName = (kind: FieldKind): kind is EnumName => kind in ENUMS;

function isOfKind(value: unknown, kind: Exclude<FieldKind, EnumName>): boolean {
  switch (kind) {
    case "number":
    case "string":
    case "boolean":
      return typeof value === kind;
    case "list":
      return Array.isArray(value);
    case "message":
      return isObject(value);
  }
}

/** Texts of frozen answers: most answers are one of a few. */
const known = new WeakMap<object, string>();

/** Unset fields and empty lists do not appear. */
function toJson(answer: object): string {
  const before = known.get(answer);
  if (before !== undefined) return before;
  const json = JSON.stringify(withoutUnset(answer));
  if (Object.isFrozen(answer)) known.set(answer, json);
  return json;
}
/** The same object where nothing has to go: most of what is answered is whole, and a replacer of JSON.stringify would be called for every value. */
function withoutUnset(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    let list: unknown[] | null = null;
    for (let index = 0; index < value.length; index += 1) {
      const kept = withoutUnset(value[index]);
      if (kept !== value[index]) (list ??= value.slice())[index] = kept;
    }
    return list ?? value;
  }
  const message = value as JsonObject;
  let copy: Record<string, unknown> | null = null;
  for (const name in message) {
    const field = message[name];
    const kept = field === null || (Array.isArray(field) && field.length === 0) ? undefined : withoutUnset(field);
    if (kept !== field) (copy ??= { ...message })[name] = kept;
  }
  return copy ?? message;
}

/** The server spoke HTTP, but not the method's answer. */
export class RpcFailure extends Error {
  readonly status: number;
  constructor(endpoint: string, path: string, { status, body }: Reply) {
    super(`${endpoint}${path}: HTTP ${String(status)} ${body.slice(0, 200)}`);
    this.status = status;
  }
}

/** What nodes show each other: the service token of facts 2.2. */
const AS_A_NODE = { "content-type": "application/json", authorization: "sdefault" };

/** From node to node. `path` is `Service/Method`. Throws NoReply, and RpcFailure for anything but 200. */
export async function callRpc<Answer>(network: Network, from: string, to: string, path: string, request: object, timeoutMs: number): Promise<Answer> {
  const reply = await network.call(from, to, { method: "POST", path: `/${path}`, headers: AS_A_NODE, body: JSON.stringify(request) }, timeoutMs);
  if (reply.status !== 200) throw new RpcFailure(to, `/${path}`, reply);
  return JSON.parse(reply.body) as Answer;
}
