// A machine's helper in memory, as drivers see it: files, and the commands that the machine has; effects of an older claim are refused.
import type { Fence } from "../../src/model/fence.ts";
import type { CommandOptions, CommandResult, DetachedState, FileState, Host, ProcessState } from "../../src/model/host.ts";
import type { Clock } from "./clock.ts";
import type { Disk } from "./disk.ts";
import { copyTree, digest, digestOf, exists, isFile } from "./trees.ts";

/** Makes the errors that a real host's helper makes: the lab does not know their class. */
export interface HostErrors {
  /** `SW3003`: a time-out, unknown. `SW3010`: an older epoch. `SW3011`: another content than expected. `SW3012`: the disk is full. */
  fault(code: "SW3003" | "SW3013" | "SW3010" | "SW3011" | "SW3012", message: string, object: string): Error;
}
export interface HostProcess {
  readonly startTicks: number;
  readonly executable: string;
  /** As /proc/PID/cmdline has it. */
  readonly command: string;
}
/** The machine behind a helper. */
export interface HostMachine {
  readonly name: string;
  readonly disk: Disk;
  process(pid: number): HostProcess | null;
  /** Null: it has no such command. */
  command(argv: readonly string[], options: CommandOptions): Promise<CommandResult> | null;
  /** Puts what an archive of that content holds below the directory; false: it is none. */
  unpack(content: string, directory: string): boolean;
  /** Octal. */
  mode(path: string): string;
  /** On the file system of that path. */
  freeBytes(path: string): number;
}
export interface MemoryHostOptions {
  readonly clock: Clock;
  readonly errors: HostErrors;
  /** What `upload` finds on the machine of the orchestrator: its files. */
  readonly local: Disk;
  /** There and back, in milliseconds. */
  readonly roundTripMs?: number;
  /** A fault of the connection: throws, or waits; called before each request and, with `after`, before its answer. */
  readonly disturb?: (request: { readonly what: string; readonly effect: boolean; readonly after: boolean }) => Promise<void>;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const UPLOAD_MS = 200;
const UNPACK_MS = 300;
const BACKUP_MS = 100;

export class MemoryHost implements Host {
  readonly name: string;
  readonly #machine: HostMachine;
  readonly #options: MemoryHostOptions;
  readonly #disk: Disk;
  /** What the host refuses everything below of. */
  #epoch = 0;
  #connection = 0;
  readonly #detached = new Map<string, { code: number | null; output: string; pid: number }>();

  constructor(machine: HostMachine, options: MemoryHostOptions) {
    this.name = machine.name;
    this.#machine = machine;
    this.#options = options;
    this.#disk = machine.disk;
  }
  /** A new claim, or a new connection of one: what was stamped before is refused from now on. */
  raise(epoch: number, connection: number): void {
    if (epoch > this.#epoch || (epoch === this.#epoch && connection > this.#connection)) {
      this.#epoch = epoch;
      this.#connection = connection;
    }
  }

  query(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.#exchange(`query ${argv.join(" ")}`, false, () => this.#command(argv, options));
  }
  async readFile(path: string): Promise<Uint8Array | null> {
    const text = await this.readText(path);
    return text === null ? null : new TextEncoder().encode(text);
  }
  readText(path: string): Promise<string | null> {
    return this.#exchange(`read ${path}`, false, async () => (isFile(this.#disk, path) ? this.#disk.read(path) : null));
  }
  stat(path: string): Promise<FileState> {
    return this.#exchange(`stat ${path}`, false, async () => {
      if (!exists(this.#disk, path)) return { kind: "absent" };
      const modifiedS = 0;
      return isFile(this.#disk, path)
        ? { kind: "file", bytes: this.#disk.read(path)?.length ?? 0, mode: this.#machine.mode(path), modifiedS }
        : { kind: "directory", mode: "755", modifiedS };
    });
  }
  list(directory: string): Promise<readonly string[]> {
    return this.#exchange(`list ${directory}`, false, async () => this.#disk.list(directory));
  }
  sha256(path: string): Promise<string | null> {
    return this.#exchange(`sha256 ${path}`, false, async () => digestOf(this.#disk, path));
  }
  process(pid: number): Promise<ProcessState | null> {
    return this.#exchange(`process ${pid}`, false, async () => {
      const found = this.#machine.process(pid);
      return found === null ? null : { pid, startTicks: found.startTicks, state: "S", executable: found.executable, command: found.command };
    });
  }
  detached(token: string): Promise<DetachedState> {
    return this.#exchange(`detached ${token}`, false, async () => {
      const found = this.#detached.get(token);
      if (!found) return { is: "absent" };
      const { code, output, pid } = found;
      return code === null ? { is: "running", pid, output } : { is: "exited", code, output };
    });
  }
  freeBytes(path: string): Promise<number> {
    return this.#exchange(`free ${path}`, false, async () => this.#machine.freeBytes(path));
  }

  run(fence: Fence, argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.#effect(fence, `run ${argv.join(" ")}`, () => this.#command(argv, options));
  }
  runDetached(fence: Fence, token: string, argv: readonly string[], options: CommandOptions = {}): Promise<void> {
    return this.#effect(fence, `run detached ${argv.join(" ")}`, async () => {
      if (this.#detached.has(token)) return;
      const kept: { code: number | null; output: string; pid: number } = { code: null, output: "", pid: 1 };
      this.#detached.set(token, kept);
      void this.#command(argv, { ...options, timeoutMs: 24 * 3_600_000 }).then(({ code, stdout, stderr }) => {
        kept.code = code;
        kept.output = stdout + stderr;
      });
    });
  }
  writeFile(
    fence: Fence,
    path: string,
    content: string | Uint8Array,
    options: { readonly mode?: string; readonly expected?: string | null } = {},
  ): Promise<void> {
    return this.#effect(fence, `write ${path}`, async () => {
      const { expected } = options;
      if (expected !== undefined && digestOf(this.#disk, path) !== expected)
        throw this.#options.errors.fault("SW3011", `${path} on ${this.name} is not what was expected`, path);
      this.#disk.write(path, typeof content === "string" ? content : new TextDecoder().decode(content));
    });
  }
  removeFile(fence: Fence, path: string): Promise<void> {
    return this.#effect(fence, `remove ${path}`, async () => this.#disk.remove(path));
  }
  makeDirectory(fence: Fence, path: string): Promise<void> {
    return this.#effect(fence, `mkdir ${path}`, async () => makeDirectory(this.#disk, path));
  }
  upload(fence: Fence, localPath: string, path: string, sha256: string): Promise<void> {
    return this.#effect(fence, `upload ${path}`, async () => {
      if (isFile(this.#disk, path) && digestOf(this.#disk, path) === sha256) return;
      const content = this.#options.local.read(localPath);
      if (content === null || digest(content) !== sha256) throw this.#options.errors.fault("SW3013", `${localPath} is not ${sha256}`, localPath);
      this.#room(path, content.length);
      await this.#sleep(UPLOAD_MS);
      this.#disk.write(path, content);
    });
  }
  unpack(fence: Fence, archive: string, directory: string): Promise<void> {
    return this.#effect(fence, `unpack ${archive}`, async () => {
      if (exists(this.#disk, directory)) return;
      const content = this.#disk.read(archive) ?? "";
      this.#room(directory, content.length);
      await this.#sleep(UNPACK_MS);
      const part = `${directory}.part`;
      this.#disk.remove(part);
      if (!this.#machine.unpack(content, part)) throw this.#options.errors.fault("SW3013", `${archive} is not an archive`, archive);
      this.#disk.rename(part, directory);
    });
  }
  swap(fence: Fence, change: { readonly path: string; readonly replacement: string; readonly previous: string }): Promise<void> {
    return this.#effect(fence, `swap ${change.path}`, async () => {
      const { path, replacement, previous } = change;
      // Two renames that a second call completes: each by what is where.
      if (exists(this.#disk, path) && exists(this.#disk, replacement)) this.#disk.rename(path, previous);
      if (!exists(this.#disk, path) && exists(this.#disk, replacement)) this.#disk.rename(replacement, path);
    });
  }
  backup(fence: Fence, sources: readonly string[], directory: string): Promise<void> {
    return this.#effect(fence, `backup ${directory}`, async () => {
      if (exists(this.#disk, directory)) return;
      this.#room(directory, 1);
      await this.#sleep(BACKUP_MS);
      const part = `${directory}.part`;
      this.#disk.remove(part);
      for (const [i, source] of sources.entries()) copyTree(this.#disk, source, `${part}/${i}`);
      this.#disk.write(`${part}/MANIFEST`, sources.join("\n"));
      this.#disk.rename(part, directory);
    });
  }
  restore(fence: Fence, directory: string): Promise<void> {
    return this.#effect(fence, `restore ${directory}`, async () => {
      const sources = this.#disk.read(`${directory}/MANIFEST`)?.split("\n") ?? [];
      for (const [i, source] of sources.entries()) {
        this.#disk.remove(source);
        copyTree(this.#disk, `${directory}/${i}`, source);
      }
    });
  }

  #room(path: string, bytes: number): void {
    if (this.#machine.freeBytes(path) < bytes) throw this.#options.errors.fault("SW3012", `no space left on ${this.name} for ${path}`, path);
  }
  async #command(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const work = this.#machine.command(argv, options);
    // A test must not pass because a command did nothing.
    if (work === null) throw new Error(`the machine in memory has no command ${JSON.stringify(argv)}`);
    let late = (): void => {};
    const timer = new Promise<never>((_, reject) => {
      const set = this.#options.clock.after(timeoutMs, () =>
        reject(this.#options.errors.fault("SW3003", `${argv.join(" ")} on ${this.name}: no end after ${timeoutMs} ms`, this.name)),
      );
      late = () => set.cancel();
    });
    try {
      return await Promise.race([work, timer]);
    } finally {
      late();
    }
  }
  async #effect<T>(fence: Fence, what: string, work: () => Promise<T>): Promise<T> {
    return this.#exchange(what, true, async () => {
      // Judged on the host, when the frame arrives.
      const older = fence.epoch < this.#epoch || (fence.epoch === this.#epoch && fence.connection < this.#connection);
      if (older) throw this.#options.errors.fault("SW3010", `${this.name} refuses epoch ${fence.epoch}: it has seen ${this.#epoch}`, this.name);
      this.raise(fence.epoch, fence.connection);
      return work();
    });
  }
  async #exchange<T>(what: string, effect: boolean, work: () => Promise<T>): Promise<T> {
    const { roundTripMs = 2, disturb } = this.#options;
    await this.#sleep(roundTripMs / 2);
    await disturb?.({ what, effect, after: false });
    const result = await work();
    await disturb?.({ what, effect, after: true });
    await this.#sleep(roundTripMs / 2);
    return result;
  }
  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#options.clock.after(ms, resolve);
    });
  }
}

/** An empty one, where there is nothing of that name. */
export function makeDirectory(disk: Disk, path: string): void {
  if (exists(disk, path)) return;
  disk.write(`${path}/.made`, "");
  disk.remove(`${path}/.made`);
}
export const said = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: "" });
