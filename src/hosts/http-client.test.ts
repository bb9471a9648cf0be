import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Refused, Unreachable } from "../model/errors.ts";
import { httpClient } from "./http-client.ts";

const close: (() => void)[] = [];
afterEach(() => {
  for (const each of close.splice(0)) each();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  close.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
function client() {
  const made = httpClient();
  close.push(() => made.close());
  return made;
}
const failureOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => null,
    (error: unknown) => error,
  );

describe("the HTTP client", () => {
  it("returns any status with its body", async () => {
    const url = await serve((request, response) => {
      let text = "";
      request.on("data", (part: Buffer) => (text += part.toString()));
      request.on("end", () => response.writeHead(404).end(`${request.method} ${request.headers.authorization} ${text}`));
    });
    const reply = await client().request({ method: "POST", url, headers: { Authorization: "sdefault" }, body: "é", timeoutMs: 2_000 });
    expect(reply).toMatchObject({ status: 404, body: "POST sdefault é" });
  });

  it("returns a body as it came, and the headers, to whoever wants bytes", async () => {
    const archive = Buffer.from([0x50, 0x4b, 0x03, 0x04, 0xff, 0x00]);
    const url = await serve((_, response) => response.setHeader("Digest", "sha-256=abc").end(archive));
    const reply = await client().request({ method: "GET", url, wants: "bytes", timeoutMs: 2_000 });
    expect(reply).toMatchObject({ status: 200, body: "" });
    expect(reply.headers?.["digest"]).toBe("sha-256=abc");
    expect(Buffer.from(reply.bytes ?? []).equals(archive)).toBe(true);
  });

  it("says unknown when the answer was cut off in its middle", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" }).write("half");
      setImmediate(() => response.destroy());
    });
    expect(await failureOf(client().request({ method: "GET", url, timeoutMs: 2_000 }))).toBeInstanceOf(Unreachable);
  });

  it("speaks TLS, and trusts no certificate that nobody vouches for", async () => {
    const plain = await serve((_, response) => response.end("ok"));
    const error = await failureOf(client().request({ method: "GET", url: plain.replace("http:", "https:"), timeoutMs: 2_000 }));
    expect(error).toBeInstanceOf(Error);
    expect(String(error)).toMatch(/cannot be reached|did not answer/);
  });

  it("says refused when nothing can have been sent", async () => {
    const url = await serve((_, response) => response.end());
    for (const each of close.splice(0)) each();
    expect(await failureOf(client().request({ method: "GET", url, timeoutMs: 2_000 }))).toBeInstanceOf(Refused);
  });

  it("says unknown when the request may have arrived: cut, or no answer in time", async () => {
    const cut = await serve((request) => request.socket.destroy());
    const silent = await serve(() => {});
    for (const url of [cut, silent]) {
      const error = await failureOf(client().request({ method: "POST", url, body: "{}", timeoutMs: 200 }));
      expect(error).toBeInstanceOf(Unreachable);
      expect(error).not.toBeInstanceOf(Refused);
    }
  });
});
