// Sessions over real sockets, against the lab's port, which the vendor's own client has been tried on.
import { createServer as createHttpServer } from "node:http";
import { createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EchoEvaluator } from "../../../../lab/dolphindb/wire/testing/echo-evaluator.ts";
import { listenOnPort } from "../../../../lab/dolphindb/wire/port.ts";
import { freePorts } from "../../../../lab/kit/free-ports.ts";
import type { Listener } from "../../../../lab/kit/network.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import { Malformed, NoConnection, ServerRefused } from "./errors.ts";
import { Session } from "./session.ts";
import { webSocketTransport } from "./web-socket.ts";

const evaluator = new EchoEvaluator();
let ports: readonly number[];
let listener: Listener;
let requests = 0;
const address = (index: number): string => `127.0.0.1:${String(ports[index] ?? 0)}`;
const open = (password = "123456", index = 0): Promise<Session> =>
  Session.open({
    transport: webSocketTransport,
    address: address(index),
    server: "data node d1",
    credentials: { user: "admin", password: () => Promise.resolve(password) },
    timeoutMs: 2_000,
  });

beforeAll(async () => {
  ports = await freePorts(4);
  listener = await listenOnPort(address(0), {
    evaluator,
    http: () => Promise.resolve({ status: 404, body: "" }),
    around: (request, serve) => {
      requests += 1;
      return request.includes("never") ? new Promise(() => {}) : serve();
    },
  });
});
afterAll(() => {
  listener.close();
});

describe("a session over a WebSocket", () => {
  it("logs in, calls functions with arguments of every kind the driver sends, and runs scripts", async () => {
    const session = await open();
    expect(await session.call("whoami", [], 1_000)).toBe("admin");
    expect(await session.script("20 + 22", 1_000)).toBe(42);
    expect(await session.script("", 1_000)).toBeNull();
    for (const value of [null, true, false, 7, -1.5, 2 ** 40, 2n ** 62n, "Ω \u0001 text", ["a", null, "c"], [1, 2 ** 40], [1, "x", [true]], []])
      expect(await session.call("echo", [value], 1_000), JSON.stringify(typeof value === "bigint" ? String(value) : value)).toEqual(value);
    const columns = [
      { name: "seq", type: "long" as const, items: Array.from({ length: 5_000 }, (_, index) => index) },
      { name: "writer", type: "symbol" as const, items: Array.from({ length: 5_000 }, (_, index) => `w${String(index % 3)}`) },
    ];
    expect(await session.call("echo", [{ is: "typed table", columns }], 5_000)).toEqual({
      is: "table",
      columns: ["seq", "writer"],
      data: columns.map(({ items }) => items),
    });
    session.close();
  });
  it("questions that are asked at once are answered in their order", async () => {
    const session = await open();
    const sums = await Promise.all(Array.from({ length: 20 }, (_, index) => session.call("add", [index, 1], 1_000)));
    expect(sums).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    session.close();
  });
  it("an error in words leaves the session as it is", async () => {
    const session = await open();
    await expect(session.call("fail", ["<NotLeader>10.0.0.2:8800:ctl2"], 1_000)).rejects.toMatchObject({
      tag: "NotLeader",
      leaderAddress: "10.0.0.2:8800",
    });
    expect(await session.call("add", [1, 1], 1_000)).toBe(2);
    session.close();
  });
  it("an answer that does not come in time ends the connection: it must not be taken for the answer to the next question", async () => {
    const session = await open();
    const error: unknown = await session.call("never", [], 200).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).not.toBeInstanceOf(Refused);
    expect(session.closed).toBe(true);
    const before = requests;
    await expect(session.call("add", [1, 1], 1_000)).rejects.toThrow(Refused);
    expect(requests).toBe(before);
  });
  it("a connection that ends before its answer leaves open what became of the question", async () => {
    const session = await open();
    const error: unknown = await session.call("hang", [], 5_000).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Unreachable);
    expect(error).not.toBeInstanceOf(Refused);
  });
  it("a wrong password is an answer", async () => {
    await expect(open("654321")).rejects.toThrow(ServerRefused);
  });
});

describe("an address that is not a DolphinDB server", () => {
  const listening = (server: Server, index: number): Promise<void> =>
    new Promise((resolve) => void server.listen(ports[index], "127.0.0.1", () => resolve()));

  it("nobody listens: refused, nothing was sent", async () => {
    const error: unknown = await open("123456", 1).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Refused);
    expect(String(error)).toContain("ECONNREFUSED");
  });
  it("takes a connection and says nothing: no connection came about, and nothing was sent", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => void sockets.push(socket));
    await listening(silent, 1);
    try {
      await expect(open("123456", 1)).rejects.toThrow(NoConnection);
    } finally {
      for (const socket of sockets) socket.destroy();
      silent.close();
    }
  });
  it("a web server, and one that says anything: not understood, which is neither refused nor empty", async () => {
    const web = createHttpServer((_, reply) => reply.end("hello"));
    await listening(web, 2);
    const chatter = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.end("220 mail.example ESMTP\r\n");
    });
    await listening(chatter, 3);
    try {
      for (const index of [2, 3]) await expect(open("123456", index)).rejects.toThrow(Malformed);
    } finally {
      web.close();
      chatter.close();
    }
  });
});
