import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { Json } from "../../../model/json.ts";
import type { Step } from "../../../model/step.ts";
import { operationTable } from "../../../planner/kit.ts";
import type { DdFacts } from "../facts.ts";
import { Crash, oneHost, undoOf, type OneHost } from "../testing/one-host.ts";
import { backupOperation, type Inventory } from "./backup.ts";
import { restoreBackupOperation } from "./restore-backup.ts";

let open: OneHost[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
  open = [];
});

const data = "server/clusterDemo/data";
const files = {
  [`${data}/ctl1/raft/raftHardstate1`]: "term 7\n",
  [`${data}/ctl1/raft/raftWAL1`]: "entries 1 to 9\n",
  [`${data}/ctl1/sysmgmt/aclEditlog.meta`]: "users\n",
  [`${data}/ctl1/keys/aclPrivate.key`]: "private\n",
  "disk1/meta/CHUNK_METADATA/editlog.1": "chunk a version 3\n",
  "disk1/meta/LOG/77/transaction": "pending\n",
  "disk2/log/TSDBMeta/iotEditLog.meta": "level files\n",
  "disk2/log/TSDBRedo/head.log": "\n",
  [`${data}/dn1/sysmgmt/jobEditlog.meta`]: "jobs\n",
  "disk2/streams/trades/0.log": "persisted stream\n",
  "server/clusterDemo/config/controller.cfg": "mode=controller\n",
  "server/dolphindb.lic": "paid licence\n",
  "server/dolphindb": "#!/bin/sh\n",
};

interface Scene extends OneHost {
  readonly operations: ReturnType<typeof operationTable<DdFacts>>;
  backup(more?: Json): Step;
  restore(node: string, way?: "restore" | "resync"): Step;
}
async function scene(): Promise<Scene> {
  const one = await oneHost([
    { name: "ctl1", role: "controller" },
    { name: "agent1", role: "agent" },
    { name: "dn1", role: "datanode" },
  ]);
  open.push(one);
  await one.write(files);
  const [backup, restore] = [backupOperation(one.cluster), restoreBackupOperation(one.cluster)];
  const directories = {
    dn1: {
      chunkMetaDir: join(one.root, "disk1/meta"),
      TSDBRedoLogDir: join(one.root, "disk2/log/TSDBRedo"),
      persistenceDir: join(one.root, "disk2/streams"),
    },
  };
  const params = { host: "db1", nodes: ["ctl1", "agent1", "dn1"], name: "db1-a-to-b", directories, leaveOut: [] as string[] };
  return Object.assign(one, {
    operations: operationTable<DdFacts>(backup, restore),
    backup: (more: Json = {}) => backup.step("backup", "backup", { ...params, ...(more as object) }),
    restore: (node: string, way: "restore" | "resync" = "restore") => restore.step(`restore ${node}`, "restore", { node, name: "db1-a-to-b", way }),
  });
}
const journal = (): Map<string, Json> => new Map();
const rename = (root: string, path: string): string => path.replace(`${root}/`, "");

test("[DD-16] [DD-18] Everything that a controller and a data node own is copied from the directories they named, with checksums, place and retention", async () => {
  const on = await scene();
  const proof = (await on.carryOut(on.operations, on.backup(), journal())) as unknown as {
    directory: string;
    retention: string;
    checksums: Record<string, string>;
  };
  expect(rename(on.root, proof.directory)).toMatch(/^state\/backups\/db1-a-to-b-\d{8}T\d{6}Z$/);
  expect(proof.retention).toContain("until you remove it");
  expect(Object.keys(proof.checksums).map((path) => rename(on.root, path))).toEqual([
    `${data}/ctl1/raft`,
    `${data}/ctl1/sysmgmt`,
    `${data}/ctl1/keys`,
    "disk1/meta/CHUNK_METADATA",
    "disk1/meta/LOG",
    "disk2/log/TSDBMeta",
    `${data}/dn1/sysmgmt`,
    "disk2/log/TSDBRedo",
    "disk2/streams",
    "server/clusterDemo/config",
    "server/dolphindb.lic",
  ]);
  expect((await stat(proof.directory)).mode & 0o777).toBe(0o700);
  const inventory = JSON.parse(await on.text(`${rename(on.root, proof.directory)}/inventory.json`)) as Inventory;
  expect(inventory.groups.map(({ name }) => name)).toEqual(["ctl1", "dn1", "installation"]);
  expect(inventory.groups[0]?.absent.map((path) => rename(on.root, path))).toEqual([`${data}/ctl1/dfsMeta`]);
  // The operator does without persisted streams.
  const less = (await on.carryOut(on.operations, on.backup({ leaveOut: ["streams"] }), journal())) as unknown as {
    directory: string;
    checksums: object;
  };
  expect(less.directory).not.toBe(proof.directory);
  expect(JSON.stringify(less.checksums)).not.toContain("disk2/streams");
});

test("[DD-18] A controller without its Raft files, or a data node without chunk metadata, is an error, not an empty backup", async () => {
  const on = await scene();
  await rm(join(on.root, data, "ctl1/raft"), { recursive: true });
  await expect(on.carryOut(on.operations, on.backup(), journal())).rejects.toMatchObject({ code: "SW2110", object: "ctl1" });
});

test("A copy is put back as a whole: what came later leaves, nothing is merged, and what was there can come back", async () => {
  const on = await scene();
  await on.carryOut(on.operations, on.backup(), journal());
  await on.write({
    [`${data}/ctl1/raft/raftWAL1.old`]: "newer\n",
    [`${data}/ctl1/raft/raftWAL1`]: "entries 1 to 20\n",
    [`${data}/ctl1/dfsMeta/DFSMetaLog.3`]: "new\n",
  });
  const memory = journal();
  const step = on.restore("ctl1");
  let instants = 0;
  for (let at = 0, done = false; !done; at++) {
    let passed = 0;
    on.interrupt = () => {
      if (passed++ === at) throw new Crash();
    };
    try {
      await on.carryOut(on.operations, step, memory);
      done = true;
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      instants++;
    }
  }
  on.interrupt = () => undefined;
  expect(instants).toBeGreaterThan(5);
  expect(await on.text(`${data}/ctl1/raft/raftWAL1`)).toBe("entries 1 to 9\n");
  expect(await readdir(join(on.root, data, "ctl1/raft"))).toEqual(["raftHardstate1", "raftWAL1"]);
  expect(await readdir(join(on.root, data, "ctl1"))).not.toContain("dfsMeta");
  // The data node's metadata was not touched: each node is put back on its own.
  await writeFile(join(on.root, "disk1/meta/CHUNK_METADATA/editlog.1"), "chunk a version 9\n");
  for (const back of undoOf(on.operations, step, memory)) await on.carryOut(on.operations, back, memory);
  expect(await on.text(`${data}/ctl1/raft/raftWAL1`)).toBe("entries 1 to 20\n");
  expect(await on.text(`${data}/ctl1/dfsMeta/DFSMetaLog.3`)).toBe("new\n");
  expect(await on.text("disk1/meta/CHUNK_METADATA/editlog.1")).toBe("chunk a version 9\n");
});

test("A controller that takes everything from the leader only loses its Raft files; they are kept", async () => {
  const on = await scene();
  await on.carryOut(on.operations, on.backup(), journal());
  const memory = journal();
  await on.carryOut(on.operations, on.restore("ctl1", "resync"), memory);
  const names = await readdir(join(on.root, data, "ctl1"));
  expect(names.filter((name) => !name.startsWith("before-rollback-"))).toEqual(["keys", "sysmgmt"]);
  for (const back of undoOf(on.operations, on.restore("ctl1", "resync"), memory)) await on.carryOut(on.operations, back, memory);
  expect(await on.text(`${data}/ctl1/raft/raftWAL1`)).toBe("entries 1 to 9\n");
});

test("Without a copy of that name a person is asked, and a copy that was interrupted is none", async () => {
  const on = await scene();
  expect(await on.look(on.operations, on.restore("ctl1"), journal())).toMatchObject({ is: "unclear" });
  await on.write({ "state/backups/db1-a-to-b-20261121T020407Z/ctl1/0.tar": "half" });
  expect(await on.look(on.operations, on.restore("ctl1"), journal())).toMatchObject({ is: "unclear" });
});
