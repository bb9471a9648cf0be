import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { NoReply } from "../../../lab/kit/network.ts";
import type { Attempt, AttemptOutcome } from "../../model/continuity.ts";
import { Refused, Unreachable } from "../../model/errors.ts";
import type { HttpClient } from "../../model/http.ts";
import { OpenmldbContinuity } from "./continuity.ts";
import { partitionOfKey } from "./partition-hash.ts";
import { ProbeRoute } from "./probe-route.ts";
import { HttpDouble } from "./testing/http-double.ts";
import { MemoryRun } from "./testing/memory-run.ts";

let sequence = 0;
const insert = (key: string, value = `${key}:1`): Attempt => ({ sequence: ++sequence, kind: "insert", partition: "", key, value, expected: null });
const forever = new AbortController().signal;

describe("on a lab cluster in memory", () => {
  let run: MemoryRun;
  let client: OpenmldbContinuity;
  const does = <T>(work: Promise<T>): Promise<T> => run.lab.world.run(work);
  const put = (key: string): Promise<AttemptOutcome> => does(client.attempt(insert(key), forever));

  function http(): HttpClient {
    return {
      async request({ method, url, headers = {}, body = "", timeoutMs }) {
        const { host, pathname } = new URL(url);
        try {
          return await run.lab.network.call("127.0.0.1:3", host, { method, path: pathname, headers: { ...headers }, body }, timeoutMs);
        } catch (error) {
          if (!(error instanceof NoReply)) throw error;
          throw error.failure === "refused" ? new Refused(`${host} cannot be reached`) : new Unreachable(`${host}: ${error.failure}`);
        }
      },
    };
  }
  const open = (): OpenmldbContinuity =>
    new OpenmldbContinuity({
      http: http(),
      rpc: run.open().cluster.rpc,
      route: { hosts: run.lab.of("apiserver").map(({ endpoint }) => endpoint) },
      database: "stillwater_probe",
      name: "Run1",
      replicateWithinMs: 0,
    });
  beforeEach(async () => {
    run = await MemoryRun.begin({ nameservers: 2, tablets: 3, apiservers: 2, partitions: 6, replicas: 2 });
    client = open();
    await does(client.prepare());
  });

  test("Its own table has the cluster's replicas and a leader on every tablet that leads something", async () => {
    const table = await does(run.lab.table("stillwater_probe", "probe_run1"));
    expect(
      new Set(
        table.table_partition.flatMap(({ partition_meta }) => partition_meta.filter(({ is_leader }) => is_leader).map(({ endpoint }) => endpoint)),
      ).size,
    ).toBe(3);
    expect(table.replica_num).toBe(2);
    expect(await does(client.partitions())).toEqual([0, 1, 2, 3, 4, 5].map((pid) => `stillwater_probe.probe_run1/${String(pid)}`));
    // Made once: another process of the probe finds it, with the same partitions.
    const again = open();
    await does(again.prepare());
    expect(again.partitionOf("k1-1")).toBe(client.partitionOf("k1-1"));
    expect(await does(client.durability())).toContain("asynchronous replication to 1 follower, compared by offset");
  });

  test("The partition of a key is the one whose offset grows when it is written", async () => {
    const offsets = async (): Promise<readonly number[]> => {
      const { tid, table_partition } = await does(run.lab.table("stillwater_probe", "probe_run1"));
      const leaders = table_partition.map(
        ({ pid, partition_meta }) =>
          [partition_meta.find(({ is_leader, is_alive }) => is_leader && is_alive !== false)?.endpoint ?? "", pid] as const,
      );
      return does(Promise.all(leaders.map(async ([endpoint, pid]) => (await run.lab.replica(endpoint, tid, pid))?.offset ?? -1)));
    };
    for (const key of ["k3f9a01c2-1", "k3f9a01c2-2x3", "k3f9a01c2-41", "k-7"]) {
      const before = await offsets();
      expect(await put(key)).toEqual({ is: "acknowledged" });
      const grown = (await offsets()).flatMap((offset, pid) => (offset > (before[pid] ?? 0) ? [pid] : []));
      expect(grown).toEqual([partitionOfKey(key, 6)]);
    }
  });

  test("Records are read through an APIServer, a second row of a key under a name of its own, a deleted one not at all", async () => {
    for (const key of ["a", "b", "c's", "d"]) expect(await put(key)).toEqual({ is: "acknowledged" });
    await does(client.attempt(insert("d", "d:other"), forever));
    expect(await does(client.attempt({ ...insert("b"), kind: "delete", value: null, expected: "b:1" }, forever))).toEqual({ is: "acknowledged" });
    const read = await does(client.readAuthoritative());
    expect([...read.keys()].toSorted()).toEqual(["a", "c's", "d", "d#2"]);
    expect(new Set([read.get("d"), read.get("d#2")])).toEqual(new Set(["d:1", "d:other"]));
    await does(client.removeBehindTheProbe("a"));
    expect((await does(client.readAuthoritative())).has("a")).toBe(false);
    await expect(does(client.removeBehindTheProbe("a"))).rejects.toMatchObject({ code: "SW5001" });
    expect(await does(client.attempt({ ...insert("a"), kind: "compare-and-set" }, forever))).toMatchObject({ is: "refused" });
  });

  test("Followers are compared by their offsets, and one that is behind is named", async () => {
    await put("a");
    await does(run.lab.settled());
    expect(await does(client.readReplicas())).toEqual(new Map());
    const { table_partition } = await does(run.lab.table("stillwater_probe", "probe_run1"));
    const pid = partitionOfKey("a", 6);
    const follower = table_partition.find((each) => each.pid === pid)?.partition_meta.find(({ is_leader }) => !is_leader)?.endpoint ?? "";
    for (const { name } of run.lab.of("tablet")) run.lab.tablet(name).paces.set(follower, { delayMs: 60_000 });
    await put("a");
    await expect(does(client.readReplicas())).rejects.toThrow(`stillwater_probe.probe_run1/${String(pid)} on ${follower} is at 1 of 2`);
  });

  test("An APIServer that is down is passed over; a fenced tablet refuses in words; silence is unknown", async () => {
    const [first, second] = run.lab.of("apiserver").map(({ name }) => name);
    run.lab.kill(first ?? "");
    for (const key of ["a", "b", "c"]) expect(await put(key)).toEqual({ is: "acknowledged" });
    for (const { endpoint } of run.lab.of("tablet")) await does(run.lab.call(endpoint, "TabletServer/SetMode", { follower: true }));
    expect(await put("d")).toMatchObject({ is: "refused", why: expect.stringContaining("453") as string });
    for (const { endpoint } of run.lab.of("tablet")) run.lab.network.fault({ to: endpoint, fault: { kind: "lose-reply", as: "closed" } });
    expect(await put("e")).toMatchObject({ is: "unknown" });
    run.lab.kill(second ?? "");
    expect(await put("f")).toMatchObject({ is: "refused", why: expect.stringContaining("never sent") as string });
    await expect(does(client.readAuthoritative())).rejects.toBeInstanceOf(Unreachable);
  });

  test("Nothing of it is left afterwards, also when it is cleaned up twice", async () => {
    await does(client.cleanUp());
    await does(client.cleanUp());
    const { db = [] } = await does(run.lab.ask<{ readonly code: number; readonly db?: readonly string[] }>("ShowDatabase"));
    expect(db).not.toContain("stillwater_probe");
    await expect(does(client.partitions())).rejects.toMatchObject({ code: "SW5001" });
  });
});

describe("what an answer says about a write", () => {
  let http: HttpDouble;
  beforeEach(() => void (http = new HttpDouble()));
  afterEach(() => expect(http.sent.length).toBeGreaterThan(0));
  const write = { method: "PUT", path: "/tables/t", body: {} } as const;
  const at = (server: string): string => `${server} /dbs/db/tables/t`;
  const outcome = (signal = forever): Promise<AttemptOutcome> => new ProbeRoute(http, ["a:1", "b:1"], "db").attempt(write, signal);

  test.each([
    [{ code: 0, msg: "ok" }, "acknowledged"],
    [{ code: 103, msg: "table is follower" }, "refused"],
    [{ code: 453, msg: "is follower cluster" }, "refused"],
    [{ code: -1, msg: "INSERT failed, put to tablet: table is follower" }, "refused"],
    [{ code: -1, msg: "table t does not exist" }, "refused"],
    [{ code: -1, msg: "fail to make a put request to table. tid 9, error text: rpc timed out" }, "unknown"],
    [{ code: 1000, msg: "insert failed" }, "unknown"],
    [{ nonsense: true }, "unknown"],
  ])("%j is %s", async (json, is) => {
    http.on(at("a:1"), { json });
    expect((await outcome()).is).toBe(is);
    expect(http.sent).toHaveLength(1);
  });
  test("a cut is unknown and not sent again; nobody listening is asked no further than the last", async () => {
    http.on(at("a:1"), "closed");
    expect((await outcome()).is).toBe("unknown");
    expect(http.sent).toHaveLength(1);
    http.on(at("a:1"), "refused").on(at("b:1"), { status: 503, body: "" });
    expect((await outcome()).is).toBe("unknown");
    http.on(at("b:1"), "refused");
    expect(await outcome()).toMatchObject({ is: "refused", why: expect.stringContaining("never sent") as string });
  });
});

test("A route that names no APIServer, or nothing that is one, is refused before a run begins", () => {
  const options = { http: new HttpDouble(), rpc: {} as never, database: "d", name: "x" };
  expect(() => new OpenmldbContinuity({ ...options, route: { hosts: [] } })).toThrow("no address");
  expect(() => new OpenmldbContinuity({ ...options, route: { address: "api" } })).toThrow("not HOST:PORT");
  expect(() => new OpenmldbContinuity({ ...options, route: { address: "api:9080" }, name: "a b" })).toThrow("cannot name");
});
