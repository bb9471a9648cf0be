// One lab of real processes, and what an operator can do to it with the vendor's scripts alone (facts 1.3, 1.4).
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAlive, type LabProcess } from "../../kit/process-table.ts";
import { LabClient } from "./ask.ts";
import { down } from "./down.ts";
import { inject } from "./faults.ts";
import { clusterDirectoryOf, nodeOf, nodesOf, type LabFile } from "./lab-file.ts";
import { processOfNode } from "./server-process.ts";
import { status } from "./status.ts";
import { startByScript, up } from "./up.ts";

const parent = mkdtempSync(join(tmpdir(), "lab-dolphindb-"));
const directory = join(parent, "lab");
const patience = 60_000;
let lab: LabFile;
let client: LabClient;

beforeAll(async () => {
  // The longest that a machine which others load may keep a process waiting: silence of 8 s is 2.4 s here.
  lab = await up({ directory, scale: 0.3 });
  client = new LabClient(lab);
});
afterAll(async () => {
  client.close();
  if (existsSync(join(directory, "lab.json"))) await down(directory);
  rmSync(parent, { recursive: true });
});

const running = (name: string): LabProcess => {
  const found = processOfNode(nodeOf(lab, name));
  if (found === null) throw new Error(`${name} does not run`);
  return found;
};
/** On a host, in clusterDemo. */
const script = (host: string, shell: "sh" | "bash", name: string, input = "", environment: NodeJS.ProcessEnv = { TERM: "xterm" }) => {
  const agent = nodeOf(lab, `agent${host.slice(1)}`);
  const {
    status: code,
    stdout,
    stderr,
  } = spawnSync(shell, [name], {
    cwd: clusterDirectoryOf(agent),
    input,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], ...environment },
  });
  return { code, stdout, stderr };
};
const ended = (name: string): Promise<void> =>
  client.until(`${name} has ended`, () => Promise.resolve(processOfNode(nodeOf(lab, name)) === null), patience);
const version = async (name: string): Promise<string> => {
  const answer = await client.call(nodeOf(lab, name).endpoint, "version");
  return answer.kind === "value" ? (String(answer.value).split(" ")[0] ?? "") : answer.kind;
};
const rowsStored = async (): Promise<number> => {
  const answer = await client.script(nodeOf(lab, "node1").endpoint, 'exec count(*) from loadTable("dfs://shop", "orders")');
  return answer.kind === "value" ? Number(answer.value) : Number.NaN;
};
/** A host's data nodes, when its controller and agent are back. */
const startDataNode = async (name: string): Promise<void> => {
  await client.until(
    `the leader starts ${name}`,
    async () => {
      const leader = await client.leader();
      return leader !== null && (await client.call(leader, "startDataNode", [[name]])).kind === "value";
    },
    patience,
  );
  await client.until(`${name} is initialised`, () => client.isTrue(nodeOf(lab, name).endpoint, "isDataNodeInitialized"), patience);
};

describe("a lab of processes", () => {
  it("has every node running under its own pid, one controller that leads, and chunks with replicas", async () => {
    const { nodes, leader, chunks } = await status(directory);
    expect(nodes.map(({ name, online, version: said }) => [name, online, said])).toEqual(lab.nodes.map(({ name }) => [name, true, lab.release]));
    expect(new Set(nodes.map(({ pid }) => pid)).size).toBe(9);
    expect(nodesOf(lab, "controller").map(({ name }) => name)).toContain(leader);
    expect(chunks?.["COMPLETE"]).toBeGreaterThanOrEqual(12);
    expect(await rowsStored()).toBe(240);
  });

  it("logins and effects are in the node's own log, and the password is not", async () => {
    await client.script(nodeOf(lab, "node2").endpoint, "flushTSDBCache()");
    const log = readFileSync(join(clusterDirectoryOf(nodeOf(lab, "node2")), "log/node2.log"), "utf8");
    expect(log).toContain("flushTSDBCache()");
    expect(log).toContain("login");
    expect(log).not.toContain("123456");
  });

  it("upgrade.sh ends with 2 under dash and with 1 without a terminal, silently, and with 0 when the package is not there [DD-19]", () => {
    expect(script("h3", "sh", "upgrade.sh")).toMatchObject({ code: 2, stderr: expect.stringContaining("Syntax error") as string });
    expect(script("h3", "bash", "upgrade.sh", "y\n2\n2.00.8.12\n", {})).toMatchObject({ code: 1, stdout: "" });
    const missing = script("h3", "bash", "upgrade.sh", "y\n2\n2.00.8.12\n");
    expect(missing.code).toBe(0);
    expect(missing.stdout).toContain("UpLoadFailure");
    expect(script("h3", "bash", "upgrade.sh", "n\n").code).toBe(0);
    expect(readFileSync(join(nodeOf(lab, "node3").server, "dolphindb"), "utf8")).toContain(lab.release);
  });

  it("stopAllNode.sh ends all roles of its host and of no other, and does not wait for them [DD-17]", async () => {
    const own = ["ctl3", "agent3", "node3"].map(running);
    const others = ["ctl1", "agent1", "node1", "ctl2", "agent2", "node2"].map(running);
    expect(script("h3", "sh", "stopAllNode.sh").code).toBe(0);
    expect(own.some(isAlive)).toBe(true);
    for (const name of ["ctl3", "agent3", "node3"]) await ended(name);
    expect(others.every(isAlive)).toBe(true);
  });

  it("upgrade.sh puts the package in place and leaves licence, dolphindb.cfg and clusterDemo alone; then the host comes back with its data [DD-19] [DD-20] [DD-23]", async () => {
    const { server } = nodeOf(lab, "node3");
    writeFileSync(join(server, "dolphindb.cfg"), "mode=single\n# the operator's\n");
    const archive = lab.archives.find(({ version: named, path }) => named === "2.00.8.12" && path.includes("Linux64"))?.path ?? "";
    copyFileSync(archive, join(server, "clusterDemo/DolphinDB_Linux64_V2.00.8.12.zip"));
    const { code, stdout } = script("h3", "bash", "upgrade.sh", "y\n2\n2.00.8.12\n");
    expect(code).toBe(0);
    for (const word of ["UpLoadSuccess", "UnzipSuccess", "UpgradeSuccess"]) expect(stdout).toContain(word);
    expect(readFileSync(join(server, "dolphindb"), "utf8")).toContain("2.00.8.12");
    expect(readFileSync(join(server, "dolphindb.cfg"), "utf8")).toContain("the operator's");
    expect(existsSync(join(server, "clusterDemo/DolphinDB_Linux64_V2.00.8.12.zip"))).toBe(false);
    await startByScript(nodeOf(lab, "ctl3"));
    await startByScript(nodeOf(lab, "agent3"));
    await startDataNode("node3");
    for (const name of ["ctl3", "agent3", "node3"]) expect(await version(name)).toBe("2.00.8.12");
    expect(await version("node1")).toBe(lab.release);
    expect(await rowsStored()).toBe(240);
  });

  it("a package whose name lies is put in place with success: the binary is the old one", async () => {
    const lying = lab.archives.find(({ version: named, inside }) => named !== inside);
    const { server } = nodeOf(lab, "node2");
    script("h2", "sh", "stopAllNode.sh");
    for (const name of ["ctl2", "agent2", "node2"]) await ended(name);
    copyFileSync(lying?.path ?? "", join(server, `clusterDemo/DolphinDB_Linux64_V${lying?.version ?? ""}.zip`));
    const { code, stdout } = script("h2", "bash", "upgrade.sh", `y\n2\n${lying?.version ?? ""}\n`);
    expect(code).toBe(0);
    expect(stdout).toContain("UpgradeSuccess");
    await startByScript(nodeOf(lab, "ctl2"));
    await startByScript(nodeOf(lab, "agent2"));
    await startDataNode("node2");
    expect(await version("node2")).toBe(lab.release);
  });

  it("a library that is overwritten in place takes the running processes with it", async () => {
    const { server } = nodeOf(lab, "node1");
    const agent = running("agent1");
    writeFileSync(join(server, "libDolphinDB.so"), "another one");
    await client.until("the agent has died of it", () => Promise.resolve(!isAlive(agent)), patience);
    for (const name of ["ctl1", "node1"]) await ended(name);
    for (const name of ["ctl1", "agent1"]) await startByScript(nodeOf(lab, name));
    await startDataNode("node1");
    expect(await rowsStored()).toBe(240);
  });

  it("an answer that is lost does not come, and what was asked is done", async () => {
    const { endpoint } = nodeOf(lab, "ctl1");
    await inject(directory, { kind: "lose-reply", node: "ctl1", words: "setDatanodeRestartInterval", count: 1 });
    const socket = new WebSocket(`ws://${endpoint}`);
    await new Promise((resolve) => {
      socket.addEventListener("open", resolve);
    });
    let answers = 0;
    socket.addEventListener("message", () => {
      answers += 1;
    });
    socket.send(new TextEncoder().encode("API2 0 26 / 0_1_4_64\nconnect\nlogin\nadmin\n123456"));
    const set = "script\nsetDatanodeRestartInterval(7)";
    socket.send(new TextEncoder().encode(`API2 0 ${String(set.length)} / 0_1_4_64\n${set}`));
    await client.until(
      "the interval is set",
      async () => {
        const answer = await client.call(endpoint, "getDatanodeRestartInterval");
        return answer.kind === "value" && Number(answer.value) === 7;
      },
      patience,
    );
    expect(answers).toBe(1);
    socket.close();
  });

  it("kill -9 leaves no trace in the log, and down ends all that is left", async () => {
    const before = running("node1");
    await inject(directory, { kind: "kill", node: "node1" });
    // By its own start time: a process that is ending has no command line any more while it is still there.
    await client.until("node1 has ended", () => Promise.resolve(!isAlive(before)), patience);
    const others = lab.nodes.filter(({ name }) => name !== "node1").map(({ name }) => running(name));
    expect(await down(directory)).toBeGreaterThanOrEqual(others.length);
    expect(others.some(isAlive)).toBe(false);
  });
});
