// What the probe leaves in its directory for others, each written so that a reader sees the old text or the new one, never half of it.
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";

export const probeFiles = {
  /** Rewritten four times a second. */
  status: "status.json",
  /** There once the control is done and every partition has acknowledged a write. */
  ready: "probe.ready.json",
  /** What a successor needs to go on at once: partitions, the control. */
  known: "probe.known.json",
  /** Made by whoever wants the probe to end. */
  stop: "stop",
  pid: "probe.pid",
} as const;

export function writeWhole(path: string, content: unknown): void {
  const temporary = `${path}.${String(process.pid)}.tmp`;
  const file = openSync(temporary, "w", 0o600);
  try {
    writeSync(file, `${JSON.stringify(content)}\n`);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** Null: no such file, or one that a power cut has damaged: whoever needs it makes it again. */
export function readWhole(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

export const removeFile = (path: string): void => rmSync(path, { force: true });
