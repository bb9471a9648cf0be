// The vendor's own tool against the lab's command (facts 6: the second face of the lab). Its text is no part of this project:
// OPENMLDB_OPS=DIR names a directory that holds its tools/openmldb_ops.py and tools/tool.py, and prettytable or something that stands for it.
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOAD_COLUMNS, loadRow, values } from "../load/row.ts";
import type { TableInfo } from "../logic/nameserver/metadata.ts";
import { freePorts } from "../../kit/free-ports.ts";
import { RealTimeCluster, ROOT } from "./testing/real-time-cluster.ts";

const TOOL = process.env["OPENMLDB_OPS"];
const ROWS = 60;

let cluster: RealTimeCluster;
let directory: string;
/** The tablet that is upgraded: it leads the table with one replica. */
let upgraded: string;

async function tool(cmd: string, ...more: readonly string[]): Promise<{ code: number; output: string }> {
  const argv = [
    join(TOOL ?? "", "openmldb_ops.py"),
    `--openmldb_bin_path=${join(directory, "openmldb")}`,
    "--zk_cluster=memory",
    `--zk_root_path=${ROOT}`,
    `--statfile=${join(directory, "stat")}`,
    `--cmd=${cmd}`,
    ...more,
  ];
  return await new Promise((resolve) => {
    execFile("python3", argv, { cwd: directory, env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error === null ? 0 : -1, output: stdout + stderr });
    });
  });
}
const metasOf = ({ table_partition }: TableInfo, endpoint: string): TableInfo["table_partition"][number]["partition_meta"] =>
  table_partition.flatMap(({ partition_meta }) => partition_meta).filter((meta) => meta.endpoint === endpoint);
const leads = (tables: readonly TableInfo[], endpoint: string): readonly string[] =>
  tables.filter((table) => metasOf(table, endpoint).some((meta) => meta.is_leader && meta.is_alive !== false)).map(({ name }) => name);
const table = async (name: string): Promise<TableInfo> => (await cluster.tables()).find((one) => one.name === name)!;
const count = async (name: string): Promise<unknown> =>
  (await cluster.client.sql([cluster.apiserver], "test", `select count(*) from ${name}`))[0]?.[0];

describe.skipIf(TOOL === undefined)("the vendor's openmldb_ops.py (skipped unless OPENMLDB_OPS names its directory)", () => {
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "openmldb-ops-"));
    cluster = new RealTimeCluster([...(await freePorts(5))]);
    await cluster.up();
    const url = await cluster.listenForCommands();
    const command = join(directory, "openmldb");
    const program = `const reply = await fetch(${JSON.stringify(url)}, { method: "POST", body: JSON.stringify(process.argv.slice(2)) });\nprocess.stdout.write(await reply.text());\n`;
    await writeFile(`${command}.mjs`, program);
    await writeFile(command, `#!/bin/sh\nexec "${process.execPath}" "${command}.mjs" "$@"\n`);
    await chmod(command, 0o755);
    const sql = (text: string): Promise<unknown> => cluster.client.sql([cluster.apiserver], "test", text);
    await sql("create database test");
    await sql(`create table t1 (${LOAD_COLUMNS}) options (partitionnum=3, replicanum=2)`);
    await sql(`create table single (${LOAD_COLUMNS}) options (partitionnum=1, replicanum=1)`);
    for (let n = 0; n < ROWS; n++) {
      await cluster.client.put(cluster.apiserver, "test", "t1", values(loadRow("row", n, 3)));
      await cluster.client.put(cluster.apiserver, "test", "single", values(loadRow("row", n, 1)));
    }
    upgraded = (await table("single")).table_partition[0]!.partition_meta[0]!.endpoint;
  });
  afterAll(async () => {
    cluster.down();
    await rm(directory, { recursive: true });
  });

  it("showtablestatus shows every table", async () => {
    const { code, output } = await tool("showtablestatus");
    expect(code, output).toBe(0);
    for (const { name } of await cluster.tables()) expect(output).toContain(`|${name}|`);
    expect(output).toContain("Offline_symbolic_paths|Warnings");
  });

  it("pre-upgrade moves every leader away, with an extra replica where there is one", async () => {
    const before = leads(await cluster.tables(), upgraded);
    const { code, output } = await tool("pre-upgrade", `--endpoints=${upgraded}`);
    expect(code, output).toBe(0);
    expect(output).not.toMatch(/ERROR|WARNING|Traceback/);
    expect(leads(await cluster.tables(), upgraded)).toEqual([]);
    const lines = (await readFile(join(directory, "stat"), "utf8")).trim().split("\n");
    expect(new Set(lines.map((line) => line.split(",")[2]))).toEqual(new Set(before));
    expect((await table("single")).table_partition[0]!.partition_meta).toHaveLength(2);
  });

  it("showopstatus lists what it did", async () => {
    const { code, output } = await tool("showopstatus", "--db=test", "--filter=kDone");
    expect(code, output).toBe(0);
    for (const type of ["kAddReplicaOP", "kChangeLeaderOP", "kRecoverTableOP"])
      expect(output).toMatch(new RegExp(`^test\\|\\d+\\|${type}\\|.*\\|kDone\\|`, "m"));
    expect((await tool("showopstatus", "--filter=kFailed")).output).not.toContain("test|");
  });

  it("recoverdata loads what the restarted tablet has lost", async () => {
    await cluster.restart(cluster.tablets.find(({ endpoint }) => endpoint === upgraded)!);
    const { code, output } = await tool("recoverdata");
    expect(code, output).toBe(0);
    expect(output).toContain("recover success");
    await cluster.until("every replica is alive", async () =>
      (await cluster.tables()).every(({ table_partition }) =>
        table_partition.every(({ partition_meta }) => partition_meta.every((meta) => meta.is_alive !== false)),
      ),
    );
  });

  it("post-upgrade brings the leaders back and takes the extra replica away", async () => {
    const { code, output } = await tool("post-upgrade", `--endpoints=${upgraded}`);
    expect(code, output).toBe(0);
    expect(output).not.toMatch(/ERROR|Traceback/);
    expect(leads(await cluster.tables(), upgraded)).toContain("single");
    expect((await table("single")).table_partition[0]!.partition_meta).toMatchObject([{ endpoint: upgraded }]);
    await expect(stat(join(directory, "stat"))).rejects.toThrow("ENOENT");
    expect([await count("t1"), await count("single")]).toEqual([ROWS, ROWS]);
  });
});
