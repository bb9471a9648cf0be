import { describe, expect, it } from "vitest";
import type { Host, ProcessState } from "../../model/host.ts";
import type { OmNode } from "./cluster.ts";
import { readProcess } from "./processes.ts";

const directory = "/opt/openmldb/tablet1";
const component = `./bin/openmldb --flagfile=./conf/tablet.flags --enable_status_service=true`;
const mon = `./bin/mon ${component} -d -s 10 -l ./logs/tablet_mon.log -m bin/tablet.pid -p bin/tablet.pid.child`;

interface Machine {
  readonly files?: Readonly<Record<string, string>>;
  /** pid to command and working directory; null: it may not be seen. */
  readonly processes?: Readonly<Record<number, { readonly command: string; readonly cwd?: string | null; readonly state?: string }>>;
}
/** Only what readProcess asks of a host. */
function nodeOn({ files = {}, processes = {} }: Machine, role: "tablet" | "taskmanager" = "tablet"): OmNode {
  const host = {
    name: "h1",
    readText: async (path: string) => files[path.replace(`${directory}/bin/`, "")] ?? null,
    process: async (pid: number): Promise<ProcessState | null> => {
      const found = processes[pid];
      return found ? { pid, startTicks: pid, state: found.state ?? "S", executable: null, command: found.command } : null;
    },
    query: async ([tool, flag, ...rest]: readonly string[]) => {
      if (tool === "pgrep") {
        const pattern = new RegExp(rest[0] ?? "");
        const pids = Object.entries(processes).flatMap(([pid, { command }]) => (pattern.test(command) ? [pid] : []));
        return { code: pids.length > 0 ? 0 : 1, stdout: pids.map((pid) => `${pid}\n`).join(""), stderr: "" };
      }
      expect([tool, flag]).toEqual(["readlink", "-f"]);
      const pid = Number(/^\/proc\/(\d+)\/cwd$/.exec(rest[0] ?? "")?.[1]);
      const cwd = processes[pid]?.cwd === undefined ? directory : processes[pid]?.cwd;
      return cwd === null
        ? { code: 1, stdout: `${directory}\n`, stderr: "Permission denied" }
        : { code: 0, stdout: `${cwd}\n${directory}\n`, stderr: "" };
    },
  };
  return {
    name: "t1",
    role,
    endpoint: "t:1",
    address: "t:1",
    // The rest of a host is not asked for; it would fail.
    host: host as unknown as Host,
    directory,
    component: role,
    start: null,
    sparkHome: null,
    archives: "/a",
    backups: "/b",
  };
}

describe("the process of a component", () => {
  it("[OM-5] in background mode: the pid file names the component", async () => {
    const node = nodeOn({ files: { "tablet.pid": "70\n" }, processes: { 70: { command: component } } });
    expect(await readProcess(node)).toEqual({ process: "background", pid: 70, monPid: null, stale: [] });
  });

  it("[OM-6] in daemon mode: .pid is the monitor's, .pid.child the component's", async () => {
    const node = nodeOn({ files: { "tablet.pid": "60", "tablet.pid.child": "70" }, processes: { 60: { command: mon }, 70: { command: component } } });
    expect(await readProcess(node)).toEqual({ process: "daemon", pid: 70, monPid: 60, stale: [] });
  });

  it("in daemon mode: mon writes the number and NULs behind it", async () => {
    const files = { "tablet.pid": "60\0\0\0\0", "tablet.pid.child": "70\0\0\0\0" };
    expect(await readProcess(nodeOn({ files, processes: { 60: { command: mon }, 70: { command: component } } }))).toMatchObject({
      pid: 70,
      monPid: 60,
      stale: [],
    });
  });

  it("in daemon mode between two starts: the monitor is there, the component not yet", async () => {
    const node = nodeOn({ files: { "tablet.pid": "60", "tablet.pid.child": "70" }, processes: { 60: { command: mon } } });
    expect(await readProcess(node)).toEqual({ process: "daemon", pid: null, monPid: 60, stale: [`${directory}/bin/tablet.pid.child`] });
  });

  it("[OM-7] the monitor has crashed, its component goes on", async () => {
    const node = nodeOn({ files: { "tablet.pid": "60", "tablet.pid.child": "70" }, processes: { 70: { command: component } } });
    expect(await readProcess(node)).toEqual({ process: "daemon-lost-mon", pid: 70, monPid: null, stale: [`${directory}/bin/tablet.pid`] });
  });

  it.each([
    ["nobody", {}],
    ["a dead process that nobody waited for", { 70: { command: component, state: "Z" } }],
    ["another program with the same pid", { 70: { command: "vim notes" } }],
    ["another component", { 70: { command: component.replace("tablet.flags", "tablet2.flags") } }],
    ["the tablet of another directory", { 70: { command: component, cwd: "/opt/openmldb/tablet2" } }],
  ])("is down when its pid file names %s", async (_, processes) => {
    const node = nodeOn({ files: { "tablet.pid": "70" }, processes });
    expect(await readProcess(node)).toEqual({ process: "down", pid: null, monPid: null, stale: [`${directory}/bin/tablet.pid`] });
  });

  it("without a pid file is found by its command line and directory", async () => {
    const node = nodeOn({ processes: { 50: { command: component, cwd: "/opt/openmldb/tablet2" }, 70: { command: component } } });
    expect(await readProcess(node)).toEqual({ process: "background", pid: 70, monPid: null, stale: [] });
  });

  it("a process that may not be seen is not guessed about", async () => {
    const node = nodeOn({ files: { "tablet.pid": "70" }, processes: { 70: { command: component, cwd: null } } });
    await expect(readProcess(node)).rejects.toThrow("whose process 70 is on h1 cannot be told");
  });

  it("a taskmanager works below its directory", async () => {
    const command = "java -classpath lib/* -Dapp.name=taskmanager com._4paradigm.openmldb.taskmanager.server.TaskManagerServer";
    const node = nodeOn({ files: { "taskmanager.pid": "80" }, processes: { 80: { command, cwd: `${directory}/taskmanager/bin` } } }, "taskmanager");
    expect(await readProcess(node)).toMatchObject({ process: "background", pid: 80 });
  });
});
