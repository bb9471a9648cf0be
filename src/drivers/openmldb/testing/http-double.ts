// Servers that answer what a test says, and remember what they were sent.
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { HttpClient, HttpReply } from "../../../model/http.ts";

export interface Sent {
  readonly address: string;
  readonly path: string;
  readonly body: unknown;
  readonly authorization: string | undefined;
  readonly timeoutMs: number;
  /** Name of the host that an effect is sent from; null: from here. */
  readonly through: string | null;
}
/** `refused`: nobody listens. `closed`: the connection ends without an answer. `older`: the host says that a newer claim stands. `no-host`: the host cannot be reached. An object is a JSON body with HTTP status 200. */
type Answer = "refused" | "closed" | "older" | "no-host" | HttpReply | { readonly json: unknown };

export class HttpDouble implements HttpClient {
  readonly sent: Sent[] = [];
  readonly #answers = new Map<string, (body: unknown, turn: number) => Answer>();
  readonly #turns = new Map<string, number>();

  /** `at`: `ADDRESS /path`. What is not said is refused. */
  on(at: string, answer: Answer | ((body: unknown, turn: number) => Answer)): this {
    this.#answers.set(at, typeof answer === "function" ? answer : () => answer);
    return this;
  }
  async request({ url, headers, body, timeoutMs, through }: Parameters<HttpClient["request"]>[0]): Promise<HttpReply> {
    const match = /^http:\/\/([^/]+)(\/.*)$/.exec(url);
    const [address = "", path = ""] = [match?.[1], match?.[2]];
    const parsed: unknown = body === undefined ? undefined : JSON.parse(body);
    this.sent.push({ address, path, body: parsed, authorization: headers?.["authorization"], timeoutMs, through: through?.host.name ?? null });
    const at = `${address} ${path}`;
    const turn = this.#turns.get(at) ?? 0;
    this.#turns.set(at, turn + 1);
    const answer = this.#answers.get(at)?.(parsed, turn) ?? "refused";
    if (answer === "refused") throw new Refused(`${address} cannot be reached: connect ECONNREFUSED`, { object: address });
    if (answer === "older") throw new Refused(`run 1, epoch 1 is refused`, { object: through?.host.name ?? "", code: "SW3010" });
    if (answer === "no-host") throw new Unreachable("the connection was lost", { object: through?.host.name ?? "", code: "SW3001" });
    if (answer === "closed") throw new Unreachable(`${address} did not answer: socket hang up`, { object: address });
    return "json" in answer ? { status: 200, body: JSON.stringify(answer.json) } : answer;
  }
  /** Paths sent to an address, in order. */
  paths(address: string): readonly string[] {
    return this.sent.filter((each) => each.address === address).map(({ path }) => path);
  }
}
