import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Host } from "../../../model/host.ts";
import { RpcRefused } from "../rpc.ts";
import { HttpDouble } from "../testing/http-double.ts";
import { WireRpc, type KnownServer, type WireOptions } from "./wire-rpc.ts";

const ok = { json: { code: 0, msg: "ok" } };
const standby = { json: { code: 300, msg: "nameserver is not leader" } };
const fence = (signal: AbortSignal = new AbortController().signal): Fence => ({ run: "1", epoch: 1, connection: 1, signal });
const partition = { db: "test", name: "t1", pid: 0 };
const servers: readonly KnownServer[] = [
  { name: "ns1", role: "nameserver", endpoint: "n:1", address: "n:1" },
  { name: "ns2", role: "nameserver", endpoint: "n:2", address: "n:2" },
  { name: "t1", role: "tablet", endpoint: "t:1", address: "t:1" },
  { name: "api1", role: "apiserver", endpoint: "a:1", address: "a:1" },
  { name: "api2", role: "apiserver", endpoint: "a:2", address: "a:2" },
  { name: "tm1", role: "taskmanager", endpoint: "m:1", address: "m:1" },
];
const rpcOver = (http: HttpDouble, more: Partial<WireOptions> = {}): WireRpc =>
  new WireRpc({ http, credentials: null, servers, nameserversElsewhere: null, now: () => 0, ...more });
const ledBy = (http: HttpDouble, leader: string): HttpDouble => {
  for (const each of ["n:1", "n:2"])
    http.on(`${each} /NameServer/ConfGet`, each === leader ? { json: { code: 0, conf: { auto_failover: "true" } } } : standby);
  return http;
};
const failure = async (promise: Promise<unknown>): Promise<Unreachable> => {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof Unreachable) return error;
  throw new Error(`not an Unreachable: ${String(error)}`);
};

describe("the leading nameserver", () => {
  it("is found by asking each, and asked alone from then on", async () => {
    const http = ledBy(new HttpDouble(), "n:2").on("n:2 /NameServer/ShowTablet", {
      json: { tablets: [{ endpoint: "t:1", state: "kHealthy", age: 7 }], code: 0 },
    });
    const rpc = rpcOver(http);
    expect(await rpc.nameserver.showTablet()).toEqual([{ endpoint: "t:1", state: "kHealthy", age: 7 }]);
    expect(await rpc.nameserver.autoFailover()).toBe(true);
    expect(http.paths("n:1")).toEqual(["/NameServer/ConfGet"]);
  });

  it("is resolved again after code 300, and the effect goes to the new one, once", async () => {
    const http = ledBy(new HttpDouble(), "n:1");
    const rpc = rpcOver(http);
    await rpc.nameserver.autoFailover();
    ledBy(http, "n:2").on("n:1 /NameServer/ChangeLeader", standby).on("n:2 /NameServer/ChangeLeader", ok);
    await rpc.nameserver.changeLeader(fence(), partition, "t:1");
    expect(http.sent.filter(({ path }) => path.endsWith("ChangeLeader")).map(({ address, body }) => [address, body])).toEqual([
      ["n:1", { ...partition, candidate_leader: "t:1" }],
      ["n:2", { ...partition, candidate_leader: "t:1" }],
    ]);
  });

  it("is resolved again when nobody listens any more", async () => {
    const http = ledBy(new HttpDouble(), "n:1").on("n:2 /NameServer/ShowDatabase", { json: { code: 0, db: ["test"] } });
    const rpc = rpcOver(http);
    await rpc.nameserver.autoFailover();
    ledBy(http, "n:2").on("n:1 /NameServer/ConfGet", "refused");
    expect(await rpc.nameserver.showDatabase()).toEqual(["test"]);
  });

  it("a cut during an effect is not sent again: it may have happened", async () => {
    const http = ledBy(new HttpDouble(), "n:1").on("n:1 /NameServer/ChangeLeader", "closed").on("n:2 /NameServer/ChangeLeader", ok);
    const error = await failure(rpcOver(http).nameserver.changeLeader(fence(), partition, null));
    expect(error).not.toBeInstanceOf(Refused);
    expect(error.message).toContain("nameserver ns1 (n:1) gave no answer to ChangeLeader");
    expect(error.remedy).toContain("--skip_grant_tables=false");
    expect(http.sent.filter(({ path }) => path.endsWith("ChangeLeader"))).toHaveLength(1);
  });

  it("none leads: says what each said, and that nothing was sent", async () => {
    const http = new HttpDouble().on("n:1 /NameServer/ConfGet", standby);
    const rpc = rpcOver(http);
    const error = await failure(rpc.nameserver.setAutoFailover(fence(), false));
    expect(error).toBeInstanceOf(Refused);
    expect(error.why).toEqual(["nameserver ns1 (n:1) is a standby", expect.stringContaining("nameserver ns2 (n:2) cannot be reached")]);
    expect(await rpc.leader()).toBeNull();
  });

  it("one that is silent could lead: nobody is told that none leads", async () => {
    const http = new HttpDouble().on("n:1 /NameServer/ConfGet", standby).on("n:2 /NameServer/ConfGet", "closed");
    await expect(rpcOver(http).leader()).rejects.toThrow("which nameserver leads is not known");
  });

  it("two that say they lead are not obeyed", async () => {
    const leads = { json: { code: 0, conf: { auto_failover: "true" } } };
    const http = new HttpDouble().on("n:1 /NameServer/ConfGet", leads).on("n:2 /NameServer/ConfGet", leads);
    await expect(rpcOver(http).nameserver.showTablet()).rejects.toThrow("two nameservers say that they lead");
  });

  it("[OM-11] comes from ZooKeeper where the cluster file names no nameserver", async () => {
    const http = ledBy(new HttpDouble(), "n:2");
    const rpc = rpcOver(http, { servers: [], nameserversElsewhere: async () => [{ endpoint: "ns-b", address: "n:2" }] });
    expect(await rpc.leader()).toBe("ns-b");
  });
});

describe("an rpc", () => {
  it("always carries an Authorization header: the service's token, or the user's", async () => {
    const http = ledBy(new HttpDouble(), "n:1");
    await rpcOver(http).nameserver.autoFailover();
    const named = rpcOver(http, { credentials: { user: "root", password: async () => "" } });
    await named.nameserver.autoFailover();
    const digest = createHash("sha256").update("").digest("hex");
    expect(digest.startsWith("e3b0c442")).toBe(true);
    expect(new Set(http.sent.map(({ authorization }) => authorization))).toEqual(new Set(["sdefault", `uroot:1${digest}`]));
  });

  it("an answer with a code did nothing, and says which server and rpc", async () => {
    const http = ledBy(new HttpDouble(), "n:1").on("n:1 /NameServer/RecoverTable", { json: { code: 311, msg: "table is alive, need not recover" } });
    const error = await failure(rpcOver(http).nameserver.recoverTable(fence(), partition, "t:1"));
    expect(error).toBeInstanceOf(RpcRefused);
    expect(error).toMatchObject({ rpcCode: 311, message: "nameserver ns1 (n:1) refused RecoverTable: code 311, table is alive, need not recover" });
  });

  it("an answer that ZooKeeper failed decides nothing for an effect", async () => {
    const http = ledBy(new HttpDouble(), "n:1").on("n:1 /NameServer/ConfSet", { json: { code: 304, msg: "set zk failed" } });
    expect(await failure(rpcOver(http).nameserver.setAutoFailover(fence(), false))).not.toBeInstanceOf(Refused);
  });

  it("is not sent once the fence's time is over", async () => {
    const http = new HttpDouble().on("t:1 /TabletServer/SetMode", ok);
    const error = await failure(rpcOver(http).tablet("t:1").setMode(fence(AbortSignal.abort()), true));
    expect(error).toBeInstanceOf(Refused);
    expect(http.sent).toEqual([]);
  });

  it("an effect goes through the host of its server, a reading does not; what the cluster file does not name goes through a host that it does", async () => {
    const on = servers.map((server) => ({ ...server, host: { name: `host of ${server.name}` } as unknown as Host }));
    const http = ledBy(new HttpDouble(), "n:2")
      .on("n:2 /NameServer/ConfSet", ok)
      .on("t:1 /TabletServer/SetMode", ok)
      .on("t:9 /TabletServer/SetMode", ok);
    const rpc = rpcOver(http, { servers: on });
    await rpc.nameserver.setAutoFailover(fence(), false);
    await rpc.tablet("t:1").setMode(fence(), true);
    await rpc.tablet("t:9").setMode(fence(), true);
    expect(http.sent.map(({ path, through }) => `${path} ${String(through)}`)).toEqual([
      "/NameServer/ConfGet null",
      "/NameServer/ConfGet null",
      "/NameServer/ConfSet host of ns2",
      "/TabletServer/SetMode host of t1",
      "/TabletServer/SetMode host of ns1",
    ]);
  });

  it("an effect that the host refuses for an older claim is no refused connection: nobody else is asked, and the code says it", async () => {
    const on = servers.map((server) => ({ ...server, host: { name: server.name } as unknown as Host }));
    const http = ledBy(new HttpDouble(), "n:1").on("n:1 /NameServer/ConfSet", "older").on("n:2 /NameServer/ConfSet", ok);
    await expect(rpcOver(http, { servers: on }).nameserver.setAutoFailover(fence(), false)).rejects.toMatchObject({
      code: "SW3010",
      name: "StillwaterError",
    });
    expect(http.sent.filter(({ path }) => path.endsWith("ConfSet"))).toHaveLength(1);
  });

  it("an effect whose host cannot be reached says that, and not that the server is down", async () => {
    const on = servers.map((server) => ({ ...server, host: { name: `host of ${server.name}` } as unknown as Host }));
    const http = ledBy(new HttpDouble(), "n:1").on("n:1 /NameServer/ConfSet", "no-host");
    const error = await failure(rpcOver(http, { servers: on }).nameserver.setAutoFailover(fence(), false));
    expect(error).not.toBeInstanceOf(Refused);
    expect(error).toMatchObject({
      code: "SW3001",
      message: expect.stringMatching(/^ConfSet to nameserver ns1 \(n:1\) by way of host of ns1 has no answer/) as string,
    });
    expect(error.remedy).not.toMatch(/skip_grant_tables|listens on/);
  });

  it("a reading that was cut is asked a second time, an effect is not", async () => {
    const http = new HttpDouble()
      .on("t:1 /TabletServer/GetTableStatus", (_, turn) => (turn === 0 ? "closed" : ok))
      .on("t:1 /TabletServer/SetMode", "closed");
    const tablet = rpcOver(http).tablet("t:1");
    expect(await tablet.tableStatus()).toEqual([]);
    await expect(tablet.setMode(fence(), true)).rejects.toThrow(Unreachable);
    expect(http.paths("t:1").filter((path) => path.endsWith("SetMode"))).toHaveLength(1);
  });

  it.each([
    ["404 of a wrong port or release", { status: 404, body: "Fail to find method" }, true],
    ["500 from within the handler", { status: 500, body: "boom" }, false],
    ["another server's page", { status: 200, body: "<html>" }, false],
  ])("%s: nothing was done %#", async (_, answer, refused) => {
    const http = new HttpDouble().on("t:1 /TabletServer/SetMode", answer);
    const error = await failure(rpcOver(http).tablet("t:1").setMode(fence(), true));
    expect(error instanceof Refused).toBe(refused);
  });
});

describe("answers", () => {
  it("fields that are left out have the defaults of the messages", async () => {
    const http = ledBy(new HttpDouble(), "n:1").on("n:1 /NameServer/ShowTable", {
      json: {
        table_info: [
          {
            name: "t1",
            db: "test",
            tid: 6,
            table_partition: [
              {
                pid: 0,
                partition_meta: [
                  { endpoint: "t:1", is_leader: true, is_alive: false, offset: 5 },
                  { endpoint: "t:2", is_leader: true, offset: 5 },
                ],
                term_offset: [{ term: 1, offset: 0 }],
              },
            ],
          },
        ],
        code: 0,
      },
    });
    const [table] = await rpcOver(http).nameserver.showTables();
    expect(table).toMatchObject({ storage_mode: "kMemory", replica_num: 2 });
    expect(table?.table_partition[0]?.partition_meta[1]).toEqual({
      endpoint: "t:2",
      is_leader: true,
      is_alive: true,
      offset: 5,
      record_cnt: 0,
      record_byte_size: 0,
    });
    expect(http.sent.at(-1)?.body).toEqual({ show_all: true });
  });

  it("a table that is not there is null, a follower has no followers", async () => {
    const http = ledBy(new HttpDouble(), "n:1")
      .on("n:1 /NameServer/ShowTable", ok)
      .on("t:1 /TabletServer/GetTableFollower", { json: { code: 103, msg: "table is follower" } })
      .on("t:1 /TabletServer/GetTermPair", { json: { code: 0, has_table: false } });
    const rpc = rpcOver(http);
    expect(await rpc.nameserver.showTable("test", "t1")).toBeNull();
    expect(await rpc.tablet("t:1").followers(6, 0)).toBeNull();
    expect(await rpc.tablet("t:1").termPair(6, 0)).toBeNull();
  });

  it("a write fence shows in how a row for no table is refused", async () => {
    const http = new HttpDouble().on("t:1 /TabletServer/Put", (_, turn) => ({ json: { code: [453, 100, 104][turn] ?? 0 } }));
    const tablet = rpcOver(http).tablet("t:1");
    expect([await tablet.writeFenced(), await tablet.writeFenced()]).toEqual([true, false]);
    await expect(tablet.writeFenced()).rejects.toThrow("code 104");
    await expect(tablet.writeFenced()).rejects.toThrow("cannot be told");
    expect(http.sent[0]?.body).toMatchObject({ tid: 4_294_967_295, pid: 0 });
  });

  it("a tablet with a server name is asked where ShowTablet says", async () => {
    const http = ledBy(new HttpDouble(), "n:1")
      .on("n:1 /NameServer/ShowTablet", { json: { tablets: [{ endpoint: "tablet-9", state: "kHealthy", real_endpoint: "t:9" }], code: 0 } })
      .on("t:9 /TabletServer/GetTableStatus", ok);
    await rpcOver(http).tablet("tablet-9").tableStatus();
    expect(http.paths("t:9")).toEqual(["/TabletServer/GetTableStatus"]);
  });

  it("versions are read without the commit; before it has registered, and when nobody listens, there is none", async () => {
    const http = new HttpDouble()
      .on("t:1 /version", { status: 200, body: "0.9.2-c5ffa75\n" })
      .on("n:1 /version", { status: 200, body: "openmldb::nameserver::NameServerImpl" })
      .on("m:1 /version", { status: 404, body: "" })
      .on("m:1 /openmldb.taskmanager.TaskManagerServer/GetVersion", { json: { taskmanagerVersion: "0.9.3-abc" } });
    const rpc = rpcOver(http);
    expect(await Promise.all(["t:1", "n:1", "n:2", "m:1"].map((each) => rpc.version(each)))).toEqual(["0.9.2", null, null, "0.9.3"]);
  });
});

describe("SQL", () => {
  it("goes to the first APIServer that answers", async () => {
    const http = new HttpDouble().on("a:2 /dbs/test", { json: { code: 0, msg: "ok", data: { schema: ["Int32", "String"], data: [[1, "a"]] } } });
    expect(await rpcOver(http).sql("test", "select * from t")).toEqual([[1, "a"]]);
    expect(http.sent.at(-1)?.body).toEqual({ mode: "online", sql: "select * from t" });
  });
  it("an answer that refuses is not asked for elsewhere", async () => {
    const http = new HttpDouble().on("a:1 /dbs/test", { json: { code: 1000, msg: "Fail to parse SQL" } });
    await expect(rpcOver(http).sql("test", "selec")).rejects.toThrow("code 1000, Fail to parse SQL");
    expect(http.paths("a:2")).toEqual([]);
  });
});
