// Servers that answer what a test says, as bytes, and remember what they were asked.
import { Refused, Unreachable } from "../../../model/errors.ts";
import { encodeObject, type Argument } from "../wire/encode.ts";
import { Malformed, NoConnection } from "../wire/errors.ts";
import type { Connection, Transport } from "../wire/transport.ts";

/** A dictionary of texts, as getConfig() gives one. */
export interface TextDictionary {
  readonly is: "texts";
  readonly entries: Readonly<Record<string, string>>;
}
/** `cut`: the connection ends without an answer. `silent`: no answer within any time. */
export type Answer = { readonly value: Argument | TextDictionary } | { readonly error: string } | { readonly bytes: Uint8Array } | "cut" | "silent";
/** `server`: HOST:PORT. `what`: name of the function, or `script TEXT`, or `connect USER`. */
export interface Asked {
  readonly server: string;
  readonly what: string;
  readonly arguments: number;
  readonly connection: number;
}
export type Answers = (asked: Asked) => Answer | null;

export const value = (of: Argument | TextDictionary): Answer => ({ value: of });

export class ServerDouble implements Transport {
  readonly asked: Asked[] = [];
  /** What does not listen at all. */
  readonly down = new Set<string>();
  /** What takes no connection although it is there: a process that is stopped. */
  readonly frozen = new Set<string>();
  /** What takes connections and is no DolphinDB server. */
  readonly strange = new Set<string>();
  readonly #answers: Answers;
  #connections = 0;
  readonly #open = new Set<DoubleConnection>();

  constructor(answers: Answers) {
    this.#answers = answers;
  }
  open(address: string): Promise<Connection> {
    if (this.down.has(address)) return Promise.reject(new Refused(`${address} cannot be reached: connect ECONNREFUSED`, { object: address }));
    if (this.frozen.has(address)) return Promise.reject(new NoConnection(address, "it took no connection within 5000 ms"));
    if (this.strange.has(address)) return Promise.reject(new Malformed(address, "it listens and does not take the connection of a DolphinDB client"));
    const connection = new DoubleConnection(address, ++this.#connections, (asked) => {
      this.asked.push(asked);
      return this.#answers(asked);
    });
    this.#open.add(connection);
    return Promise.resolve(connection);
  }
  /** As when a server restarts: connections end, new ones are taken. */
  cut(address: string): void {
    for (const connection of this.#open) if (connection.address === address) connection.close();
  }
  whatOf(server: string): readonly string[] {
    return this.asked.filter((each) => each.server === server).map(({ what }) => what);
  }
}

class DoubleConnection implements Connection {
  readonly address: string;
  readonly #number: number;
  readonly #answer: (asked: Asked) => Answer | null;
  closed = false;

  constructor(address: string, number: number, answer: (asked: Asked) => Answer | null) {
    this.address = address;
    this.#number = number;
    this.#answer = answer;
  }
  request(message: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.closed) return Promise.reject(new Unreachable(`${this.address} closed the connection before its answer`, { object: this.address }));
    const asked = { server: this.address, connection: this.#number, ...requestIn(message) };
    const said =
      this.#answer(asked) ?? (asked.what.startsWith("connect") ? value(true) : { error: `Cannot recognize the token ${asked.what}. RefId: S00015` });
    if (said === "cut" || said === "silent") {
      this.closed = true;
      const why = said === "cut" ? "closed the connection before its answer" : `did not answer within ${String(timeoutMs)} ms`;
      return Promise.reject(new Unreachable(`${this.address} ${why}`, { object: this.address }));
    }
    if ("bytes" in said) return Promise.resolve(said.bytes);
    const head = `7${String(this.#number)} ${"value" in said ? "1" : "0"} 1\n`;
    if ("error" in said) return Promise.resolve(Buffer.from(`${head}${said.error}\n`));
    return Promise.resolve(Buffer.concat([Buffer.from(`${head}OK\n`), objectOf(said.value)]));
  }
  close(): void {
    this.closed = true;
  }
}

function requestIn(message: Uint8Array): Pick<Asked, "what" | "arguments"> {
  const bytes = Buffer.from(message);
  const [first = ""] = bytes.toString("latin1").split("\n", 1);
  const [, length] = /^API2 \S+ (\d+) \/ \S+$/.exec(first) ?? [];
  const body = bytes.subarray(first.length + 1, first.length + 1 + Number(length)).toString("utf8");
  const [command, ...lines] = body.split("\n");
  if (command === "function") return { what: lines[0] ?? "", arguments: Number(lines[1]) };
  return { what: command === "connect" ? `connect ${lines[1] ?? "guest"}` : `script ${lines.join("\n")}`, arguments: 0 };
}

function objectOf(of: Argument | TextDictionary): Uint8Array {
  if (of === null || typeof of !== "object" || !("is" in of) || of.is !== "texts") return encodeObject(of);
  const texts = (items: readonly string[]): Uint8Array => encodeObject({ is: "typed vector", type: "string", items });
  // 18: of strings; 5: a dictionary.
  return Buffer.concat([Buffer.from([18, 5]), texts(Object.keys(of.entries)), texts(Object.values(of.entries))]);
}
