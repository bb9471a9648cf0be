import { describe, expect, it } from "vitest";
import type { Host, ProcessState } from "../../model/host.ts";
import type { DdNode } from "./cluster.ts";
import { readProcess } from "./processes.ts";

const demo = "/opt/dolphindb/server/clusterDemo";
interface Running {
  readonly pid: number;
  readonly command: string;
  readonly cwd?: string;
  readonly state?: string;
}
const controller = "./../dolphindb -console 0 -mode controller -home data -config config/controller.cfg -logFile log/controller.log";
const data = (alias: string, port = 8902): string =>
  `./../dolphindb -console 0 -mode datanode -home data/${alias} -localSite 10.0.0.1:${String(port)}:${alias}`;

function nodeOn(running: readonly Running[], more: Partial<DdNode> = {}, pgrep?: number): DdNode {
  const host: Partial<Host> = {
    name: "h1",
    query: async ([program, ...rest]) => {
      if (program === "pgrep") {
        const code = pgrep ?? (running.length > 0 ? 0 : 1);
        return { code, stdout: code === 0 ? running.map(({ pid }) => `${String(pid)}\n`).join("") : "", stderr: "" };
      }
      const pid = Number(/^\/proc\/(\d+)\/cwd$/.exec(rest[1] ?? "")?.[1]);
      const cwd = running.find((each) => each.pid === pid)?.cwd ?? demo;
      return { code: 0, stdout: `${cwd}\n${rest[2] ?? ""}\n`, stderr: "" };
    },
    process: async (pid): Promise<ProcessState | null> => {
      const found = running.find((each) => each.pid === pid);
      return found === undefined
        ? null
        : { pid, startTicks: 7, state: found.state ?? "S", executable: "/opt/dolphindb/server/dolphindb", command: found.command };
    },
  };
  const node: Partial<DdNode> = {
    name: "ctl1",
    role: "controller",
    alias: "ctl1",
    endpoint: "10.0.0.1:8920",
    server: "/opt/dolphindb/server",
    clusterDirectory: demo,
  };
  return { ...node, host: host as Host, ...more } as DdNode;
}
const dataNode: Partial<DdNode> = { name: "node1", role: "datanode", alias: "node1", endpoint: "10.0.0.1:8902" };

describe("which process is a node", () => {
  it("[DD-17] by its mode and its directory", async () =>
    expect(await readProcess(nodeOn([{ pid: 41, command: controller }]))).toEqual({ pid: 41, boot: "41@7" }));
  it("not the one of another installation, nor an editor on its log, nor us", async () => {
    const others = [
      { pid: 41, command: controller, cwd: "/srv/other/server/clusterDemo" },
      { pid: 42, command: `vim ${demo}/log/dolphindb -mode controller.log` },
      { pid: 43, command: "node stillwater apply dolphindb -mode controller" },
    ];
    expect(await readProcess(nodeOn(others.slice(0, 2)))).toBeNull();
    expect(await readProcess(nodeOn([{ ...others[2]!, cwd: "/home/ana" }]))).toBeNull();
  });
  it("a data node by its alias and address, among others of the same directory", async () => {
    const running = [
      { pid: 51, command: data("node10", 8903) },
      { pid: 52, command: data("node1") },
    ];
    expect(await readProcess(nodeOn(running, dataNode))).toMatchObject({ pid: 52 });
    expect(await readProcess(nodeOn(running.slice(0, 1), dataNode))).toBeNull();
  });
  it("a dead process that nobody has waited for does not run", async () =>
    expect(await readProcess(nodeOn([{ pid: 41, command: controller, state: "Z" }]))).toBeNull());
  it("one that runs twice is told, not chosen from", async () =>
    expect(
      readProcess(
        nodeOn([
          { pid: 41, command: controller },
          { pid: 42, command: controller },
        ]),
      ),
    ).rejects.toThrow("runs twice"));
  it("a host that cannot list its processes says nothing: that is not the same as none", async () =>
    expect(readProcess(nodeOn([], {}, 127))).rejects.toThrow("cannot be listed"));
});
