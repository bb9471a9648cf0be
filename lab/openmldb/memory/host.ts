// An OpenMLDB machine's helper in memory: the vendor's scripts and releases, and the commands that drivers ask for.
import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import { MemoryHost as KitHost, said, type HostMachine, type HostProcess, type MemoryHostOptions as KitOptions } from "../../kit/memory-host.ts";
import { isFile } from "../../kit/trees.ts";
import type { CommandOptions, CommandResult } from "../../../src/model/host.ts";
import { components, type Machine } from "./machine.ts";
import { layOutRelease, versionInArchive, versionInBinary } from "./releases.ts";

export interface MemoryHostOptions extends KitOptions {
  readonly machine: Machine;
}

const MEMINFO = "MemTotal:       67108864 kB\nMemAvailable:   50331648 kB\n";
const FREE_BYTES = 100 * 1024 ** 3;

export class MemoryHost extends KitHost {
  constructor({ machine, ...options }: MemoryHostOptions) {
    super(new OpenmldbMachine(machine, options.clock), options);
  }
}

class OpenmldbMachine implements HostMachine {
  readonly name: string;
  readonly disk: Disk;
  readonly #machine: Machine;
  readonly #clock: Clock;

  constructor(machine: Machine, clock: Clock) {
    this.name = machine.name;
    this.disk = machine.disk;
    this.#machine = machine;
    this.#clock = clock;
  }
  process(pid: number): HostProcess | null {
    return this.#machine.process(pid);
  }
  mode(path: string): string {
    return path.includes("/bin/") ? "755" : "644";
  }
  freeBytes(): number {
    return FREE_BYTES;
  }
  unpack(content: string, directory: string): boolean {
    const version = versionInArchive(content);
    if (version === null) return false;
    layOutRelease(this.disk, `${directory}/openmldb-${version}-linux`, version);
    return true;
  }

  command(argv: readonly string[], { directory }: CommandOptions): Promise<CommandResult> | null {
    const result = this.#known(argv, directory);
    return result === null ? null : Promise.resolve(result);
  }
  #known(argv: readonly string[], directory: string | undefined): Promise<CommandResult> | CommandResult | null {
    const [program = "", ...rest] = argv;
    const at = (path: string): string => (path.startsWith("/") ? path : `${directory ?? ""}/${path.replace(/^\.\//, "")}`);
    const absolute = at(program);
    if (absolute.endsWith("/bin/start.sh")) return this.#script(absolute, rest);
    if (absolute.endsWith("/bin/openmldb") && rest.join(" ") === "--version") {
      const version = versionInBinary(this.disk.read(absolute) ?? "");
      return version === null ? { code: 127, stdout: "", stderr: `${absolute}: not found\n` } : said(`openmldb version ${version}-lab\n`);
    }
    if (program === "kill") return this.#kill(rest);
    if ((program === "bash" || program === "sh") && rest[0]?.endsWith("bin/start.sh") === true) return this.#script(at(rest[0]), rest.slice(1));
    // Questions in shell: everything may be written on this machine, and no tool is missing.
    if (program === "sh" && rest[0] === "-c" && (rest[2] === "writable" || rest[2] === "tools")) return said("");
    if (program === "date" && rest[0] === "+%s%N") return said(`${Math.floor(this.#clock.now())}000000\n`);
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
          .flatMap((path) => this.disk.list(path))
          .join("\n"),
      );
    if (program === "grep" && rest[0] === "-hsE") return this.#grep(rest[1] ?? "", rest.slice(2));
    if (program === "readlink") return this.#readlink(rest);
    if (program === "pgrep") return this.#pgrep(rest.at(-1) ?? "");
    if (program === "true") return said("");
    return null;
  }
  async #script(path: string, [verb = "", component = "", mon]: readonly string[]): Promise<CommandResult> {
    if (this.disk.read(path) === null) return { code: 127, stdout: "", stderr: `${path}: No such file or directory\n` };
    if (!components.some((each) => each === component)) return said("Only support {start|stop|restart} {component}\n");
    return this.#machine.startScript(path.slice(0, -"/bin/start.sh".length), verb, component, mon === "mon");
  }
  #kill(args: readonly string[]): CommandResult {
    const pid = Number(args.at(-1));
    const running = this.#machine.process(pid);
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
        return pid === undefined ? path : (this.#machine.process(Number(pid))?.directory ?? null);
      });
    const found = lines.filter((line) => line !== null);
    return { code: found.length === lines.length ? 0 : 1, stdout: found.map((line) => `${line}\n`).join(""), stderr: "" };
  }
  #pgrep(pattern: string): CommandResult {
    const found = this.#machine.processes().filter((each) => new RegExp(pattern).test(each.command));
    return { code: found.length > 0 ? 0 : 1, stdout: found.map((each) => `${each.pid}\n`).join(""), stderr: "" };
  }
  /** Expressions without classes of POSIX are the same in both languages. */
  #grep(pattern: string, paths: readonly string[]): CommandResult {
    const contents = paths.map((path) => (isFile(this.disk, path) ? this.disk.read(path) : null));
    const lines = contents.flatMap((text) => (text ?? "").split("\n")).filter((line) => new RegExp(pattern).test(line));
    return { code: contents.includes(null) ? 2 : lines.length === 0 ? 1 : 0, stdout: lines.map((line) => `${line}\n`).join(""), stderr: "" };
  }
  #cat(paths: readonly string[], lines = Infinity): CommandResult {
    const contents = paths.map((path) => (path === "/proc/meminfo" ? MEMINFO : isFile(this.disk, path) ? this.disk.read(path) : null));
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
}
