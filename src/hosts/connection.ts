// A host as the engine and the drivers see it. Everything that differs between transports is behind `Transport`.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { posix } from "node:path";
import { pipeline } from "node:stream/promises";
import type { HostDefinition } from "../model/cluster.ts";
import { StillwaterError, Unreachable } from "../model/errors.ts";
import type { Fence } from "../model/fence.ts";
import type { CommandOptions, CommandResult, DetachedState, FileState, Host, ProcessState } from "../model/host.ts";
import type { RequestOptions } from "./channel.ts";
import type { Reply } from "./frame.ts";
import { type LaneParams, Lanes, LOCK_PATIENCE_MS } from "./lanes.ts";
import { localTransport } from "./local/transport.ts";
import { opensshTransport } from "./openssh/transport.ts";
import { type ClaimRequest, hostIsHeld, type HostRecord, parseRecord, recordWord } from "./record.ts";

export interface HostConnection extends Host {
  /** Null: the host was never claimed for this cluster. */
  readRecord(): Promise<HostRecord | null>;
  /** Errors SW2002 (another journal's Stillwater), SW3010 (the epoch is not above the recorded one); neither is an `Unreachable`. */
  claim(request: ClaimRequest): Promise<HostRecord>;
  /** Errors SW3010, SW3001, SW3003. */
  renew(fence: Fence, expires: number): Promise<void>;
  /** Records the fence's connection number and a new session: effects that were sent before and have not arrived are refused. */
  raise(fence: Fence): Promise<void>;
  /** Marks the host free; its epoch stays. A second call does nothing. */
  release(fence: Fence): Promise<void>;
  close(): Promise<void>;
}
export interface HostOptions {
  /** Put before the destination of every `ssh`. */
  readonly sshArguments?: readonly string[];
}

const COMMAND_MS = 30_000;
const SMALL_MS = 30_000;
/** Copies, checksums and archives take as long as they take; this only ends what hangs. */
const LARGE_MS = 30 * 60_000;
/** From TERM to KILL on the host (5 s), and the way back. */
const KILL_MS = 10_000;
/** What the host's `timeout`, a TERM or a KILL ends with. */
const KILLED = [124, 137, 143];

/** Connects at first use, and again after a lost connection. Nothing is sent by opening. */
export function openHost(definition: HostDefinition, cluster: string, options: HostOptions = {}): HostConnection {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(cluster)) throw new StillwaterError("SW1102", `a cluster cannot have the name ${JSON.stringify(cluster)}`);
  const stateDirectory = absolute(definition.stateDirectory);
  const transport = definition.transport === "local" ? localTransport(definition) : opensshTransport(definition, options.sshArguments ?? []);
  return hostOver({ host: definition.name, transport, cluster, stateDirectory });
}
/** A host over any transport. */
export function hostOver(params: LaneParams): HostConnection {
  return new Connection(params.host, new Lanes(params));
}

class Connection implements HostConnection {
  readonly name: string;
  readonly #lanes: Lanes;
  #uploads = 0;

  constructor(name: string, lanes: Lanes) {
    this.name = name;
    this.#lanes = lanes;
  }

  async readRecord(): Promise<HostRecord | null> {
    return parseRecord((await this.#read("record", [])).out.toString(), Date.now());
  }
  async claim(request: ClaimRequest): Promise<HostRecord> {
    const values = [
      recordWord("journal", request.store),
      recordWord("run", request.run),
      String(request.epoch),
      String(request.connection ?? 1),
      recordWord("holder", request.holder),
      recordWord("verb", request.verb),
      seconds(request.expires),
      request.takeOver === true ? "yes" : "no",
    ];
    try {
      const { reply, channel } = await this.#lanes.claiming({ verb: "claim", values });
      const record = parseRecord(reply.out.toString(), Date.now());
      if (record === null) throw new StillwaterError("SW9999", `${this.name}: a claim was answered without a record`);
      this.#lanes.claimed({ channel, run: record.run, epoch: record.epoch, number: record.session });
      return record;
    } catch (error) {
      if (!(error instanceof StillwaterError)) throw error;
      if (error.code === "SW2002") {
        const now = Date.now();
        const record = parseRecord(error.message, now);
        if (record) throw hostIsHeld({ host: this.name, record, now });
      }
      // An answer, not a silence: whoever skips unreachable hosts must not skip this one.
      if (error.code === "SW3010") throw new StillwaterError("SW3010", error.message, { object: this.name, cause: error });
      throw error;
    }
  }
  async renew(fence: Fence, expires: number): Promise<void> {
    await this.#effect(fence, "renew", [seconds(expires)]);
  }
  async raise(fence: Fence): Promise<void> {
    await this.#lanes.raise(fence);
  }
  async release(fence: Fence): Promise<void> {
    await this.#lanes.claiming({ verb: "release", values: [fence.run, String(fence.epoch)] });
  }
  async close(): Promise<void> {
    await this.#lanes.close();
  }

  async query(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.#command("reads", argv, options, (values, request) => this.#read("query", values, request));
  }
  async readFile(path: string): Promise<Uint8Array | null> {
    const reply = await this.#read("read", [absolute(path)]);
    return reply.code === "1" ? null : new Uint8Array(reply.out);
  }
  async readText(path: string): Promise<string | null> {
    const reply = await this.#read("read", [absolute(path)]);
    return reply.code === "1" ? null : reply.out.toString();
  }
  async stat(path: string): Promise<FileState> {
    const text = (await this.#read("stat", [absolute(path)])).out.toString();
    const [kind = "", bytes, mode = "", modified] = text.split(" ");
    switch (kind) {
      case "file":
        return { kind, bytes: Number(bytes), mode: mode.padStart(4, "0"), modifiedS: Number(modified) };
      case "directory":
        return { kind, mode: mode.padStart(4, "0"), modifiedS: Number(modified) };
      case "link":
        return { kind, target: text.slice("link ".length) };
      case "absent":
        return { kind };
      default:
        throw new StillwaterError("SW9999", `${this.name}: stat of ${path} was answered with ${JSON.stringify(text)}`);
    }
  }
  async list(directory: string): Promise<readonly string[]> {
    const names = (await this.#read("list", [absolute(directory)])).out.toString().split("\0");
    return names.slice(0, -1).sort();
  }
  async sha256(path: string): Promise<string | null> {
    const reply = await this.#read("sha256", [absolute(path)], { timeoutMs: LARGE_MS });
    return reply.code === "1" ? null : reply.out.toString();
  }
  async process(pid: number): Promise<ProcessState | null> {
    if (!Number.isSafeInteger(pid) || pid < 1) throw new StillwaterError("SW9999", `${pid} is not a process number`);
    const reply = await this.#read("process", [String(pid)]);
    if (reply.code === "1") return null;
    const [first = "", executable = "", ...command] = reply.out.toString().split("\n");
    const [ticks, state = ""] = first.split(" ");
    return { pid, startTicks: Number(ticks), state, executable: executable || null, command: command.join("\n").trimEnd() };
  }
  async detached(token: string): Promise<DetachedState> {
    const reply = await this.#read("detached", [tokenOf(token)]);
    const output = reply.err.toString();
    const [is = "", number] = reply.out.toString().split(" ");
    switch (is) {
      case "absent":
        return { is };
      case "running":
        return { is, pid: Number(number), output };
      case "exited":
        return { is, code: Number(number), output };
      case "vanished":
        return { is, output };
      default:
        throw new StillwaterError("SW9999", `${this.name}: detached was answered with ${JSON.stringify(is)}`);
    }
  }
  async freeBytes(path: string): Promise<number> {
    return Number((await this.#read("free", [absolute(path)])).out.toString());
  }

  async run(fence: Fence, argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
    return this.#command("effects", argv, options, (values, { timeoutMs, body }) =>
      this.#effect(fence, "run", values, { timeoutMs: timeoutMs + LOCK_PATIENCE_MS, ...(body && { body }) }),
    );
  }
  async runDetached(fence: Fence, token: string, argv: readonly string[], options: CommandOptions = {}): Promise<void> {
    const body = options.input === undefined ? {} : { body: Buffer.from(options.input) };
    await this.#effect(fence, "detach", [tokenOf(token), ...commandValues(argv, options)], { ...body, timeoutMs: SMALL_MS + LOCK_PATIENCE_MS });
  }
  async writeFile(
    fence: Fence,
    path: string,
    content: string | Uint8Array,
    options: { readonly mode?: string; readonly expected?: string | null } = {},
  ): Promise<void> {
    const body = typeof content === "string" ? Buffer.from(content) : content;
    const expected = options.expected === undefined ? "-" : (options.expected ?? "absent");
    await this.#effect(fence, "write", [absolute(path), modeOf(options.mode), expected], {
      body,
      timeoutMs: SMALL_MS + LOCK_PATIENCE_MS + body.length / 100,
    });
  }
  async removeFile(fence: Fence, path: string): Promise<void> {
    await this.#effect(fence, "remove", [absolute(path)]);
  }
  async makeDirectory(fence: Fence, path: string, mode?: string): Promise<void> {
    await this.#effect(fence, "mkdir", [absolute(path), modeOf(mode)]);
  }
  async upload(fence: Fence, localPath: string, path: string, sha256: string): Promise<void> {
    const target = absolute(path);
    const bytes = await localSize(localPath);
    const staged = await this.#effect(fence, "stage", [target, sha256, String(bytes)], { timeoutMs: LARGE_MS });
    if (staged.out.toString() === "there") return;
    const session = await this.#lanes.session(fence);
    const part = posix.join(posix.dirname(target), `.${posix.basename(target)}.sw-${fence.epoch}-${session}-${++this.#uploads}`);
    const channel = await this.#lanes.extra();
    try {
      await this.#lanes.effect(fence, { verb: "receive", values: [part, sha256] }, { timeoutMs: LARGE_MS, file: localPath }, channel);
    } catch (error) {
      // Is the source to blame, or the way?
      if (error instanceof StillwaterError && error.code === "SW3013" && (await localDigest(localPath)) !== sha256) {
        throw new StillwaterError("SW1204", `${localPath} does not have the sha256 ${sha256} that was planned`, { object: localPath, cause: error });
      }
      throw error;
    } finally {
      await channel.close();
    }
    await this.#effect(fence, "place", [part, target]);
  }
  async unpack(fence: Fence, archive: string, directory: string): Promise<void> {
    await this.#effect(fence, "unpack", [absolute(archive), absolute(directory)], { timeoutMs: LARGE_MS });
  }
  async swap(fence: Fence, change: { readonly path: string; readonly replacement: string; readonly previous: string }): Promise<void> {
    await this.#effect(fence, "swap", [absolute(change.path), absolute(change.replacement), absolute(change.previous)]);
  }
  async backup(fence: Fence, sources: readonly string[], directory: string): Promise<void> {
    const paths = sources.map((source) => absolute(source));
    if (paths.some((path) => path.includes("\n"))) throw new StillwaterError("SW3005", "a path with a line break cannot be backed up");
    await this.#effect(fence, "backup", [absolute(directory), ...paths], { timeoutMs: LARGE_MS });
  }
  async restore(fence: Fence, directory: string): Promise<void> {
    await this.#effect(fence, "restore", [absolute(directory)], { timeoutMs: LARGE_MS });
  }

  async #read(
    verb: string,
    values: readonly string[],
    options: RequestOptions & { readonly body?: Uint8Array } = { timeoutMs: SMALL_MS },
  ): Promise<Reply> {
    return this.#lanes.read({ verb, values, ...(options.body && { body: options.body }) }, { timeoutMs: options.timeoutMs });
  }
  async #effect(
    fence: Fence,
    verb: string,
    values: readonly string[],
    options: RequestOptions & { readonly body?: Uint8Array } = { timeoutMs: SMALL_MS + LOCK_PATIENCE_MS },
  ): Promise<Reply> {
    return this.#lanes.effect(fence, { verb, values, ...(options.body && { body: options.body }) }, { timeoutMs: options.timeoutMs });
  }
  async #command(
    lane: "effects" | "reads",
    argv: readonly string[],
    options: CommandOptions,
    send: (values: readonly string[], request: RequestOptions & { readonly body?: Uint8Array }) => Promise<Reply>,
  ): Promise<CommandResult> {
    const timeoutMs = options.timeoutMs ?? COMMAND_MS;
    const fractions = await this.#lanes.fractions(lane);
    const limit = fractions ? (timeoutMs / 1000).toFixed(3) : String(Math.ceil(timeoutMs / 1000));
    const body = options.input === undefined ? {} : { body: Buffer.from(options.input) };
    const before = performance.now();
    const reply = await send([limit, ...commandValues(argv, options)], { timeoutMs: timeoutMs + KILL_MS, ...body });
    const code = Number(reply.code);
    // The code alone does not tell: a command may end with 124 by itself.
    if (KILLED.includes(code) && performance.now() - before >= timeoutMs) {
      throw new Unreachable(`${this.name}: ${argv[0]} did not end within ${timeoutMs / 1000} s and was killed`, {
        code: "SW3003",
        object: this.name,
      });
    }
    return { code, stdout: reply.out.toString(), stderr: reply.err.toString() };
  }
}

/** directory, number of variables, variables, argument vector. */
function commandValues(argv: readonly string[], options: CommandOptions): readonly string[] {
  if (argv.length === 0) throw new StillwaterError("SW9999", "a command needs at least a name");
  const pairs = Object.entries(options.environment ?? {}).map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new StillwaterError("SW9999", `${JSON.stringify(name)} cannot be the name of a variable`);
    return `${name}=${value}`;
  });
  return [options.directory === undefined ? "/" : absolute(options.directory), String(pairs.length), ...pairs, ...argv];
}
function absolute(path: string): string {
  if (!path.startsWith("/")) throw new StillwaterError("SW3005", `${JSON.stringify(path)} is not an absolute path`);
  const tidy = path.replace(/\/{2,}/g, "/");
  return tidy.length > 1 && tidy.endsWith("/") ? tidy.slice(0, -1) : tidy;
}
function tokenOf(token: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(token)) throw new StillwaterError("SW9999", `${JSON.stringify(token)} cannot be a token`);
  return token;
}
function modeOf(mode: string | undefined): string {
  if (mode === undefined) return "-";
  if (!/^[0-7]{3,4}$/.test(mode)) throw new StillwaterError("SW9999", `${JSON.stringify(mode)} is not a mode like 0644`);
  return mode;
}
/** From now, for the clock of the host may be another. */
function seconds(expires: number): string {
  return String(Math.max(1, Math.ceil((expires - Date.now()) / 1000)));
}
async function localSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    throw new StillwaterError("SW1203", `${path} cannot be read`, { object: path, cause: error });
  }
}
async function localDigest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
