// A whole lab of processes under the vendor's own client, that knows nothing of labs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DdbConnectionError, DdbDatabaseError, DdbTable, DdbVectorDouble, DdbVectorInt, DdbVectorLong, DdbVectorString } from "dolphindb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { down, fault, up } from "../../lab/index.ts";
import { client } from "./official-client.ts";

const parent = mkdtempSync(join(tmpdir(), "conformance-dolphindb-"));
const directory = join(parent, "lab");
type LabNodes = Awaited<ReturnType<typeof up<"dolphindb">>>["lab"]["nodes"];
let nodes: LabNodes = [];

beforeAll(async () => {
  ({
    lab: { nodes },
  } = await up("dolphindb", { directory, scale: 0.3 }));
});
afterAll(async () => {
  if (nodes.length > 0) await down(directory);
  rmSync(parent, { recursive: true });
});

const endpointOf = (name: string): string => {
  const found = nodes.find((node) => node.name === name);
  if (found === undefined) throw new Error(`the lab has no ${name}`);
  return found.endpoint;
};
const controllers = () => nodes.filter(({ role }) => role === "controller");
type Row = Readonly<Record<string, unknown>>;
const tableOf = async (endpoint: string, script: string): Promise<readonly Row[]> => client(endpoint).execute<readonly Row[]>(script);
/** The controller that leads, found as an application has to: by asking each. */
const leader = async (): Promise<string> => {
  for (const { endpoint } of controllers()) {
    try {
      await client(endpoint).invoke("getClusterPerf");
      return endpoint;
    } catch (error) {
      if (!(error instanceof DdbDatabaseError)) throw error;
    }
  }
  throw new Error("no controller leads");
};

describe("connect and login", () => {
  it("every node, whatever its role", async () => {
    for (const { name, endpoint } of nodes) {
      const ddb = client(endpoint);
      await ddb.connect();
      expect(await ddb.invoke("getNodeAlias"), name).toBe(name);
      expect(String(await ddb.invoke("version")), name).toMatch(/^2\.00\.7\.4 /);
    }
  });
  it("a wrong password", async () => {
    await expect(client(endpointOf("node1"), { password: "wrong" }).connect()).rejects.toBeInstanceOf(DdbDatabaseError);
  });
});

describe("functions of facts section 2", () => {
  it("getClusterPerf(true): a table with every node", async () => {
    const rows = await tableOf(await leader(), "getClusterPerf(true)");
    expect(rows.map((row) => row["name"])).toEqual(expect.arrayContaining(nodes.map(({ name }) => name)));
    expect(rows.filter((row) => row["isLeader"] === true)).toHaveLength(1);
    expect(rows.every((row) => row["state"] === 1)).toBe(true);
  });
  it("getClusterChunksStatus: types of the columns", async () => {
    const { columns, data } = await client(await leader()).invoke<{ readonly columns: readonly string[]; readonly data: readonly Row[] }>(
      "getClusterChunksStatus",
      [],
      { table: "full" },
    );
    expect(columns).toEqual(expect.arrayContaining(["chunkId", "file", "version", "state", "replicas", "replicaCount", "lastUpdated"]));
    expect(data.length).toBeGreaterThanOrEqual(12);
    expect(data.every((row) => row["replicaCount"] === 2 && row["state"] === "COMPLETE")).toBe(true);
  });
  it("getRecoveryTaskStatus: an empty table with its columns", async () => {
    const { columns, data } = await client(await leader()).invoke<{ readonly columns: readonly string[]; readonly data: readonly Row[] }>(
      "getRecoveryTaskStatus",
      [],
      { table: "full" },
    );
    expect(columns).toEqual(expect.arrayContaining(["TaskId", "TaskType", "ChunkId", "Status"]));
    expect(data).toEqual([]);
  });
  it("a follower sends to the leader by the tag", async () => {
    const leading = await leader();
    const follower = controllers().find(({ endpoint }) => endpoint !== leading)?.endpoint ?? "";
    await expect(client(follower).invoke("getClusterChunksStatus")).rejects.toThrow(`<NotLeader>${leading}:`);
  });
  it("getConfig: a dictionary; of one key, a text; of none, nothing", async () => {
    const ddb = client(controllers()[0]?.endpoint ?? "");
    expect(await ddb.invoke("getConfig")).toMatchObject({ dfsHAMode: "Raft", dfsReplicationFactor: "2" });
    expect(await ddb.invoke("getConfig", ["dfsHAMode"])).toBe("Raft");
    expect((await ddb.invoke("getConfig", ["nothingLikeThis"])) ?? null).toBeNull();
  });
  it("what the server does not have", async () => {
    await expect(client(endpointOf("node1")).invoke("getConnectionStat")).rejects.toThrow("Cannot recognize");
  });
});

describe("scripts", () => {
  it("the tutorial's three", async () => {
    const ddb = client(await leader());
    expect(await ddb.execute('select * from getClusterChunksStatus() where state != "COMPLETE"')).toEqual([]);
    const versions = await tableOf(endpointOf("node1"), "pnodeRun(version)");
    expect(versions.map((row) => String(row["node"])).toSorted()).toEqual(["node1", "node2", "node3"]);
    expect(versions.every((row) => String(row["value"]).startsWith("2.00.7.4"))).toBe(true);
    await client(endpointOf("node1")).execute("rpc(getControllerAlias(), getConfig{`dfsMetaDir})");
  });
  it("the vendor's Python client's question for the nodes", async () => {
    const rows = await tableOf(endpointOf("node1"), "rpc(getControllerAlias(), getClusterPerf)");
    expect(rows.filter((row) => row["mode"] === 0).map((row) => row["name"])).toEqual(expect.arrayContaining(["node1", "node2", "node3"]));
  });
  it("one node, or several, through the client's own helpers", async () => {
    const ddb = client(endpointOf("node1"));
    expect(await ddb.invoke("getNodeAlias", [], { node: "node3" })).toBe("node3");
    const answers = await ddb.invoke<readonly Row[]>("getNodeAlias", [], { nodes: ["node1", "node2"] });
    expect(answers.map((row) => String(row["value"])).toSorted()).toEqual(["node1", "node2"]);
  });
  it("nonsense", async () => {
    await expect(client(endpointOf("node1")).eval("select from where")).rejects.toBeInstanceOf(DdbDatabaseError);
  });
});

describe("a table", () => {
  it("is made, written to with uploaded rows and by its appender, and read from another node", async () => {
    const ddb = client(endpointOf("node1"));
    await ddb.eval(
      [
        'db = database(directory="dfs://conformance", partitionType=VALUE, partitionScheme=0..3, engine="TSDB")',
        "shape = table(1:0, `part`id`name`sum, [INT, LONG, STRING, DOUBLE])",
        'made = createPartitionedTable(dbHandle=db, table=shape, tableName="rows", partitionColumns=`part, sortColumns=`id, keepDuplicates=ALL)',
      ].join("\n"),
    );
    const rows = (from: number) =>
      new DdbTable(
        [
          new DdbVectorInt([0, 1, 2], "part"),
          new DdbVectorLong([from, from + 1, from + 2], "id"),
          new DdbVectorString(["a", "b", "c"], "name"),
          new DdbVectorDouble([0.5, 1.5, 2.5], "sum"),
        ],
        "rows",
      );
    const appended = await ddb.call('tableInsert{loadTable("dfs://conformance", "rows")}', [rows(1)]);
    expect(Number(appended.value)).toBe(3);
    await ddb.upload(["more"], [rows(4)]);
    expect(Number(await ddb.execute('tableInsert(loadTable("dfs://conformance", "rows"), more)'))).toBe(3);
    const stored = await tableOf(endpointOf("node2"), 'select part, id, name, sum from loadTable("dfs://conformance", "rows") where part = 1');
    expect(stored).toEqual([
      { part: 1, id: 2n, name: "b", sum: 1.5 },
      { part: 1, id: 5n, name: "b", sum: 1.5 },
    ]);
    expect(Number(await client(endpointOf("node3")).execute('exec count(*) from loadTable("dfs://conformance", "rows")'))).toBe(6);
  });
});

describe("a server that dies", () => {
  it("fails what is under way, and nobody answers there", async () => {
    const endpoint = endpointOf("node3");
    const ddb = client(endpoint);
    await ddb.connect();
    await fault(directory, ["kill", "node3"]);
    await expect(ddb.invoke("version")).rejects.toBeInstanceOf(DdbConnectionError);
    await expect(client(endpoint).connect()).rejects.toBeInstanceOf(DdbConnectionError);
  });
});
