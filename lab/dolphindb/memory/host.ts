// A DolphinDB machine's helper in memory: the vendor's scripts and packages, systemd, and the commands that drivers ask for.
import { NoReply, type Network, type Reply } from "../../kit/network.ts";
import type { Clock } from "../../kit/clock.ts";
import type { Disk } from "../../kit/disk.ts";
import { MemoryHost as KitHost, said, type HostMachine, type HostProcess, type MemoryHostOptions as KitOptions } from "../../kit/memory-host.ts";
import { exists, filesBelow, isFile } from "../../kit/trees.ts";
import type { CommandOptions, CommandResult } from "../../../src/model/host.ts";
import type { Machine } from "./machine.ts";
import { packageIn, unzip } from "./releases.ts";
import { vendorScript } from "./scripts.ts";
import { shellScript } from "./shell-scripts.ts";
import { systemctl } from "./systemctl.ts";

export interface MemoryHostOptions extends KitOptions {
  readonly machine: Machine;
  readonly network: Network;
}
/** The helper's own script for an HTTP request that it sends (`src/hosts`): nobody listens. */
const NOT_CONNECTED = 97;
const HTTP_TIMEOUT_MS = 600_000;

export class MemoryHost extends KitHost {
  constructor({ machine, network, ...options }: MemoryHostOptions) {
    super(new DolphindbMachine(machine, network), options);
  }
}

class DolphindbMachine implements HostMachine {
  readonly name: string;
  readonly disk: Disk;
  readonly #machine: Machine;
  readonly #network: Network;
  readonly #clock: Clock;

  constructor(machine: Machine, network: Network) {
    this.name = machine.name;
    this.disk = machine.disk;
    this.#machine = machine;
    this.#network = network;
    this.#clock = machine.clock;
  }
  process(pid: number): HostProcess | null {
    return this.#machine.process(pid);
  }
  mode(path: string): string {
    return path.endsWith("/dolphindb") || path.endsWith(".sh") ? "755" : "644";
  }
  freeBytes(path: string): number {
    return this.#machine.freeBytes(path);
  }
  unpack(content: string, directory: string): boolean {
    const made = packageIn(content);
    if (made === null) return false;
    unzip(this.disk, made, directory);
    return true;
  }
  command(argv: readonly string[], options: CommandOptions): Promise<CommandResult> | null {
    const result = this.#command(argv[0] === "setsid" ? argv.slice(1) : argv, options);
    return result === null ? null : Promise.resolve(result);
  }

  #command(argv: readonly string[], options: CommandOptions): Promise<CommandResult> | CommandResult | null {
    const [program = "", ...rest] = argv;
    const script = this.#script(argv, options);
    if (script !== null) return script;
    const paths = rest.filter((each) => each.startsWith("/"));
    switch (program) {
      case "true":
        return said("");
      case "bash":
        return rest[0] === "-c" && rest[2] === "stillwater-http" ? this.#http(`${rest[3] ?? ""}:${rest[4] ?? ""}`, options.input ?? "") : null;
      case "sh":
        return rest[0] === "-c" ? shellScript(this.disk, rest[2] ?? "", rest.slice(3), options.input ?? "") : null;
      case "grep":
        return this.#grep(rest, paths);
      case "du":
        return rest[0] === "-sk"
          ? said(
              paths
                .filter((path) => exists(this.disk, path))
                .map((path) => `${String(this.#kibibytes(path))}\t${path}\n`)
                .join(""),
            )
          : null;
      case "date":
        return rest[0] === "+%s%N" ? said(`${Math.floor(this.#clock.now())}000000\n`) : null;
      case "uname":
        return rest[0] === "-m" ? said("x86_64\n") : null;
      case "nproc":
        return said("16\n");
      case "kill":
        return this.#kill(rest);
      case "pgrep":
        return this.#pgrep(rest.at(-1) ?? "");
      case "readlink":
        return this.#readlink(paths);
      case "cat":
        return this.#cat(paths);
      case "tail":
        return this.#cat(paths, Number(rest[rest.indexOf("-n") + 1] ?? 10));
      case "ls":
        return said(
          paths
            .flatMap((path) => this.disk.list(path))
            .map((name) => `${name}\n`)
            .join(""),
        );
      case "systemctl":
        return systemctl(this.#machine.services, rest);
      default:
        return null;
    }
  }
  /** `sh startController.sh`, `./startAgent.sh`, `bash /path/upgrade.sh`: by name, in the directory that they are called in. */
  #script(argv: readonly string[], { directory, input = "", environment = {} }: CommandOptions): Promise<CommandResult> | CommandResult | null {
    const shell = argv[0] === "sh" || argv[0] === "bash" ? argv[0] : null;
    const path = (shell === null ? argv[0] : argv[1]) ?? "";
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!name.endsWith(".sh")) return null;
    const at = path.startsWith("/") ? path : `${directory ?? ""}/${path.replace(/^\.\//, "")}`;
    if (!isFile(this.disk, at)) return { code: 127, stdout: "", stderr: `${at}: No such file or directory\n` };
    const call = { shell: shell ?? "bash", directory: directory ?? "/", input, terminal: environment["TERM"] ?? null } as const;
    return vendorScript(this.#machine, name, call);
  }
  /** What the helper's own script does: it opens a connection, sends what it is given, and prints the answer. */
  async #http(to: string, input: string): Promise<CommandResult> {
    const end = input.indexOf("\r\n\r\n");
    const [request = "", ...fields] = input.slice(0, end).split("\r\n");
    const [method = "", path = "/"] = request.split(" ");
    const headers = Object.fromEntries(
      fields.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    let reply: Reply;
    try {
      reply = await this.#network.call(`${this.name}:0`, to, { method, path, headers, body: input.slice(end + 4) }, HTTP_TIMEOUT_MS);
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      return error.failure === "refused" ? { code: NOT_CONNECTED, stdout: "", stderr: "Connection refused\n" } : { code: 1, stdout: "", stderr: "" };
    }
    return said(`HTTP/1.1 ${String(reply.status)} OK\r\ncontent-length: ${String(Buffer.byteLength(reply.body))}\r\n\r\n${reply.body}`);
  }
  #kill(args: readonly string[]): CommandResult {
    const [signal = "-TERM"] = args.filter((each) => each.startsWith("-") && each !== "--");
    const pids = args.filter((each) => /^\d+$/.test(each)).map(Number);
    const missing = pids.filter((pid) => this.#machine.process(pid) === null);
    for (const pid of pids) {
      const running = this.#machine.process(pid);
      if (/^-(TERM|15|s?SIGTERM)$/.test(signal)) running?.terminate();
      else if (/^-(KILL|9|SIGKILL)$/.test(signal)) running?.kill();
    }
    if (missing.length === 0) return said("");
    return { code: 1, stdout: "", stderr: missing.map((pid) => `kill: (${String(pid)}) - No such process\n`).join("") };
  }
  /** `-aohE PATTERN PATH`: what matches, one a line; `-c -F -e TEXT... PATH`: how many lines have one of the texts. */
  #grep(args: readonly string[], paths: readonly string[]): CommandResult | null {
    const contents = paths.map((path) => (isFile(this.disk, path) ? this.disk.read(path) : null));
    const lines = contents.flatMap((text) => (text ?? "").split("\n"));
    const result = (found: readonly string[], stdout: string): CommandResult => ({
      code: contents.includes(null) ? 2 : found.length > 0 ? 0 : 1,
      stdout,
      stderr: contents.includes(null) ? "No such file or directory\n" : "",
    });
    if (args.includes("-c") && args.includes("-F")) {
      const texts = args.flatMap((each, index) => (args[index - 1] === "-e" ? [each] : []));
      const found = lines.filter((line) => texts.some((text) => line.includes(text)));
      return result(found, contents.includes(null) ? "" : `${String(found.length)}\n`);
    }
    const [flags = "", pattern = ""] = args;
    if (flags !== "-aohE" && flags !== "-hsE" && flags !== "-hE") return null;
    // Expressions without classes of POSIX are the same in both languages.
    const wanted = new RegExp(pattern, "g");
    const found = flags === "-aohE" ? lines.flatMap((line) => line.match(wanted) ?? []) : lines.filter((line) => line.search(wanted) >= 0);
    return result(found, found.map((line) => `${line}\n`).join(""));
  }
  #kibibytes(path: string): number {
    return Math.ceil(filesBelow(this.disk, path).reduce((sum, [, content]) => sum + content.length, 0) / 1_024);
  }
  #pgrep(pattern: string): CommandResult {
    const found = this.#machine.processes().filter((each) => new RegExp(pattern).test(each.command));
    return { code: found.length > 0 ? 0 : 1, stdout: found.map((each) => `${String(each.pid)}\n`).join(""), stderr: "" };
  }
  /** `readlink -f`: there are no links on this machine but the working directories of its processes. */
  #readlink(paths: readonly string[]): CommandResult {
    const lines = paths.map((path) => {
      const pid = /^\/proc\/(\d+)\/cwd$/.exec(path)?.[1];
      return pid === undefined ? path : (this.#machine.process(Number(pid))?.directory ?? null);
    });
    const found = lines.filter((line) => line !== null);
    return { code: found.length === lines.length ? 0 : 1, stdout: found.map((line) => `${line}\n`).join(""), stderr: "" };
  }
  #cat(paths: readonly string[], lines = Infinity): CommandResult {
    const contents = paths.map((path) => (isFile(this.disk, path) ? this.disk.read(path) : null));
    if (contents.includes(null)) return { code: 1, stdout: "", stderr: "No such file or directory\n" };
    const text = contents.join("");
    if (lines === Infinity) return said(text);
    const last = text.split("\n").slice(-lines - 1);
    return said(last.join("\n"));
  }
}
