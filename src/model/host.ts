import type { Fence } from "./fence.ts";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}
export interface CommandOptions {
  /** Milliseconds; after that the command is killed and the answer is SW3003 (a time-out: unknown, not failed). Default 30,000. */
  readonly timeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  /** Standard input. */
  readonly input?: string;
}
export type FileState =
  | { readonly kind: "absent" }
  | { readonly kind: "file"; readonly bytes: number; readonly mode: string; readonly modifiedS: number }
  | { readonly kind: "directory"; readonly mode: string; readonly modifiedS: number }
  | { readonly kind: "link"; readonly target: string };

/** A process by its identity: the pid alone may be somebody else's by now. */
export interface ProcessState {
  readonly pid: number;
  /** Clock ticks after boot (field 22 of /proc/PID/stat). */
  readonly startTicks: number;
  /** `Z` is a dead process that nobody has waited for: not running. */
  readonly state: string;
  readonly executable: string | null;
  readonly command: string;
}

/** A command that runs on without us, found again by its token. */
export type DetachedState =
  | { readonly is: "absent" }
  | { readonly is: "running"; readonly pid: number; readonly output: string }
  | { readonly is: "exited"; readonly code: number; readonly output: string }
  | { readonly is: "vanished"; readonly output: string };

/** A machine reached by a transport. Paths are absolute; commands are argument vectors, never pasted strings. Reads need no fence. */
export interface HostReader {
  readonly name: string;
  /** A read-only command. */
  query(argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Null: no such file. Error SW3005 for a file above 16 MiB or one that may not be read. */
  readFile(path: string): Promise<Uint8Array | null>;
  readText(path: string): Promise<string | null>;
  stat(path: string): Promise<FileState>;
  list(directory: string): Promise<readonly string[]>;
  /** Hex digest of a file; of a directory: over its sorted relative paths, modes, link targets and file digests. Null: absent. */
  sha256(path: string): Promise<string | null>;
  process(pid: number): Promise<ProcessState | null>;
  detached(token: string): Promise<DetachedState>;
  /** Bytes that an ordinary user may still write on the file system of this path. */
  freeBytes(path: string): Promise<number>;
}

/** Effects. Each takes the fence that only `Acting.send` gives; the helper on the host refuses an older one (SW3010) under the host's lock. */
export interface Host extends HostReader {
  run(fence: Fence, argv: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Starts a command that survives this connection; output, pid and exit code are kept in files under the token. A token that exists is not started again. */
  runDetached(fence: Fence, token: string, argv: readonly string[], options?: CommandOptions): Promise<void>;
  /** Atomic (temporary file, sync, rename). `expected`: sha256 of the content it replaces, null for absent; another content refuses with SW3011. Undefined: no comparison. */
  writeFile(
    fence: Fence,
    path: string,
    content: string | Uint8Array,
    options?: { readonly mode?: string; readonly expected?: string | null },
  ): Promise<void>;
  removeFile(fence: Fence, path: string): Promise<void>;
  makeDirectory(fence: Fence, path: string, mode?: string): Promise<void>;
  /** Copies a local file to this host, verified by its sha256 before it gets its name; does nothing when it is there already. Full disk: SW3012, nothing left behind. */
  upload(fence: Fence, localPath: string, path: string, sha256: string): Promise<void>;
  /** Unpacks a tar archive (any compression that tar knows) or a zip archive (error SW3002 without `unzip` there) into a directory that appears complete or not at all. */
  unpack(fence: Fence, archive: string, directory: string): Promise<void>;
  /** Makes `path` be what `replacement` is, and keeps what it was as `previous`: a symbolic link is replaced atomically, a directory by two renames that a second call completes. */
  swap(fence: Fence, change: { readonly path: string; readonly replacement: string; readonly previous: string }): Promise<void>;
  /** Copies files or directories to a new directory of mode 0700 with a manifest of checksums; a copy that is complete already is left. */
  backup(fence: Fence, sources: readonly string[], directory: string): Promise<void>;
  /** Puts back what `backup` kept, verified against its manifest before anything is replaced. */
  restore(fence: Fence, directory: string): Promise<void>;
}

/** Who may change something on a host: kept on the host itself, so that a second journal on another machine is refused too. Times in ms since 1970. */
export interface HostRecord {
  readonly store: string;
  readonly run: string;
  readonly epoch: number;
  readonly connection: number;
  readonly holder: string;
  readonly verb: string;
  readonly since: number;
  /** 0: released. */
  readonly expires: number;
}
/** A host whose record can be claimed: what the orchestrator uses; drivers see `Host` only. */
export interface ClaimableHost extends Host {
  /** Null: nobody has ever claimed this cluster here. */
  readRecord(): Promise<HostRecord | null>;
  /** Refused with SW2002 by another store's unexpired record (unless `takeOver`), with SW3010 by a higher epoch. */
  claim(claim: Omit<HostRecord, "since"> & { readonly takeOver: boolean }): Promise<HostRecord>;
  renew(fence: Fence, expires: number): Promise<void>;
  /** The fence's connection number counts from now: what was sent before and has not arrived is refused. */
  raise(fence: Fence): Promise<void>;
  /** Marks the record as free; its epoch stays. */
  release(fence: Fence): Promise<void>;
  close(): Promise<void>;
}
