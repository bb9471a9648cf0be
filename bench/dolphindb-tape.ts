// What a lab answered, kept to be played again without the lab: the driver then works alone in its process, and what it costs is its own.
import type { Host } from "../src/model/host.ts";
import type { Transport } from "../src/drivers/dolphindb/wire/transport.ts";

/** Answers to each question, in their order. */
export type Tape = Record<string, string[]>;

export interface Surroundings {
  readonly transport: Transport;
  readonly host: (name: string) => Host;
}

/** Whatever is answered goes on the tape, too. */
export const recorded = (tape: Tape, { transport, host }: Surroundings): Surroundings => ({
  transport: {
    async open(address, timeoutMs) {
      const connection = await transport.open(address, timeoutMs);
      return {
        get closed() {
          return connection.closed;
        },
        async request(message, withinMs) {
          const answer = await connection.request(message, withinMs);
          (tape[questionTo(address, message)] ??= []).push(Buffer.from(answer).toString("latin1"));
          return answer;
        },
        close: () => connection.close(),
      };
    },
  },
  host: (name) =>
    asHost(name, async (method, args) => {
      const real = host(name);
      const asked: unknown = Reflect.get(real, method);
      if (typeof asked !== "function") throw new Error(`a host has no ${method}`);
      const answer: unknown = await Reflect.apply(asked, real, args);
      (tape[questionOf(name, method, args)] ??= []).push(JSON.stringify({ answer }));
      return answer;
    }),
});

/** Throws for a question that is not on the tape. */
export function played(tape: Tape): Surroundings {
  const next = (question: string): string => {
    const answer = tape[question]?.shift();
    if (answer === undefined) throw new Error(`there is no answer on the tape to ${question}`);
    return answer;
  };
  return {
    transport: {
      open: async (address) => ({
        closed: false,
        request: async (message) => Buffer.from(next(questionTo(address, message)), "latin1"),
        close: () => {},
      }),
    },
    host: (name) =>
      asHost(name, async (method, args) => {
        const { answer } = JSON.parse(next(questionOf(name, method, args))) as { readonly answer: unknown };
        return answer;
      }),
  };
}

/** A session's number is the server's choice: `API2 SESSION LENGTH / FLAGS`. */
const questionTo = (address: string, message: Uint8Array): string =>
  `${address} ${Buffer.from(message)
    .toString("latin1")
    .replace(/^(API2) \S+/, "$1")}`;
const questionOf = (host: string, method: string, args: readonly unknown[]): string => `${host} ${method} ${JSON.stringify(args)}`;

/** Answers are data: nothing that is asked of a host here gives a function or bytes. */
const asHost = (name: string, ask: (method: string, args: readonly unknown[]) => Promise<unknown>): Host =>
  new Proxy({ name } as Host, {
    get: (target, key) => (key === "name" ? target.name : (...args: readonly unknown[]) => ask(String(key), args)),
  });
