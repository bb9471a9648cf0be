// A client of the vendor's API as an application has it: sessions over the lab's own wire, a list of sites, and what it does behind an error (facts 3.6).
import type { MemoryConnection, MemoryTransport } from "../../lab/dolphindb/memory/transport.ts";
import type { LabValue } from "../../lab/dolphindb/value.ts";
import { ByteReader } from "../../lab/dolphindb/wire/bytes.ts";
import { readObject } from "../../lab/dolphindb/wire/decode.ts";
import { encode } from "../../lab/dolphindb/wire/encode.ts";

/** One line of the server's, with its tag or RefId. */
export class ServerSaid extends Error {}

const FLAGS = "0_1_4_64";
const text = new TextEncoder();

export class ApiSession {
  readonly #connection: MemoryConnection;
  #id = "0";

  private constructor(connection: MemoryConnection) {
    this.#connection = connection;
  }
  /** Errors of the transport, and ServerSaid. */
  static async open(transport: MemoryTransport, site: string, timeoutMs: number): Promise<ApiSession> {
    const session = new ApiSession(await transport.open(site, timeoutMs));
    await session.#ask("connect\nlogin\nadmin\n123456", [], timeoutMs);
    return session;
  }
  get closed(): boolean {
    return this.#connection.closed;
  }
  close(): void {
    this.#connection.close();
  }
  call(name: string, args: readonly LabValue[], timeoutMs: number): Promise<LabValue | null> {
    return this.#ask(`function\n${name}\n${String(args.length)}\n1\n`, args, timeoutMs);
  }
  script(code: string, timeoutMs: number): Promise<LabValue | null> {
    return this.#ask(`script\n${code}`, [], timeoutMs);
  }
  async #ask(body: string, args: readonly LabValue[], timeoutMs: number): Promise<LabValue | null> {
    const bytes = text.encode(body);
    const head = text.encode(`API2 ${this.#id} ${String(bytes.length)} / ${FLAGS}\n`);
    const answer = await this.#connection.request(Buffer.concat([head, bytes, ...args.map(encode)]), timeoutMs);
    const lines = Buffer.from(answer).toString("latin1").split("\n", 2);
    const [id = "0", objects = "0"] = (lines[0] ?? "").split(" ");
    const second = (lines[0]?.length ?? 0) + 1;
    const said = Buffer.from(answer.subarray(second, second + (lines[1]?.length ?? 0))).toString();
    if (said !== "OK") throw new ServerSaid(said);
    this.#id = id;
    return objects === "1" ? readObject(new ByteReader(answer, second + 3)) : null;
  }
}
