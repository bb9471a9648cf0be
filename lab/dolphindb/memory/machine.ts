// A machine in memory: its files, its processes, its services and the vendor's scripts on virtual time (facts 1.4). It outlives the processes on it.
import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import type { Launch, LabRole } from "../logic/node.ts";
import { Services } from "./services.ts";

/** What runs as one process. Both may come too late: it ends when it says so. */
export interface Launched {
  /** SIGTERM. */
  terminate(): void;
  /** SIGKILL, at once. */
  kill(): void;
}
export interface Command {
  readonly role: LabRole;
  /** Working directory: `.../server/clusterDemo`. */
  readonly directory: string;
  /** What an agent was told; null: a script started it, and it reads its own files. */
  readonly launch: Launch | null;
  /** The service that it belongs to. */
  readonly unit?: string | null;
}
/** Starts the logic of a node; `ended` is called when it ends by itself. */
export type Start = (machine: Machine, command: Command, ended: (code: number) => void) => Launched;

export interface MachineProcess {
  readonly pid: number;
  readonly startTicks: number;
  readonly executable: string;
  /** As /proc/PID/cmdline has it. */
  readonly command: string;
  /** Its working directory. */
  readonly directory: string;
  readonly role: LabRole;
  /** Null: a controller or an agent, of which a directory has one. */
  readonly alias: string | null;
  /** The service that it belongs to: its own, or that of the agent which started it. */
  readonly unit: string | null;
  terminate(): void;
  kill(): void;
}
export interface Ended {
  readonly at: number;
  readonly role: LabRole;
  readonly alias: string | null;
  /** Null: it was killed. */
  readonly code: number | null;
}

const shipped: Readonly<Record<"controller" | "agent", string>> = {
  controller:
    "./../dolphindb -console 0 -mode controller -home data -script dolphindb.dos -config config/controller.cfg -logFile log/controller.log -nodesFile config/cluster.nodes -clusterConfig config/cluster.cfg",
  agent: "./../dolphindb -console 0 -mode agent -home data -script dolphindb.dos -config config/agent.cfg -logFile log/agent.log",
};
const commandOf = ({ role, launch }: Command): string =>
  role === "controller" || role === "agent"
    ? shipped[role]
    : `./../dolphindb -console 0 -mode ${role} -home data/${launch?.alias ?? ""} -script dolphindb.dos -localSite ${launch?.endpoint ?? ""}:${launch?.alias ?? ""} -logFile log/${launch?.alias ?? ""}.log`;

export class Machine {
  readonly name: string;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly services: Services;
  readonly #start: Start;
  readonly #processes = new Map<number, MachineProcess>();
  readonly #waiting = new Set<() => void>();
  #nextPid = 1_000;
  /** Of every process since the machine is there. `automatic`: its service has brought it back. */
  readonly starts: { readonly at: number; readonly role: LabRole; readonly alias: string | null; readonly automatic: boolean }[] = [];
  readonly ends: Ended[] = [];
  /** Where nothing can be written any more; a test sets it. */
  readonly fullBelow = new Set<string>();

  constructor(name: string, world: { readonly clock: Clock; readonly disk: Disk }, start: Start) {
    this.name = name;
    this.disk = world.disk;
    this.clock = world.clock;
    this.#start = start;
    this.services = new Services(this);
  }

  process(pid: number): MachineProcess | null {
    return this.#processes.get(pid) ?? null;
  }
  processes(): readonly MachineProcess[] {
    return [...this.#processes.values()];
  }
  find(directory: string, role: LabRole, alias: string | null = null): MachineProcess | null {
    return this.processes().find((each) => each.directory === directory && each.role === role && each.alias === alias) ?? null;
  }
  freeBytes(path: string): number {
    return [...this.fullBelow].some((full) => path.startsWith(full)) ? 0 : 100 * 1024 ** 3;
  }

  /**
   * Without waiting for anything. `by`: the process that starts it, whose service it belongs to. Null: there is no binary, and the shell says so in a file that
   * nobody reads.
   */
  spawn(command: Command, by: { readonly unit: string | null; readonly automatic?: true } = { unit: null }): MachineProcess | null {
    const { directory, role, launch } = command;
    const executable = `${serverOf(directory)}/dolphindb`;
    if (this.disk.read(executable) === null) return null;
    const pid = this.#nextPid++;
    const alias = launch?.alias ?? null;
    this.starts.push({ at: this.clock.now(), role, alias, automatic: by.automatic === true });
    const gone = (code: number | null): void => {
      if (!this.#processes.delete(pid)) return;
      this.disk.remove(`/proc/${String(pid)}`);
      this.ends.push({ at: this.clock.now(), role, alias, code });
      this.services.ended(pid);
      for (const told of this.#waiting) told();
    };
    let launched: Launched | null = null;
    const running: MachineProcess = {
      pid,
      startTicks: Math.floor(this.clock.now() / 10) % 1_000_000_000,
      executable,
      command: commandOf(command),
      directory,
      role,
      alias,
      unit: by.unit,
      terminate: () => launched?.terminate(),
      kill: () => {
        launched?.kill();
        gone(null);
      },
    };
    this.#processes.set(pid, running);
    this.disk.write(
      `/proc/${String(pid)}/cgroup`,
      by.unit === null ? "0::/user.slice/user-1000.slice/session-1.scope\n" : `0::/system.slice/${by.unit}\n`,
    );
    launched = this.#start(this, { ...command, unit: by.unit }, gone);
    return running;
  }
  /** False: it still runs after that time. */
  async hasEnded(pid: number, withinMs: number): Promise<boolean> {
    if (!this.#processes.has(pid)) return true;
    return new Promise((resolve) => {
      const told = (): void => {
        if (!this.#processes.has(pid)) settle(true);
      };
      const timer = this.clock.after(withinMs, () => settle(false));
      const settle = (ended: boolean): void => {
        timer.cancel();
        this.#waiting.delete(told);
        resolve(ended);
      };
      this.#waiting.add(told);
    });
  }
  /** The power goes: every process at once, and no service brings one back. */
  powerOff(): void {
    this.services.off();
    for (const running of this.processes()) running.kill();
  }
  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.clock.after(ms, resolve);
    });
  }
}

/** `.../server` of `.../server/clusterDemo`. */
export const serverOf = (clusterDirectory: string): string => clusterDirectory.slice(0, clusterDirectory.lastIndexOf("/"));
