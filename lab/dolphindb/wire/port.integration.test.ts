// One port, three languages (facts 3.2).
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePorts } from "../../kit/free-ports.ts";
import type { Listener, Request } from "../../kit/network.ts";
import { encode } from "./encode.ts";
import { int } from "../value.ts";
import { withFaces } from "./http-faces.ts";
import { PeerLinks } from "./peer-link.ts";
import { listenOnPort } from "./port.ts";
import { EchoEvaluator } from "./testing/echo-evaluator.ts";

const ended: string[] = [];
class Counting extends EchoEvaluator {
  end(session: { readonly id: string }): void {
    ended.push(session.id);
  }
}
const evaluator = new Counting();
let port: number;
let listener: Listener;
/** Told of each request that is never answered, when it has arrived. */
let unanswered: () => void = () => {};
const unansweredOne = (): Promise<void> =>
  new Promise((resolve) => {
    unanswered = resolve;
  });
const silence = <T>(): Promise<T> => {
  unanswered();
  return new Promise(() => {});
};
beforeAll(async () => {
  port = (await freePorts(1))[0] ?? 0;
  const inner = ({ path, body }: Request) =>
    path === "/lab/slow"
      ? silence<null>()
      : Promise.resolve(path === "/lab/gone" ? null : path === "/lab/echo" ? { status: 200, body } : { status: 404, body: "" });
  listener = await listenOnPort(`127.0.0.1:${String(port)}`, {
    evaluator,
    http: withFaces(evaluator, inner),
    around: (asked, work) => (asked.includes("lost") ? silence() : work()),
  });
});
afterAll(async () => {
  const arrived = unansweredOne();
  const asked = new PeerLinks().call(`127.0.0.1:${String(port)}`, { method: "POST", path: "/lab/slow", headers: {}, body: "" }, 60_000);
  await arrived;
  listener.close();
  await expect(asked, "a node that ends").rejects.toMatchObject({ failure: "closed" });
});

const login = "API 0 26 / 0_1_4_64\nconnect\nlogin\nadmin\n123456";
const sum = "API 7 12 / 0_1_4_64\nscript\n1 + 1";
const tcp = async (): Promise<Socket> => {
  const socket = connect(port, "127.0.0.1");
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
};
/** What comes until it holds that. */
const until = (socket: Socket, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let all = "";
    socket.on("data", (data) => {
      all += data.toString("latin1");
      if (all.includes(text)) resolve(all);
    });
    socket.once("close", () => {
      reject(new Error(`closed after ${JSON.stringify(all)}`));
    });
  });

describe("one port", () => {
  it("TCP: requests in pieces and several in one piece are answered in order", async () => {
    const socket = await tcp();
    const answered = until(socket, "\u0004\u0000\u0002\u0000\u0000\u0000");
    for (const byte of login) socket.write(byte);
    socket.write(sum);
    const [first, second, ...rest] = (await answered).split("OK\n");
    expect([first, second, rest.length]).toEqual([expect.stringMatching(/^\d+ 1 1\n$/), expect.stringContaining("\u0001\u0000\u0001"), 1]);
    const twice = until(socket, "\u0007\u0000\u0000\u0000");
    const body = "function\nadd\n2\n1\n";
    const add = Buffer.concat([Buffer.from(`API 7 ${String(body.length)} / 0_1_4_64\n${body}`), encode(int(3)), encode(int(4))]);
    socket.write(Buffer.concat([Buffer.from(sum), add]));
    expect((await twice).split("OK\n")).toHaveLength(3);
    const before = ended.length;
    socket.destroy();
    await expect.poll(() => ended.length).toBe(before + 1);
  });

  it("TCP: what is no request closes the connection", async () => {
    const socket = await tcp();
    const closed = until(socket, "never");
    socket.write("API is not what follows\n");
    await expect(closed).rejects.toThrow("closed");
  });

  it("WebSocket: a message for each", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}`);
    socket.binaryType = "arraybuffer";
    await new Promise((resolve) => {
      socket.addEventListener("open", resolve);
    });
    const next = (): Promise<string> =>
      new Promise((resolve) => {
        socket.addEventListener("message", ({ data }) => resolve(Buffer.from(data as ArrayBuffer).toString("latin1")), { once: true });
      });
    const first = next();
    socket.send(new TextEncoder().encode(login));
    expect(await first).toContain("OK\n");
    const second = next();
    socket.send(new TextEncoder().encode(sum));
    expect(await second).toContain("\u0004\u0000\u0002\u0000\u0000\u0000");
    socket.close();
  });

  it("WebSocket: an answer that is lost does not come", async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${String(port)}`);
    await new Promise((resolve) => {
      socket.addEventListener("open", resolve);
    });
    let heard = 0;
    socket.addEventListener("message", () => (heard += 1));
    const arrived = unansweredOne();
    socket.send(new TextEncoder().encode("API 0 11 / 0_1_4_64\nscript\nlost"));
    await arrived;
    // What somebody else asks later is answered, and this still is not.
    const other = await tcp();
    const answered = until(other, "\u0004\u0000\u0002\u0000\u0000\u0000");
    other.write(`${login}${sum}`);
    await answered;
    expect(heard).toBe(0);
    other.destroy();
    socket.close();
  });

  it("nodes among themselves: many requests on one connection, and each way in which an answer does not come", async () => {
    const links = new PeerLinks();
    const endpoint = `127.0.0.1:${String(port)}`;
    const ask = (path: string, body = "", timeoutMs = 5_000) => links.call(endpoint, { method: "POST", path, headers: {}, body }, timeoutMs);
    const slow = expect(ask("/lab/slow", "", 50)).rejects.toMatchObject({ failure: "time-out" });
    const texts = Array.from({ length: 50 }, (_, index) => "grün ".repeat(index * 100));
    expect((await Promise.all(texts.map((text) => ask("/lab/echo", text)))).map(({ body }) => body)).toEqual(texts);
    await slow;
    await expect(ask("/lab/gone")).rejects.toMatchObject({ failure: "closed" });
    const [free] = await freePorts(1);
    await expect(links.call(`127.0.0.1:${String(free)}`, { method: "POST", path: "/", headers: {}, body: "" }, 5_000)).rejects.toMatchObject({
      failure: "refused",
    });
  });

  it("HTTP: the JSON API", async () => {
    const params = [{ name: "script", form: "scalar", type: "string", value: encodeURIComponent("1 + 2") }];
    const answer = await fetch(`http://127.0.0.1:${String(port)}/`, {
      method: "POST",
      body: JSON.stringify({ sessionID: "0", functionName: "executeCode", params }),
    });
    expect(await answer.json()).toMatchObject({ resultCode: "0", object: [{ value: "3" }] });
    expect((await fetch(`http://127.0.0.1:${String(port)}/nothing`)).status).toBe(404);
  });
});
