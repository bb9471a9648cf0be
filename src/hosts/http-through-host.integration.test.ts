import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Refused, StillwaterError, Unreachable } from "../model/errors.ts";
import { openHost, type HostConnection } from "./connection.ts";
import { httpClient } from "./http-client.ts";
import { parseReply } from "./http-through-host.ts";
import { claimed } from "./testing/claims.ts";

let root = "";
let host: HostConnection;
const servers: Server[] = [];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "stillwater-http-"));
  host = openHost({ name: "db1", transport: "local", address: null, user: null, stateDirectory: join(root, "state"), domain: null }, "c");
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await host.close();
  await rm(root, { recursive: true });
});

async function listen(server: Server): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}
const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener));
const http = httpClient();
const post = async (url: string, epoch = 1, timeoutMs = 5_000) => {
  const fence = await claimed(host, epoch);
  return http.request({
    method: "POST",
    url: `${url}/NameServer/ConfSet?x=1`,
    headers: { authorization: "sdefault" },
    body: '{"é":1}',
    timeoutMs,
    through: { host, fence },
  });
};
const failureOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => null,
    (error: unknown) => error,
  );

describe("an HTTP request through a host", () => {
  it("arrives whole, and its answer comes back whole: by length, in chunks, or to the end of the connection", async () => {
    let got = "";
    const url = await serve((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => {
        got = `${String(request.method)} ${String(request.url)} ${String(request.headers.authorization)} ${text}`;
        response.writeHead(404, { "content-length": 5 }).end("{é}\n");
      });
    });
    expect(await post(url)).toEqual({ status: 404, body: "{é}\n" });
    expect(got).toBe('POST /NameServer/ConfSet?x=1 sdefault {"é":1}');
    const chunked = await serve((_, response) => {
      response.write("one ");
      response.end("two");
    });
    expect(await post(chunked)).toEqual({ status: 200, body: "one two" });
    const bare = await listen(createTcpServer((socket) => void socket.once("data", () => socket.end("HTTP/1.0 200 OK\r\n\r\nrest"))));
    expect(await post(bare)).toEqual({ status: 200, body: "rest" });
  });

  it("reads to the length that is named when the server keeps the connection open", async () => {
    const url = await listen(
      createTcpServer((socket) => void socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))),
    );
    expect(await post(url)).toEqual({ status: 200, body: "ok" });
  });

  it("says refused when nobody listens, and unknown when it was cut, cut short, or not answered in time", async () => {
    const url = await serve((_, response) => response.end());
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    const refused = await failureOf(post(url));
    expect(refused).toBeInstanceOf(Refused);
    expect((refused as Error).message).toMatch(/cannot be reached from db1: .*Connection refused/);
    const cut = await serve((request) => request.socket.destroy());
    const short = await listen(
      createTcpServer((socket) => void socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok"))),
    );
    const silent = await serve(() => undefined);
    for (const [each, timeoutMs] of [
      [cut, 5_000],
      [short, 5_000],
      [silent, 500],
    ] as const) {
      const error = await failureOf(post(each, 1, timeoutMs));
      expect(error).toBeInstanceOf(Unreachable);
      expect(error).not.toBeInstanceOf(Refused);
    }
  });

  it("is refused by the host once a newer claim stands there, and the server never sees it", async () => {
    let requests = 0;
    const url = await serve((_, response) => {
      requests += 1;
      response.end("{}");
    });
    const old = await claimed(host, 1);
    await claimed(host, 2);
    const error = await failureOf(http.request({ method: "POST", url, body: "{}", timeoutMs: 5_000, through: { host, fence: old } }));
    expect(error).toBeInstanceOf(StillwaterError);
    expect((error as StillwaterError).code).toBe("SW3010");
    expect(requests).toBe(0);
  });

  it("keeps headers out of the arguments of processes, and sends none with a line break", async () => {
    let commands = "";
    const url = await serve((_, response) => {
      void host.query(["sh", "-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '"]).then(({ stdout }) => {
        commands = stdout;
        response.end("{}");
      });
    });
    const fence = await claimed(host, 1);
    const secret = "uroot:1verysecret";
    await http.request({ method: "POST", url, headers: { authorization: secret }, timeoutMs: 5_000, through: { host, fence } });
    expect(commands).toContain("stillwater-http");
    expect(commands).not.toContain("verysecret");
    const broken = http.request({ method: "POST", url, headers: { authorization: "a\r\nx: y" }, timeoutMs: 5_000, through: { host, fence } });
    expect(await failureOf(broken)).toBeInstanceOf(Refused);
  });
});

it("an answer that is not whole is none", () => {
  expect(parseReply("")).toBeNull();
  expect(parseReply("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab")).toBeNull();
  expect(parseReply("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")).toBeNull();
  expect(parseReply("SSH-2.0\r\n\r\n")).toBeNull();
});
