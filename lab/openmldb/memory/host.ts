// The machine's helper in memory, as drivers see it: files, the vendor's scripts, releases; effects of an older claim are refused.
import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import type { Fence } from "../../../src/model/fence.ts";
import type { CommandOptions, CommandResult, DetachedState, FileState, Host, ProcessState } from "../../../src/model/host.ts";
import { components, type Machine } from "./machine.ts";
import { layOutRelease, versionInArchive, versionInBinary } from "./releases.ts";
import { copyTree, digest, digestOf, exists, isFile } from "./trees.ts";

/** Makes the errors that a real host's helper makes: the lab does not know their class. */
export interface HostErrors {
  /** `SW3003`: a time-out, unknown. `SW3010`: an older epoch. `SW3011`: another content than expected. */
  fault(code: "SW3003" | "SW3013" | "SW3010" | "SW3011", message: string, object: string): Error;
}
export interface MemoryHostOptions {
  readonly machine: Machine;
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
const MEMINFO = "MemTotal:       67108864 kB\nMemAvailable:   50331648 kB\n";

export class MemoryHost implements Host {
  readonly name: string;
  readonly #options: MemoryHostOptions;
  readonly #disk: Disk;
  /** What the host refuses everything below of. */
  #epoch = 0;
  #connection = 0;
  readonly #detached = new Map<string, { code: number | null; output: string; pid: number }>();

  constructor(options: MemoryHostOptions) {
    this.name = options.machine.name;
    this.#options = options;
    this.#disk = options.machine.disk;
  }
  /** A new claim, or a new connection of one: what was stamped before is refused from now on. */
  raise(epoch: number, connection: number): void {
    if (epoch > this.#epoch || (epoch === this.#epoch && connection > this.#connection)) {
      this.#epoch = epoch;
      this.#connection = connection;
    }
  }

  query(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.#read(`query ${argv.join(" ")}`, () => this.#command(argv, options));
  }
  async readFile(path: string): Promise<Uint8Array | null> {
    const text = await this.readText(path);
    return text === null ? null : new TextEncoder().encode(text);
  }
  readText(path: string): Promise<string | null> {
    return this.#read(`read ${path}`, async () => (isFile(this.#disk, path) ? this.#disk.read(path) : null));
  }
  stat(path: string): Promise<FileState> {
    return this.#read(`stat ${path}`, async () => {
      if (!exists(this.#disk, path)) return { kind: "absent" };
      const modifiedS = 0;
      return isFile(this.#disk, path)
        ? { kind: "file", bytes: this.#disk.read(path)?.length ?? 0, mode: path.includes("/bin/") ? "755" : "644", modifiedS }
        : { kind: "directory", mode: "755", modifiedS };
    });
  }
  list(directory: string): Promise<readonly string[]> {
    return this.#read(`list ${directory}`, async () => this.#disk.list(directory));
  }
  sha256(path: string): Promise<string | null> {
    return this.#read(`sha256 ${path}`, async () => digestOf(this.#disk, path));
  }
  process(pid: number): Promise<ProcessState | null> {
    return this.#read(`process ${pid}`, async () => {
      const found = this.#options.machine.process(pid);
      return found === null ? null : { pid, startTicks: found.startTicks, state: "S", executable: found.executable, command: found.command };
    });
  }
  detached(token: string): Promise<DetachedState> {
    return this.#read(`detached ${token}`, async () => {
      const found = this.#detached.get(token);
      if (!found) return { is: "absent" };
      const { code, output, pid } = found;
      return code === null ? { is: "running", pid, output } : { is: "exited", code, output };
    });
  }
  freeBytes(path: string): Promise<number> {
    return this.#read(`free ${path}`, async () => 100 * 1024 ** 3);
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
    return this.#effect(fence, `mkdir ${path}`, async () => this.#makeDirectory(path));
  }
  upload(fence: Fence, localPath: string, path: string, sha256: string): Promise<void> {
    return this.#effect(fence, `upload ${path}`, async () => {
      if (isFile(this.#disk, path) && digestOf(this.#disk, path) === sha256) return;
      const content = this.#options.local.read(localPath);
      if (content === null || digest(content) !== sha256) throw this.#options.errors.fault("SW3013", `${localPath} is not ${sha256}`, localPath);
      await this.#sleep(200);
      this.#disk.write(path, content);
    });
  }
  unpack(fence: Fence, archive: string, directory: string): Promise<void> {
    return this.#effect(fence, `unpack ${archive}`, async () => {
      if (exists(this.#disk, directory)) return;
      const version = versionInArchive(this.#disk.read(archive) ?? "");
      if (version === null) throw this.#options.errors.fault("SW3013", `${archive} is not an archive`, archive);
      await this.#sleep(300);
      const name = `openmldb-${version}-linux`;
      layOutRelease(this.#disk, `${directory}.part/${name}`, version);
      this.#disk.rename(`${directory}.part`, directory);
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
      await this.#sleep(100);
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

  #makeDirectory(path: string): void {
    if (exists(this.#disk, path)) return;
    this.#disk.write(`${path}/.made`, "");
    this.#disk.remove(`${path}/.made`);
  }
  async #command(argv: readonly string[], { timeoutMs = DEFAULT_TIMEOUT_MS, directory }: CommandOptions): Promise<CommandResult> {
    const work = this.#known(argv, directory);
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
  /** The commands that exist on this machine. Error for any other: a test must not pass because a command did nothing. */
  async #known(argv: readonly string[], directory: string | undefined): Promise<CommandResult> {
    const [program = "", ...rest] = argv;
    const at = (path: string): string => (path.startsWith("/") ? path : `${directory ?? ""}/${path.replace(/^\.\//, "")}`);
    const absolute = at(program);
    if (absolute.endsWith("/bin/start.sh")) return this.#script(absolute, rest);
    if (absolute.endsWith("/bin/openmldb") && rest.join(" ") === "--version") {
      const version = versionInBinary(this.#disk.read(absolute) ?? "");
      return version === null ? { code: 127, stdout: "", stderr: `${absolute}: not found\n` } : said(`openmldb version ${version}-lab\n`);
    }
    if (program === "kill") return this.#kill(rest);
    if ((program === "bash" || program === "sh") && rest[0]?.endsWith("bin/start.sh") === true) return this.#script(at(rest[0]), rest.slice(1));
    // Questions in shell: everything may be written on this machine, and no tool is missing.
    if (program === "sh" && rest[0] === "-c" && (rest[2] === "writable" || rest[2] === "tools")) return said("");
    if (program === "date" && rest[0] === "+%s%N") return said(`${Math.floor(this.#options.clock.now())}000000\n`);
    if (program === "cat") return this.#cat(rest);
    if (program === "tail")
      return this.#cat(
        rest.filter((each) => each.startsWith("/")),
        Number(rest[rest.indexOf("-n") + 1] ?? 10),
      );
    if (program === "ls")
      return said(
        rest
          .filter((each) => each.startsWith("/"))
          .flatMap((path) => this.#disk.list(path))
          .join("\n"),
      );
    if (program === "grep" && rest[0] === "-hsE") return this.#grep(rest[1] ?? "", rest.slice(2));
    if (program === "readlink") return this.#readlink(rest);
    if (program === "pgrep") return this.#pgrep(rest.at(-1) ?? "");
    if (program === "true") return said("");
    throw new Error(`the machine in memory has no command ${JSON.stringify(argv)}`);
  }
  async #script(path: string, [verb = "", component = "", mon]: readonly string[]): Promise<CommandResult> {
    if (this.#disk.read(path) === null) return { code: 127, stdout: "", stderr: `${path}: No such file or directory\n` };
    if (!components.some((each) => each === component)) return said("Only support {start|stop|restart} {component}\n");
    return this.#options.machine.startScript(path.slice(0, -"/bin/start.sh".length), verb, component, mon === "mon");
  }
  #kill(args: readonly string[]): CommandResult {
    const pid = Number(args.at(-1));
    const running = this.#options.machine.process(pid);
    if (running === null) return { code: 1, stdout: "", stderr: `kill: (${pid}) - No such process\n` };
    if (args[0] !== "-0") running.kill();
    return said("");
  }
  /** `readlink -f`: there are no links on this machine but the working directories of its processes. */
  #readlink(args: readonly string[]): CommandResult {
    const lines = args
      .filter((each) => each.startsWith("/"))
      .map((path) => {
        const pid = /^\/proc\/(\d+)\/cwd$/.exec(path)?.[1];
        return pid === undefined ? path : (this.#options.machine.process(Number(pid))?.directory ?? null);
      });
    const found = lines.filter((line) => line !== null);
    return { code: found.length === lines.length ? 0 : 1, stdout: found.map((line) => `${line}\n`).join(""), stderr: "" };
  }
  #pgrep(pattern: string): CommandResult {
    const found = this.#options.machine.processes().filter((each) => new RegExp(pattern).test(each.command));
    return { code: found.length > 0 ? 0 : 1, stdout: found.map((each) => `${each.pid}\n`).join(""), stderr: "" };
  }
  /** Expressions without classes of POSIX are the same in both languages. */
  #grep(pattern: string, paths: readonly string[]): CommandResult {
    const contents = paths.map((path) => (isFile(this.#disk, path) ? this.#disk.read(path) : null));
    const lines = contents.flatMap((text) => (text ?? "").split("\n")).filter((line) => new RegExp(pattern).test(line));
    return { code: contents.includes(null) ? 2 : lines.length === 0 ? 1 : 0, stdout: lines.map((line) => `${line}\n`).join(""), stderr: "" };
  }
  #cat(paths: readonly string[], lines = Infinity): CommandResult {
    const contents = paths.map((path) => (path === "/proc/meminfo" ? MEMINFO : isFile(this.#disk, path) ? this.#disk.read(path) : null));
    if (contents.includes(null)) return { code: 1, stdout: "", stderr: "No such file or directory\n" };
    const text = contents.join("");
    return said(
      lines === Infinity
        ? text
        : text
            .split("\n")
            .slice(-lines - 1)
            .join("\n"),
    );
  }

  async #read<T>(what: string, work: () => Promise<T>): Promise<T> {
    return this.#exchange(what, false, work);
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

const said = (stdout: string): CommandResult => ({ code: 0, stdout, stderr: "" });
