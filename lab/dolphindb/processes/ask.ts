// Questions to a lab's servers from outside, over the JSON API that DolphinDB has.
import { setTimeout as after } from "node:timers/promises";
import { NoReply } from "../../kit/network.ts";
import { RealNetwork } from "../../kit/real-network.ts";
import { nodesOf, type LabFile } from "./lab-file.ts";

export const operator = { user: "admin", password: "123456" } as const;
/** A cell of an answer. */
export type Cell = string | number | boolean | null;
export type Row = Readonly<Record<string, Cell>>;
export type Answer =
  | { readonly kind: "value"; readonly value: Cell | readonly Cell[] }
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  /** The server's own words. */
  | { readonly kind: "error"; readonly message: string }
  /** Nothing answers there. */
  | { readonly kind: "silent" };

/** Type and values of each column. */
export type Columns = Readonly<Record<string, readonly [type: string, items: readonly Cell[]]>>;
type Param = string | number | boolean | readonly string[] | Columns;
interface JsonObject {
  readonly name: string;
  readonly form: string;
  readonly type?: string;
  readonly value: unknown;
}
const TIMEOUT_MS = 20_000;

export class LabClient {
  readonly #network = new RealNetwork();
  readonly #lab: LabFile;
  /** Endpoint to the session there. */
  readonly #sessions = new Map<string, string>();

  constructor(lab: LabFile) {
    this.#lab = lab;
  }
  close(): void {
    this.#network.close();
  }

  /** As the administrator. A STRING for text, an INT for a number, a vector of STRING for several texts, a table for columns. */
  async call(endpoint: string, name: string, args: readonly Param[] = []): Promise<Answer> {
    const first = await this.#post(endpoint, name, args.map(param));
    // The session of a process that is gone is nobody's in the next one.
    if (first.kind !== "error" || !/login|permission|not granted|privilege|logged/i.test(first.message)) return first;
    const login = await this.#post(endpoint, "login", [param(operator.user), param(operator.password)]);
    return login.kind === "error" || login.kind === "silent" ? login : this.#post(endpoint, name, args.map(param));
  }
  async script(endpoint: string, text: string): Promise<Answer> {
    const value = encodeURIComponent(`login("${operator.user}", "${operator.password}"); ${text}`);
    return this.#post(endpoint, "executeCode", [{ name: "script", form: "scalar", type: "string", value }]);
  }
  /** To a page of the lab alone. Null: nothing answers. */
  async page(endpoint: string, path: string, body: unknown): Promise<string | null> {
    try {
      const headers = { "content-type": "application/json" };
      const { status, body: text } = await this.#network.call(
        "lab",
        endpoint,
        { method: "POST", path, headers, body: JSON.stringify(body) },
        TIMEOUT_MS,
      );
      if (status !== 200) throw new Error(`${endpoint}${path}: ${text}`);
      return text;
    } catch (error) {
      if (error instanceof NoReply) return null;
      throw error;
    }
  }

  /** Endpoint of the controller that leads; null: none does. */
  async leader(): Promise<string | null> {
    for (const { endpoint } of nodesOf(this.#lab, "controller")) if ((await this.call(endpoint, "getClusterPerf")).kind === "rows") return endpoint;
    return null;
  }
  /** Of the leading controller; null: none leads. */
  async cluster(): Promise<readonly Row[] | null> {
    const leader = await this.leader();
    const answer = leader === null ? null : await this.call(leader, "getClusterPerf");
    return answer?.kind === "rows" ? answer.rows : null;
  }
  async isTrue(endpoint: string, name: string): Promise<boolean> {
    const answer = await this.call(endpoint, name);
    return answer.kind === "value" && String(answer.value) === "1";
  }
  /** Error with `what` when it does not hold within that time, in milliseconds. */
  async until(what: string, holds: () => Promise<boolean>, withinMs: number): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await holds())) {
      if (Date.now() > end) throw new Error(`not within ${String(Math.round(withinMs / 1000))} s: ${what}`);
      await after(100);
    }
  }

  async #post(endpoint: string, functionName: string, params: readonly object[]): Promise<Answer> {
    const body = JSON.stringify({ sessionID: this.#sessions.get(endpoint) ?? "0", functionName, params });
    let text: string;
    try {
      ({ body: text } = await this.#network.call("lab", endpoint, { method: "POST", path: "/", headers: {}, body }, TIMEOUT_MS));
    } catch (error) {
      if (error instanceof NoReply) return { kind: "silent" };
      throw error;
    }
    const answer = JSON.parse(text) as {
      readonly sessionID: string;
      readonly resultCode: string;
      readonly msg: string;
      readonly object: readonly JsonObject[];
    };
    this.#sessions.set(endpoint, answer.sessionID);
    if (answer.resultCode !== "0") return { kind: "error", message: answer.msg };
    const [object] = answer.object;
    if (object === undefined) return { kind: "value", value: null };
    return object.form === "table" ? { kind: "rows", rows: rowsOf(object) } : { kind: "value", value: object.value as Cell };
  }
}

function param(value: Param): object {
  const vector = (name: string, type: string, items: readonly Cell[]) => ({ name, form: "vector", type, size: String(items.length), value: items });
  if (isTexts(value)) return vector("", "string", value);
  if (typeof value === "object") {
    const columns = Object.entries(value).map(([name, [type, items]]) => vector(name, type, items));
    return { name: "", form: "table", size: columns[0]?.size ?? "0", value: columns };
  }
  const type = typeof value === "string" ? "string" : typeof value === "number" ? "int" : "bool";
  return { name: "", form: "scalar", type, value: String(value) };
}

const isTexts = (value: Param): value is readonly string[] => Array.isArray(value);

function rowsOf({ value }: JsonObject): readonly Row[] {
  const columns = value as readonly { readonly name: string; readonly value: readonly Cell[] }[];
  return (columns[0]?.value ?? []).map((_, index) => Object.fromEntries(columns.map((column) => [column.name, column.value[index] ?? null])));
}
