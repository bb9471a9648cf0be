// The machine that CDAP is reached through, in memory: its helper sends requests, and it may have a command that replaces the platform.
import type { CommandOptions, CommandResult } from "../../../src/model/host.ts";
import { MemoryDisk } from "../../kit/memory-disk.ts";
import { said, type HostMachine, type HostProcess } from "../../kit/memory-host.ts";
import { NoReply, type Network } from "../../kit/network.ts";
import { NOT_CONNECTED } from "./http-client.ts";

/** Null: it has no such command. */
export type Command = (argv: readonly string[], options: CommandOptions) => Promise<CommandResult> | null;

const HTTP_TIMEOUT_MS = 600_000;
const FREE_BYTES = 100 * 1024 ** 3;

export class Machine implements HostMachine {
  readonly name: string;
  readonly disk = new MemoryDisk();
  readonly #network: Network;
  readonly #command: Command;

  constructor(name: string, network: Network, command: Command) {
    this.name = name;
    this.#network = network;
    this.#command = command;
  }
  process(): HostProcess | null {
    return null;
  }
  unpack(): boolean {
    return false;
  }
  mode(path: string): string {
    return path.includes("/bin/") ? "755" : "644";
  }
  freeBytes(): number {
    return FREE_BYTES;
  }
  command(argv: readonly string[], options: CommandOptions): Promise<CommandResult> | null {
    if (argv[0] === "true") return Promise.resolve(said(""));
    const http = argv[0] === "bash" && argv[1] === "-c" && argv[3] === "stillwater-http";
    return http ? this.#http(`${argv[4] ?? ""}:${argv[5] ?? ""}`, options.input ?? "") : this.#command(argv, options);
  }
  /** What the helper's own script does: it opens a connection, sends what it is given, and prints the answer. */
  async #http(to: string, input: string): Promise<CommandResult> {
    const end = input.indexOf("\r\n\r\n");
    const [request = "", ...fields] = input.slice(0, end).split("\r\n");
    const [method = "", path = "/"] = request.split(" ");
    const named = fields.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()] as const);
    const message = { method, path, headers: Object.fromEntries(named), body: input.slice(end + 4) };
    try {
      const { status, body } = await this.#network.call(`${this.name}:0`, to, message, HTTP_TIMEOUT_MS);
      return said(`HTTP/1.1 ${String(status)} OK\r\ncontent-length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`);
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      return error.failure === "refused" ? { code: NOT_CONNECTED, stdout: "", stderr: "Connection refused\n" } : { code: 1, stdout: "", stderr: "" };
    }
  }
}
