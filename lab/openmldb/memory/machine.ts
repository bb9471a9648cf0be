// A machine in memory: its files, its processes, and the vendor's scripts on virtual time (facts 3.2). It outlives the processes on it.
import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import { NoReply, type Network } from "../../kit/network.ts";

/** What the cluster starts for `./bin/openmldb --flagfile=conf/COMPONENT.flags`. */
export interface Launched {
  /** HOST:PORT where it listens. */
  readonly endpoint: string;
  /** At once: SIGTERM is not handled by these servers (facts 0.8). */
  kill(): void;
}
/** Starts the logic of a component from its directory; `exited` is called when it ends by itself. */
export type Launch = (machine: Machine, directory: string, component: string, exited: (code: number) => void) => Launched;

export interface MachineProcess {
  readonly pid: number;
  readonly startTicks: number;
  readonly executable: string;
  /** As /proc/PID/cmdline has it. */
  readonly command: string;
  /** Its working directory. */
  readonly directory: string;
  /** Null: a mon. */
  readonly component: string | null;
  /** At once. */
  kill(): void;
}
export interface ScriptResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const START_WAIT_MS = 3_000;
const START_TRIES = 11;
const TASKMANAGER_WAIT_MS = 10_000;
const STOP_WAIT_MS = 3_000;
const RESTART_WAIT_MS = 15_000;
const MON_WAIT_MS = 10_000;

export const components = ["tablet", "tablet2", "nameserver", "apiserver", "taskmanager"] as const;

export class Machine {
  readonly name: string;
  readonly disk: Disk;
  readonly #clock: Clock;
  readonly #network: Network;
  readonly #launch: Launch;
  readonly #processes = new Map<number, MachineProcess>();
  #nextPid = 1_000;
  /** Starts of each component since the machine is there, by `DIRECTORY COMPONENT`; mon's own restarts among them. */
  readonly starts = new Map<string, number>();

  constructor(name: string, world: { readonly clock: Clock; readonly network: Network; readonly disk: Disk }, launch: Launch) {
    this.name = name;
    this.disk = world.disk;
    this.#clock = world.clock;
    this.#network = world.network;
    this.#launch = launch;
  }

  process(pid: number): MachineProcess | null {
    return this.#processes.get(pid) ?? null;
  }
  processes(): readonly MachineProcess[] {
    return [...this.#processes.values()];
  }
  /** kill -9 of a component's own process, as the pid files name it; false: it does not run. */
  killComponent(directory: string, component: string): boolean {
    const running = this.#running(directory, component);
    running?.kill();
    return running !== undefined;
  }
  isRunning(directory: string, component: string): boolean {
    return this.#running(directory, component) !== undefined;
  }
  #running(directory: string, component: string): MachineProcess | undefined {
    return this.processes().find((each) => each.directory === directory && each.component === component);
  }

  /** `bin/start.sh VERB COMPONENT [mon]`, called in its directory. Its exit code is 0 whatever happens (facts 0.9). */
  async startScript(directory: string, verb: string, component: string, mon: boolean): Promise<ScriptResult> {
    switch (verb) {
      case "start":
        return this.#start(directory, component, mon);
      case "stop":
        return this.#stop(directory, component);
      case "restart": {
        const stopped = await this.#stop(directory, component);
        await this.#sleep(RESTART_WAIT_MS);
        const started = await this.#start(directory, component, mon);
        return said(stopped.stdout + started.stdout);
      }
      default:
        return said("Only support {start|stop|restart} {component}\n");
    }
  }
  /** Starts it without the script and without waiting: as a cluster is made. */
  boot(directory: string, component: string, mon: boolean): void {
    const pid = mon ? this.#spawnMon(directory, component) : this.#spawn(directory, component).pid;
    this.disk.write(pidFile(directory, component), `${pid}\n`);
  }

  async #start(directory: string, component: string, mon: boolean): Promise<ScriptResult> {
    const file = pidFile(directory, component);
    const old = this.#pidIn(file);
    // Whoever has that number now is taken for the component (facts 3.2).
    if (old !== null && this.#processes.has(old)) return said(`${component} already running as process ${old}.\n`);
    if (this.disk.read(`${directory}/bin/openmldb`) === null) return said(`Start ${component} failed! no bin/openmldb\n`);
    if (mon) {
      const pid = this.#spawnMon(directory, component);
      this.disk.write(file, `${pid}\n`);
      await this.#sleep(START_WAIT_MS);
      return said(`Start ${component} success\n`);
    }
    const started = this.#spawn(directory, component);
    const serves = await this.#awaitStart(started.pid, component, started.endpoint);
    if (!serves) return said(`Start ${component} failed! Please check log in ./logs/${component}.log\n`);
    this.disk.write(file, `${started.pid}\n`);
    return said(`Start ${component} success\n`);
  }
  /** `/status` and kill -0: it answers before the registration is through, so an exit may follow the success (facts 3.2). */
  async #awaitStart(pid: number, component: string, endpoint: string): Promise<boolean> {
    if (component === "taskmanager") {
      await this.#sleep(TASKMANAGER_WAIT_MS);
      return this.#processes.has(pid);
    }
    await this.#sleep(START_WAIT_MS);
    for (let tries = 0; tries < START_TRIES; tries++) {
      if ((await this.#answers(endpoint)) && this.#processes.has(pid)) return true;
      await this.#sleep(1_000);
    }
    return false;
  }
  async #answers(endpoint: string): Promise<boolean> {
    try {
      const { status } = await this.#network.call(`${this.name}:0`, endpoint, { method: "GET", path: "/status", headers: {}, body: "" }, 1_000);
      return status === 200;
    } catch (error) {
      if (error instanceof NoReply) return false;
      throw error;
    }
  }

  async #stop(directory: string, component: string): Promise<ScriptResult> {
    const file = pidFile(directory, component);
    const pid = this.#pidIn(file);
    if (pid === null) return said(`no ${component} to stop (could not find file ${file})\nStop ${component} success\n`);
    this.#processes.get(pid)?.kill();
    await this.#sleep(STOP_WAIT_MS);
    this.disk.remove(file);
    const child = this.#pidIn(`${file}.child`);
    if (child === null) return said(`Stop ${component} success\n`);
    this.#processes.get(child)?.kill();
    this.disk.remove(`${file}.child`);
    return said(`Stop ${component} success(mon mode)\n`);
  }

  #spawn(directory: string, component: string): { readonly pid: number; readonly endpoint: string } {
    return this.#spawnWith(directory, component, () => {});
  }
  #spawnWith(directory: string, component: string, ended: () => void): { readonly pid: number; readonly endpoint: string } {
    const pid = this.#nextPid++;
    const key = `${directory} ${component}`;
    this.starts.set(key, (this.starts.get(key) ?? 0) + 1);
    const gone = (): void => {
      if (this.#processes.delete(pid)) ended();
    };
    const launched = this.#launch(this, directory, component, gone);
    this.#processes.set(pid, {
      pid,
      startTicks: this.#ticks(),
      executable: `${directory}/bin/openmldb`,
      command: commandOf(component),
      directory,
      component,
      kill: () => {
        launched.kill();
        gone();
      },
    });
    return { pid, endpoint: launched.endpoint };
  }
  /** SIGTERM to mon ends its child too, SIGKILL leaves it (facts 3.2); what the script sends is the former. */
  #spawnMon(directory: string, component: string): number {
    const pid = this.#nextPid++;
    const childFile = `${pidFile(directory, component)}.child`;
    let child: number | null = null;
    const again = (): void => {
      this.#clock.after(MON_WAIT_MS, () => {
        if (this.#processes.has(pid)) run();
      });
    };
    const run = (): void => {
      child = this.#spawnWith(directory, component, again).pid;
      this.disk.write(childFile, `${child}\n`);
    };
    this.#processes.set(pid, {
      pid,
      startTicks: this.#ticks(),
      executable: `${directory}/bin/mon`,
      command: `./bin/mon ./bin/openmldb --flagfile=./conf/${component}.flags --enable_status_service=true -d -s 10 -l ./logs/${component}_mon.log -m bin/${component}.pid -p bin/${component}.pid.child`,
      directory,
      component: null,
      kill: () => {
        this.#processes.delete(pid);
        if (child !== null) this.#processes.get(child)?.kill();
      },
    });
    run();
    return pid;
  }
  /** kill -9 of mon: its child goes on as a normal background process (OM-7). */
  killMonAlone(pid: number): void {
    this.#processes.delete(pid);
  }

  #pidIn(file: string): number | null {
    const text = this.disk.read(file)?.trim() ?? "";
    return /^\d+$/.test(text) ? Number(text) : null;
  }
  #ticks(): number {
    return Math.floor(this.#clock.now() / 10) % 1_000_000_000;
  }
  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}

const pidFile = (directory: string, component: string): string => `${directory}/bin/${component}.pid`;
const commandOf = (component: string): string =>
  component === "taskmanager"
    ? "java -cp ./lib/* com._4paradigm.openmldb.taskmanager.server.TaskManagerServer"
    : `./bin/openmldb --flagfile=./conf/${component}.flags --enable_status_service=true`;
const said = (stdout: string): ScriptResult => ({ code: 0, stdout, stderr: "" });
