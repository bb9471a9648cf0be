// The vendor's library against a small server of our own, which checks the signature by the published rule of RPC signatures, version 1.0.
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { freePorts } from "../../../../lab/kit/free-ports.ts";
import { Refused, Unreachable } from "../../../model/errors.ts";
import { ApiRefused, caller, Malformed, NotReady, type Api } from "./caller.ts";
import { listProjects } from "./operations/projects.ts";
import { signedOpenApi } from "./signed.ts";

const keys = { id: "test-key", secret: "test-secret" };
const limits = { timeoutMs: 2_000 };
type Handler = (query: URLSearchParams, response: ServerResponse, request: IncomingMessage) => void;

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});
async function server(handle: Handler): Promise<string> {
  const [port = 0] = await freePorts(1);
  const http = createServer((request, response) => {
    request.resume();
    request.once("end", () => handle(new URL(request.url ?? "/", "http://server").searchParams, response, request));
  });
  await new Promise<void>((resolve) => {
    http.listen(port, "127.0.0.1", resolve);
  });
  closing.push(() => {
    http.closeAllConnections();
    http.close();
  });
  return `127.0.0.1:${String(port)}`;
}
const openApiAt = (endpoint: string, own = keys) => signedOpenApi({ endpoint, protocol: "http", keys: () => Promise.resolve(own) });
const apiAt = (endpoint: string, own = keys): Api =>
  caller({ openApi: openApiAt(endpoint, own), tenantId: "30001011", now: Date.now, timeoutMs: 2_000 });
const ok = (response: ServerResponse, body: string): void => {
  response.writeHead(200, { "content-type": "application/json" }).end(body);
};

/** Unreserved characters of RFC 3986 stay, every other byte is %XX. */
const encode = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      /[A-Za-z0-9\-_.~]/.test(String.fromCodePoint(byte)) ? String.fromCodePoint(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
    )
    .join("");
function signatureOf(method: string, query: URLSearchParams, secret: string): string {
  const canonical = [...query]
    .filter(([name]) => name !== "Signature")
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");
  return createHmac("sha1", `${secret}&`)
    .update(`${method}&${encode("/")}&${encode(canonical)}`)
    .digest("base64");
}
/** A gateway that knows one key. */
const gateway =
  (handle: Handler): Handler =>
  (query, response, request) => {
    const refuse = (code: string, message: string): void => {
      response.writeHead(400, { "content-type": "application/json" }).end(JSON.stringify({ Code: code, Message: message, RequestId: "R1" }));
    };
    if (query.get("AccessKeyId") !== keys.id) refuse("InvalidAccessKeyId.NotFound", "Specified access key is not found.");
    else if (query.get("Signature") !== signatureOf(request.method ?? "", query, keys.secret))
      refuse("SignatureDoesNotMatch", "Specified signature does not match.");
    else handle(query, response, request);
  };

describe("the OpenAPI over HTTP", () => {
  it("is called in RPC style, signed as a server checks it by itself, with structures as JSON text", async () => {
    const seen: URLSearchParams[] = [];
    const endpoint = await server(
      gateway((query, response) => {
        seen.push(query);
        ok(response, '{"Code":"OK","Success":true,"Data":"x"}');
      }),
    );
    const command = { ProjectId: "131311111321", Operation: "RERUN", InstanceIdList: [{ Id: "t_1*~ +%/中" }] };
    const reply = await openApiAt(endpoint).call("OperateInstance", { OpTenantId: "30001011", Env: "PROD", OperateCommand: command }, limits);
    expect(reply).toEqual({ status: 200, body: { Code: "OK", Success: true, Data: "x" } });
    const [query] = seen;
    expect(Object.fromEntries(query ?? [])).toMatchObject({
      Action: "OperateInstance",
      Version: "2023-06-30",
      SignatureMethod: "HMAC-SHA1",
      SignatureVersion: "1.0",
      OpTenantId: "30001011",
    });
    expect(JSON.parse(query?.get("OperateCommand") ?? "")).toEqual(command);
  });

  it("refuses a wrong key and a wrong secret in the vendor's words, with what to check, and tries neither twice", async () => {
    let asked = 0;
    const endpoint = await server((...request) => {
      asked++;
      gateway((_, response) => ok(response, '{"Code":"OK"}'))(...request);
    });
    await expect(apiAt(endpoint, { ...keys, secret: "other" }).read("ListProjects", {})).rejects.toMatchObject({
      word: "SignatureDoesNotMatch",
      status: 400,
    });
    const error: unknown = await apiAt(endpoint, { ...keys, id: "nobody" })
      .read("ListProjects", {})
      .catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(ApiRefused);
    expect(error).toMatchObject({ word: "InvalidAccessKeyId.NotFound", remedy: expect.stringContaining("accessKeyId") as string });
    expect(asked).toBe(2);
    expect((error as Error).message).not.toContain(keys.secret);
  });

  it("reads keys again once they were refused: what was changed meanwhile needs no new process", async () => {
    const endpoint = await server(gateway((_, response) => ok(response, '{"Code":"OK","Success":true,"Data":"x"}')));
    const read: string[] = [];
    const rotated = async () => {
      read.push("keys");
      return read.length === 1 ? { ...keys, secret: "of yesterday" } : keys;
    };
    const openApi = signedOpenApi({ endpoint, protocol: "http", keys: rotated });
    expect(await openApi.call("GetServerVersion", {}, limits)).toMatchObject({ status: 400, body: { Code: "SignatureDoesNotMatch" } });
    for (let again = 0; again < 2; again++) expect(await openApi.call("GetServerVersion", {}, limits)).toMatchObject({ status: 200 });
    expect(read).toHaveLength(2);
  });

  it("keeps every digit of ids of 64 bits", async () => {
    const endpoint = await server(
      gateway((_, response) =>
        ok(response, '{"Code":"OK","Success":true,"PageResult":{"TotalCount":1,"ProjectList":[{"Id":7162269257990111423,"Name":"p","Env":"PROD"}]}}'),
      ),
    );
    expect(await listProjects(apiAt(endpoint))).toEqual([{ id: "7162269257990111423", name: "p", environment: "PROD", mode: null }]);
  });

  it("waits while it is throttled, in either of the two ways, and goes on", async () => {
    let asked = 0;
    const endpoint = await server(
      gateway((_, response) => {
        asked++;
        if (asked === 1) response.writeHead(400).end('{"Code":"Throttling.User","Message":"Request was denied due to user flow control."}');
        else if (asked === 2) response.writeHead(429).end('{"Code":"Throttling","Message":"slower"}');
        else ok(response, '{"Code":"OK","Success":true,"Data":"v6.3.0.964601"}');
      }),
    );
    expect(await apiAt(endpoint).read("GetServerVersion", {})).toMatchObject({ Data: "v6.3.0.964601" });
    expect(asked).toBe(3);
  });

  it("tells unreachable, cut off, silent, not ready and malformed apart", async () => {
    const [port = 0] = await freePorts(1);
    await expect(apiAt(`127.0.0.1:${String(port)}`).read("A", {})).rejects.toBeInstanceOf(Refused);

    const cut = await server((_, response) => response.destroy());
    const wasCut: unknown = await apiAt(cut)
      .read("A", {})
      .catch((failure: unknown) => failure);
    expect(wasCut).toBeInstanceOf(Unreachable);
    expect(wasCut).not.toBeInstanceOf(Refused);

    const silent = await server(() => {});
    const late: unknown = await openApiAt(silent)
      .call("A", {}, { timeoutMs: 100 })
      .catch((failure: unknown) => failure);
    expect(late).toBeInstanceOf(Unreachable);
    expect(late).not.toBeInstanceOf(Refused);

    const maintenance = await server((_, response) => response.writeHead(503).end('{"Code":"ServiceUnavailable","Message":"upgrading"}'));
    await expect(apiAt(maintenance).read("A", {})).rejects.toBeInstanceOf(NotReady);
    const page = await server((_, response) => response.writeHead(503, { "content-type": "text/html" }).end("<html>maintenance</html>"));
    await expect(apiAt(page).read("A", {})).rejects.toBeInstanceOf(NotReady);

    const html = await server((_, response) => response.writeHead(200, { "content-type": "text/html" }).end("<html>"));
    await expect(apiAt(html).read("A", {})).rejects.toThrow(/no JSON/);
    const other = await server((_, response) => ok(response, '{"hello":1}'));
    await expect(apiAt(other).read("A", {})).rejects.toBeInstanceOf(Malformed);
  });

  it("sends nothing once its time is over", async () => {
    let asked = 0;
    const endpoint = await server((_, response) => {
      asked++;
      ok(response, '{"Code":"OK"}');
    });
    await expect(openApiAt(endpoint).call("A", {}, { timeoutMs: 100, signal: AbortSignal.abort() })).rejects.toBeInstanceOf(Refused);
    expect(asked).toBe(0);
  });
});
