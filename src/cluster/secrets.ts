import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { homedir } from "node:os";
import { StillwaterError } from "../model/errors.ts";
import { commandWords } from "./command-words.ts";

export const mostBytes = 64 * 1024;

export interface SecretOptions {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What `~` is. */
  readonly home?: string;
  /** Milliseconds that a command may take. */
  readonly commandMs?: number;
}

/**
 * The value behind `@env:NAME`, `@file:/path` or `@command:program arguments`; a text without such a prefix is returned as it is. One
 * newline at the end is dropped. SW1104 names the reference, never the value, nor anything that a command printed.
 */
export async function resolveSecret(reference: string, options: SecretOptions = {}): Promise<string> {
  const [, kind, rest = ""] = /^@(env|file|command):(.*)$/s.exec(reference) ?? [];
  if (kind === undefined) return reference;
  const bytes = await read(kind, rest, reference, options);
  if (bytes.length > mostBytes) throw missing(reference, `it is larger than ${mostBytes / 1024} KiB`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // The cause would quote the bytes.
    throw missing(reference, "it is not UTF-8 text");
  }
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw missing(reference, "it is empty");
  return value;
}

async function read(kind: string, rest: string, reference: string, options: SecretOptions): Promise<Uint8Array> {
  switch (kind) {
    case "env": {
      const value = (options.environment ?? process.env)[rest];
      if (value === undefined) throw missing(reference, `the environment variable ${rest} is not set`);
      return Buffer.from(value);
    }
    case "file":
      return readSecretFile(rest.replace(/^~(?=\/)/, options.home ?? homedir()), reference);
    default:
      return runCommand(rest, reference, options.commandMs ?? 30_000);
  }
}

/**
 * A file that everybody may read is no secret, and one that others may write is not ours: both are refused, not only warned about, because
 * a warning in a run at night is read by nobody. A group that may read is allowed: that is how service accounts share a secret.
 */
async function readSecretFile(path: string, reference: string): Promise<Uint8Array> {
  if (!path.startsWith("/")) throw missing(reference, "the path must be absolute: the current directory is another one in each shell");
  // Not blocking: a named pipe without a writer would stop the program for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw missing(reference, error instanceof Error ? error.message : String(error));
  });
  try {
    // Asked of the open file: the name may be another file's a moment later.
    const state = await file.stat();
    if (!state.isFile()) throw missing(reference, `${path} is not an ordinary file`);
    const mode = (state.mode & 0o777).toString(8).padStart(4, "0");
    if ((state.mode & 0o007) !== 0) throw missing(reference, `${path} has mode ${mode}: everybody may use it`, `chmod o= ${path}`);
    if ((state.mode & 0o020) !== 0) throw missing(reference, `${path} has mode ${mode}: its group may write it`, `chmod g-w ${path}`);
    const buffer = Buffer.alloc(mostBytes + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function runCommand(line: string, reference: string, timeout: number): Promise<Uint8Array> {
  const [program, ...args] = commandWords(line) ?? [];
  if (program === undefined) throw missing(reference, "the command is empty, or a quote in it is not closed");
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, { encoding: "buffer", timeout, killSignal: "SIGKILL", maxBuffer: mostBytes + 1 }, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(missing(reference, failure(error, timeout)));
    });
    // A program that asks for a password is told at once that nobody is there.
    child.stdin?.on("error", () => undefined).end();
  });
}
/** Without the message of the error, which holds what the program printed. */
function failure(error: { readonly code?: unknown; readonly killed?: unknown; readonly signal?: unknown }, timeout: number): string {
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return `it is larger than ${mostBytes / 1024} KiB`;
  if (error.killed === true) return `the command did not end within ${timeout / 1000} s`;
  if (typeof error.code === "number") return `the command ended with exit code ${error.code}`;
  if (typeof error.code === "string") return `the command cannot be started: ${error.code}`;
  return `the command was ended by ${typeof error.signal === "string" ? error.signal : "a signal"}`;
}

function missing(reference: string, why: string, remedy?: string): StillwaterError {
  return new StillwaterError("SW1104", `The secret ${reference} cannot be had`, {
    object: reference,
    why: [why],
    ...(remedy === undefined ? {} : { remedy }),
  });
}
