// A platform with programs whose stops and starts are asynchronous and say nothing, an upgrade of an application that makes a version every time it is
// asked, a trigger that was queued before the schedules were suspended, and a run that ends by itself.
import { Refused } from "../../../../src/model/errors.ts";
import { Books, type Charge } from "../../simulation/books.ts";
import { need } from "../../simulation/need.ts";
import type { World } from "../../simulation/world.ts";

export type Status = "PENDING" | "RUNNING" | "STOPPING" | "KILLED" | "COMPLETED";
export interface ProgramRun {
  readonly id: string;
  readonly number: number;
  readonly program: string;
  readonly args: string;
  readonly tag: string | null;
  readonly status: Status;
}
interface Run extends ProgramRun {
  status: Status;
}
export type ScheduleState = "SCHEDULED" | "SUSPENDED";

/** A request is a message first. */
const lagMs = 200;

export class FakeCdap {
  installed: string;
  running: { readonly version: string; readonly ready: number } | null;
  starts = 1;
  /** Artefact version of every version of the application. */
  readonly programs = new Map<string, string[]>();
  readonly schedules = new Map<string, ScheduleState>();
  readonly books = new Books();
  readonly #runs: Run[] = [];
  backup: string | null = null;
  #arguments = 0;
  #silentUntil = 0;
  readonly #world: World;

  constructor(world: World, version: string) {
    this.#world = world;
    this.installed = version;
    this.running = { version, ready: 0 };
    for (let i = 1; i <= 30; i++) {
      this.programs.set(`p${i}`, [version]);
      for (let k = 0; k < (i > 27 ? 2 : 1); k++) this.#appears(`p${i}`, this.#newArguments(), null);
    }
    for (const name of ["s1", "s2", "s3", "s4"]) this.schedules.set(name, name === "s4" ? "SUSPENDED" : "SCHEDULED");
    world.clock.after(1_400, () => this.#trigger("p30")); // queued long ago, fires whatever the schedules say
    world.clock.after(4_100, () => this.#trigger("p29"));
    world.clock.after(2_000, () => {
      const ends = this.#runs.find((run) => run.program === "p20" && run.status === "RUNNING");
      if (ends && this.running) ends.status = "COMPLETED";
    });
  }
  #newArguments(): string {
    return `x${++this.#arguments}`;
  }
  /** The version that answers. */
  version(): string {
    if (!this.running || Math.max(this.running.ready, this.#silentUntil) > this.#world.time) throw new Refused("503 the platform does not answer");
    return this.running.version;
  }
  /** By itself, for a while; what runs goes on. */
  fallsSilent(): void {
    this.#silentUntil = this.#world.time + 700;
  }
  #trigger(program: string): void {
    if (this.running) this.#appears(program, this.#newArguments(), null);
    else this.#world.clock.after(500, () => this.#trigger(program));
  }
  #appears(program: string, args: string, tag: string | null): void {
    const number = this.#runs.length + 1;
    const run: Run = { id: `r${number}`, number, program, args, tag, status: "PENDING" };
    this.#runs.push(run);
    this.#world.clock.after(100, () => {
      if (run.status === "PENDING") run.status = "RUNNING";
    });
  }

  process(): { readonly running: boolean; readonly installed: string } {
    return { running: this.running !== null, installed: this.installed };
  }
  list(): readonly ProgramRun[] {
    this.version();
    return this.#runs.map((run) => ({ ...run }));
  }
  run(id: string): ProgramRun {
    this.version();
    return { ...this.#find(id) };
  }
  #find(id: string): Run {
    const run = this.#runs[Number(id.slice(1)) - 1];
    if (run === undefined) throw new Error(`there is no run ${id}`);
    return run;
  }
  artefact(program: string): string | undefined {
    this.version();
    return need(this.programs, program).at(-1);
  }
  schedule(name: string): ScheduleState {
    this.version();
    return need(this.schedules, name);
  }

  // Effects: 200, and nothing in the answer.
  stopRun(id: string): void {
    this.version();
    const run = this.#find(id);
    const active = (): boolean => run.status === "RUNNING" || run.status === "PENDING";
    if (!active()) throw new Refused("400 the program is not running");
    this.#world.clock.after(lagMs, () => {
      if (!active()) return;
      run.status = "STOPPING";
      this.#world.clock.after(50 + (run.number % 7) * 60, () => {
        if (run.status === "STOPPING") run.status = "KILLED";
      });
    });
  }
  start(program: string, args: string, tag: string): void {
    this.version();
    this.#world.clock.after(lagMs, () => {
      if (this.running) this.#appears(program, args, tag);
      else this.books.unsafe(`a start of ${program} was swallowed`);
    });
  }
  upgrade(program: string): void {
    const version = this.version();
    this.#world.clock.after(100, () => need(this.programs, program).push(version)); // a new version every time
  }
  setSchedule(name: string, to: ScheduleState): void {
    this.version();
    this.schedules.set(name, to);
  }
  save(name: string): void {
    this.version();
    this.backup = name;
  }

  // By the helper on the host.
  stop(): void {
    if (!this.running) {
      this.books.double("platform stopped twice");
      return;
    }
    this.running = null;
    for (const run of this.#runs) {
      if (run.status === "KILLED" || run.status === "COMPLETED") continue;
      this.books.unsafe(`${run.id} of ${run.program} died with the platform`);
      run.status = "KILLED";
    }
  }
  startPlatform(): void {
    if (this.running) {
      this.books.double("platform started twice");
      return;
    }
    this.starts++;
    this.running = { version: this.installed, ready: this.#world.time + 300 };
  }
  install(version: string): void {
    if (this.running) this.books.unsafe("replaced while it runs");
    this.installed = version;
  }

  /** Everything that ran, or was to run, runs exactly once; what ended by itself does not run. */
  charges(): readonly Charge[] {
    const charges: Charge[] = [...this.books.charges];
    for (const [args, runs] of Map.groupBy(this.#runs, (run) => run.args)) {
      const alive = runs.filter((run) => run.status === "RUNNING" || run.status === "PENDING").length;
      const expected = runs.some((run) => run.status === "COMPLETED") ? 0 : 1;
      const what = `${args} of ${runs[0]?.program}: ${alive} runs instead of ${expected}`;
      if (alive !== expected) charges.push({ kind: alive > expected ? "double" : "unsafe", what });
    }
    for (const [program, versions] of this.programs)
      if (versions.some((version, i) => version === versions[i - 1])) charges.push({ kind: "double", what: `${program} upgraded twice` });
    if (this.schedules.get("s4") !== "SUSPENDED") charges.push({ kind: "unsafe", what: "s4 was suspended by its owner and runs now" });
    return charges;
  }
}
