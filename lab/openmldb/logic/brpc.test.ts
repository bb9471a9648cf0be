import { describe, expect, it } from "vitest";
import type { Reply } from "../../kit/network.ts";
import { VirtualNetwork } from "../../kit/virtual-network.ts";
import { VirtualWorld } from "../../kit/virtual.ts";
import { authenticatorOf, encryptedPassword } from "./authentication.ts";
import { brpc, callRpc, method, RpcFailure, type BrpcOptions } from "./brpc.ts";

const options: BrpcOptions = {
  services: [
    {
      name: "openmldb.nameserver.NameServer",
      methods: {
        Echo: method({}, { mode: "TableMode", "meta.storage_mode": "StorageMode" }, (request: object) => ({ code: 0, request })),
        Need: method({ "conf.key": "string", conf: "message", pid: "number" }, {}, () => ({
          code: 0,
          msg: "ok",
          list: [],
          unset: undefined,
        })),
      },
    },
  ],
  authenticator: authenticatorOf("0.9.2", {}),
  version: () => null,
  status: false,
};
const ask = (path: string, body = "", headers: Record<string, string> = { authorization: "foo" }, server = brpc(options)): Promise<Reply | null> =>
  server({ method: "POST", path, headers, body });

describe("brpc", () => {
  it("answers under the short and the long name of a service, and ignores a query", async () => {
    expect((await ask("/NameServer/Echo"))?.status).toBe(200);
    expect((await ask("/openmldb.nameserver.NameServer/Echo?x=1"))?.status).toBe(200);
    expect((await ask("/TabletServer/Echo"))?.status).toBe(404);
    expect((await ask("/NameServer/Nothing"))?.headers?.["x-bd-error-code"]).toBe("1002");
  });

  it("closes the connection without an Authorization header, but shows the built-in pages to anybody", async () => {
    expect(await ask("/NameServer/Echo", "", {})).toBeNull();
    expect((await ask("/health", "", {}))?.body).toBe("OK");
    expect((await ask("/version", "", {}))?.body).toBe("unknown");
    expect((await ask("/brpc_metrics", "", {}))?.status).toBe(200);
    expect((await ask("/status"))?.status).toBe(404);
    const started = brpc({ ...options, status: true, version: () => "0.9.2-abc" });
    expect((await ask("/status", "", {}, started))?.body).toContain("0.9.2-abc");
  });

  it("skip_grant_tables=false lets in users of the table and the service token alone; before 0.9 nobody is asked", async () => {
    const strict = brpc({
      ...options,
      authenticator: authenticatorOf("0.9.0", { skip_grant_tables: "false" }, () => new Map([["ann", encryptedPassword("pw")]])),
    });
    const as = (authorization: string): Promise<Reply | null> => ask("/NameServer/Echo", "", { authorization }, strict);
    expect(await as("foo")).toBeNull();
    expect(await as(`uann:${encryptedPassword("other")}`)).toBeNull();
    expect((await as(`uann:${encryptedPassword("pw")}`))?.status).toBe(200);
    expect((await as("sdefault"))?.status).toBe(200);
    const old = brpc({ ...options, authenticator: authenticatorOf("0.8.5", { skip_grant_tables: "false" }) });
    expect((await ask("/NameServer/Echo", "", {}, old))?.status).toBe(200);
    expect(encryptedPassword("")).toMatch(/^1e3b0c442/);
  });

  it("refuses what is no JSON, no object, lacks a required field or has the wrong kind with 400 in text", async () => {
    for (const body of ['{"pid":', "[]", "{}", '{"pid":1}', '{"pid":1,"conf":{}}', '{"pid":"1","conf":{"key":"a"}}', ""]) {
      const reply = await ask("/NameServer/Need", body);
      expect([reply?.status, reply?.headers?.["x-bd-error-code"]], body).toEqual([400, "1003"]);
    }
    expect((await ask("/NameServer/Need", '{"pid":1,"conf":{"key":"a"},"unknown":2}'))?.body).toBe('{"code":0,"msg":"ok"}');
  });

  it("takes enums by name or number and hands them on by name", async () => {
    expect((await ask("/NameServer/Echo", '{"mode":2,"meta":{"storage_mode":"kSSD"}}'))?.body).toBe(
      '{"code":0,"request":{"mode":"kTableFollower","meta":{"storage_mode":"kSSD"}}}',
    );
    expect((await ask("/NameServer/Echo", '{"meta":{"storage_mode":3}}'))?.body).toContain('"kHDD"');
    expect((await ask("/NameServer/Echo", '{"mode":"kTableKing"}'))?.status).toBe(400);
    expect((await ask("/NameServer/Echo", '{"mode":7}'))?.status).toBe(400);
  });

  it("nodes call each other with it", async () => {
    const world = new VirtualWorld();
    const network = new VirtualNetwork(world);
    await network.listen("a:1", brpc(options));
    expect(await world.run(callRpc(network, "b:1", "a:1", "NameServer/Echo", { a: 1 }, 100))).toEqual({ code: 0, request: { a: 1 } });
    await expect(world.run(callRpc(network, "b:1", "a:1", "NameServer/Need", {}, 100))).rejects.toThrow(RpcFailure);
  });
});
