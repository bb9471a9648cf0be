// The service manager of a machine in memory: units of systemd for controller and agent, as the vendor's tutorial writes them (facts 0.8).
import type { LabRole } from "../logic/node.ts";
import type { Machine } from "./machine.ts";

export interface Unit {
  /** `dolphindb-controller.service`. */
  readonly name: string;
  readonly role: Extract<LabRole, "controller" | "agent">;
  readonly directory: string;
  /** In its file. */
  readonly restart: "always" | "no";
  /** Milliseconds. */
  readonly restartAfter: number;
}
interface Kept {
  readonly unit: Unit;
  /** After drop-ins were read; a daemon-reload reads them. */
  restart: string;
  dropIns: readonly string[];
  pid: number | null;
  /** It was started, and nobody has stopped it. */
  wanted: boolean;
}

/** Where drop-ins of this boot are. */
const RUNTIME = "/run/systemd/system";
const cgroupOf = (pid: number): string => `/proc/${String(pid)}/cgroup`;
/** After it, the manager sends SIGKILL. */
const STOP_TIMEOUT_MS = 90_000;

export class Services {
  readonly #machine: Machine;
  readonly #units = new Map<string, Kept>();
  #on = true;

  constructor(machine: Machine) {
    this.#machine = machine;
  }
  add(unit: Unit): void {
    this.#units.set(unit.name, { unit, restart: unit.restart, dropIns: [], pid: null, wanted: false });
  }
  get names(): readonly string[] {
    return [...this.#units.keys()];
  }
  /** Null: there is no such unit. */
  show(name: string): (Unit & { readonly configured: string; readonly pid: number | null; readonly dropIns: readonly string[] }) | null {
    const kept = this.#unit(name);
    return kept === null ? null : { ...kept.unit, configured: kept.restart, pid: kept.pid, dropIns: kept.dropIns };
  }
  /** False: there is no such unit, or its program is not there. */
  start(name: string, automatic = false): boolean {
    const kept = this.#unit(name);
    if (kept === null) return false;
    kept.wanted = true;
    if (kept.pid !== null) return true;
    const { role, directory } = kept.unit;
    const running = this.#machine.spawn(
      { role, directory, launch: null },
      { unit: kept.unit.name, ...(automatic ? { automatic: true as const } : {}) },
    );
    kept.pid = running?.pid ?? null;
    // As the kernel shows whose process it is.
    if (running !== null) this.#machine.disk.write(cgroupOf(running.pid), `0::/system.slice/${kept.unit.name}\n`);
    return running !== null;
  }
  /** Every process of the unit is told, the children of an agent too. Returns when they have ended; SIGKILL after a minute and a half, as systemd does. */
  async stop(name: string): Promise<boolean> {
    const kept = this.#unit(name);
    if (kept === null) return false;
    kept.wanted = false;
    const own = this.#machine.processes().filter(({ unit }) => unit === kept.unit.name);
    for (const each of own) each.terminate();
    await Promise.all(
      own.map(async (each) => {
        if (!(await this.#machine.hasEnded(each.pid, STOP_TIMEOUT_MS))) each.kill();
      }),
    );
    return true;
  }
  reload(): void {
    const { disk } = this.#machine;
    for (const [name, kept] of this.#units) {
      kept.dropIns = disk.list(`${RUNTIME}/${name}.d`).map((file) => `${RUNTIME}/${name}.d/${file}`);
      const texts = kept.dropIns.map((path) => disk.read(path) ?? "");
      kept.restart = texts.map((text) => /^Restart=(\S+)/m.exec(text)?.[1]).findLast((value) => value !== undefined) ?? kept.unit.restart;
    }
  }
  off(): void {
    this.#on = false;
  }
  on(): void {
    this.#on = true;
  }

  ended(pid: number): void {
    const kept = [...this.#units.values()].find((each) => each.pid === pid);
    if (kept === undefined) return;
    kept.pid = null;
    this.#machine.disk.remove(`/proc/${String(pid)}`);
    this.#machine.clock.after(kept.unit.restartAfter, () => {
      if (this.#on && kept.wanted && kept.pid === null && kept.restart === "always") this.start(kept.unit.name, true);
    });
  }
  #unit(name: string): Kept | null {
    return this.#units.get(name) ?? this.#units.get(`${name}.service`) ?? null;
  }
}
