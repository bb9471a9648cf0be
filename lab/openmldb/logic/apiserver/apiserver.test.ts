import { beforeEach, describe, expect, it } from "vitest";
import { callRpc } from "../brpc.ts";
import type { Component } from "../node.ts";
import { ClusterDouble, DURATIONS, NAMESERVER, ROOT, TABLETS } from "../sdk/testing/double.ts";
import { Taskmanager } from "../taskmanager/taskmanager.ts";
import { ApiServer } from "./apiserver.ts";

const ENDPOINT = "10.0.0.8:9080";
const COMPONENT: Component = {
  role: "apiserver",
  endpoint: ENDPOINT,
  release: "0.9.2",
  directory: "/openmldb",
  flags: { zk_root_path: ROOT },
  durations: DURATIONS,
};

let cluster: ClusterDouble;
beforeEach(() => {
  cluster = new ClusterDouble();
});
async function started(): Promise<ApiServer> {
  await cluster.world.run(cluster.up());
  const server = new ApiServer(COMPONENT, cluster.surroundings("apiserver"));
  await cluster.world.run(server.start());
  return server;
}
async function ask(method: string, path: string, body: object | string = ""): Promise<Record<string, unknown>> {
  const sent = { method, path, headers: {}, body: typeof body === "string" ? body : JSON.stringify(body) };
  const reply = await cluster.world.run(cluster.network.call("10.0.0.9:1", ENDPOINT, sent, 5_000));
  expect(reply.status).toBe(200);
  return JSON.parse(reply.body) as Record<string, unknown>;
}
const sql = (text: string): Promise<Record<string, unknown>> => ask("POST", "/dbs/test", { mode: "online", sql: text });
const data = async (text: string): Promise<unknown> => ((await sql(text))["data"] as { data: unknown }).data;

async function withTable(): Promise<void> {
  await started();
  await sql("CREATE DATABASE IF NOT EXISTS test;");
  await sql("create table if not exists t1 (id string not null, v bigint, index(key=id, ts=v)) options (partitionnum=4, replicanum=2);");
}

describe("REST", () => {
  it("makes a database and a table, as the nameserver is to see them", async () => {
    await withTable();
    expect(await ask("GET", "/dbs")).toEqual({ code: 0, msg: "ok", dbs: ["test"] });
    const { tables } = (await ask("GET", "/dbs/test/tables")) as { tables: Record<string, unknown>[] };
    expect(tables).toHaveLength(1);
    expect(tables[0]).toMatchObject({ name: "t1", db: "test", partition_num: 4, replica_num: 2, key_column: "id", storage_mode: "kMemory" });
    expect(tables[0]!["column_desc"]).toEqual([
      { name: "id", data_type: "kString", not_null: true },
      { name: "v", data_type: "kBigInt", not_null: false },
    ]);
    expect(await ask("GET", "/dbs/test/tables/t1")).toMatchObject({ code: 0, table: { name: "t1", tid: 6 } });
  });

  it("puts, counts, selects, deletes", async () => {
    await withTable();
    expect(await ask("PUT", "/dbs/test/tables/t1", { value: [["a", 1]] })).toEqual({ code: 0, msg: "ok" });
    expect(await sql("insert into t1 values ('b', 2), ('c''s', 3)")).toEqual({ code: 0, msg: "ok" });
    expect(await sql("insert into test.t1 (v, id) values (4, 'd')")).toEqual({ code: 0, msg: "ok" });
    expect(await sql("select count(*) from t1")).toEqual({ code: 0, msg: "ok", data: { schema: ["Int64"], data: [[4]] } });
    expect(await sql("select * from t1 where id = 'c''s'")).toEqual({
      code: 0,
      msg: "ok",
      data: { schema: ["String", "Int64"], data: [["c's", 3]] },
    });
    expect(await data("select max(v) from t1")).toEqual([[4]]);
    expect(await data("select min(v) from t1")).toEqual([[1]]);
    expect(await data("select v from t1 where v = 2")).toEqual([[2]]);
    expect(await sql("delete from t1 where id = 'b'")).toEqual({ code: 0, msg: "ok" });
    expect(new Set((await data("select * from t1")) as unknown[])).toEqual(
      new Set([
        ["a", 1],
        ["c's", 3],
        ["d", 4],
      ]),
    );
  });

  it("a row carries the time at which it was put", async () => {
    await withTable();
    await ask("PUT", "/dbs/test/tables/t1", { value: [["a", 1]] });
    const [row] = [...cluster.tablets.get(TABLETS[0])!.rows.values()].flat();
    expect(Math.abs(row!.ts - cluster.world.now())).toBeLessThan(100);
  });

  it("a tablet's refusal is the answer's code; silence is -1", async () => {
    await withTable();
    cluster.tablets.get(TABLETS[0])!.code = 103;
    expect(await ask("PUT", "/dbs/test/tables/t1", { value: [["a", 1]] })).toMatchObject({
      code: 103,
      msg: expect.stringContaining("follower") as string,
    });
    cluster.network.fault({ to: TABLETS[0], fault: { kind: "lose-reply", as: "closed" } });
    expect(await sql("insert into t1 values ('a', 1)")).toMatchObject({ code: -1, msg: expect.stringContaining("rpc error") as string });
  });

  it.each([
    [
      "two rows",
      "PUT",
      "/dbs/test/tables/t1",
      {
        value: [
          ["a", 1],
          ["b", 2],
        ],
      },
      "only support to put one row",
    ],
    ["a value too few", "PUT", "/dbs/test/tables/t1", { value: [["a"]] }, "column size"],
    ["a wrong type", "PUT", "/dbs/test/tables/t1", { value: [["a", "1"]] }, "column v of type Int64"],
    ["NULL where it may not be", "PUT", "/dbs/test/tables/t1", { value: [[null, 1]] }, "can't be null"],
    ["a table that is not there", "PUT", "/dbs/test/tables/t2", { value: [["a", 1]] }, "t2 does not exist"],
    ["a body that is no JSON", "POST", "/dbs/test", "{", "Json parse failed"],
    ["SQL that nobody knows", "POST", "/dbs/test", { mode: "online", sql: "explain t1" }, "Syntax error"],
    ["a quote that does not end", "POST", "/dbs/test", { mode: "online", sql: "select * from t1 where id = 'a" }, "Illegal input character"],
    ["another mode", "POST", "/dbs/test", { mode: "offsync", sql: "select * from t1" }, "Invalid mode"],
    ["another path", "GET", "/tables", "", "Invalid path"],
  ])("refuses %s", async (_, method, path, body, words) => {
    await withTable();
    const answer = await ask(method, path, body);
    expect(answer["code"]).not.toBe(0);
    expect(answer["msg"]).toContain(words);
    expect(rowsTaken()).toBe(0);
  });
  const rowsTaken = (): number => [...cluster.tablets.values()].flatMap((tablet) => [...tablet.rows.values()].flat()).length;

  it("shows components", async () => {
    await withTable();
    const rows = (await data("show components;")) as unknown[][];
    expect(rows.map(([endpoint, role, , status, nsRole]) => [endpoint, role, status, nsRole])).toEqual([
      [TABLETS[0], "tablet", "online", "NULL"],
      [TABLETS[1], "tablet", "online", "NULL"],
      [NAMESERVER, "nameserver", "online", "master"],
    ]);
  });

  it("shows jobs of the taskmanager that leads, and says when none does", async () => {
    await withTable();
    expect(await sql("SHOW JOBS")).toMatchObject({ code: -1, msg: "Fail to get TaskManager client" });
    const endpoint = "10.0.0.5:9902";
    const flags = { "zookeeper.root_path": ROOT };
    const taskmanager = new Taskmanager({ ...COMPONENT, role: "taskmanager", endpoint, flags }, cluster.surroundings(endpoint));
    await cluster.world.run(taskmanager.start());
    expect(await data("show jobs;")).toEqual([]);
    await cluster.world.run(callRpc(cluster.network, "10.0.0.9:1", endpoint, "TaskManagerServer/RunBatchSql", { sql: "select 1" }, 1_000));
    const [job] = (await data("show jobs;")) as unknown[][];
    expect(job).toEqual([1, "RunBatchSql", "RUNNING", expect.any(Number), null, "select 1", "local[*]", "", null]);
  });

  it("keeps its catalog until the watch, or until it is told to refresh", async () => {
    await withTable();
    await ask("PUT", "/dbs/test/tables/t1", { value: [["a", 1]] });
    await cluster.world.advance(2_000);
    await cluster.world.run(cluster.changeLeader());
    await ask("PUT", "/dbs/test/tables/t1", { value: [["a", 2]] });
    expect(await ask("POST", "/refresh")).toEqual({ code: 0, msg: "ok" });
    await ask("PUT", "/dbs/test/tables/t1", { value: [["a", 3]] });
    const on = (endpoint: string): number => [...cluster.tablets.get(endpoint)!.rows.values()].flat().length;
    expect(TABLETS.map(on)).toEqual([2, 1]);
  });
});

describe("its process", () => {
  it("does not start without a nameserver", async () => {
    await cluster.world.run(new ApiServer(COMPONENT, cluster.surroundings("apiserver")).start());
    expect(cluster.exits).toEqual([expect.stringContaining("Fail to connect to db: no nameserver leads")]);
    expect(cluster.network.isListening(ENDPOINT)).toBe(false);
  });
  it("does not start without a tablet", async () => {
    await cluster.world.run(cluster.up());
    cluster.network.fault({ to: NAMESERVER, fault: { kind: "lose-request", as: "closed" } });
    await cluster.world.run(new ApiServer(COMPONENT, cluster.surroundings("apiserver")).start());
    expect(cluster.exits).toHaveLength(1);
  });
  it("killed, it answers nobody", async () => {
    const server = await started();
    expect(cluster.network.isListening(ENDPOINT)).toBe(true);
    server.kill();
    expect(cluster.network.isListening(ENDPOINT)).toBe(false);
  });
});
