import type { NodeProcess } from "../process.ts";

export interface RaftEntry<Command> {
  readonly index: number;
  readonly term: number;
  /** Of the release that wrote it. */
  readonly format: number;
  /** Null: a new leader's first. */
  readonly command: Command | null;
}
export interface HardState {
  readonly term: number;
  readonly vote: string | null;
}
export interface RaftSnapshot {
  readonly index: number;
  readonly term: number;
  readonly format: number;
  readonly state: unknown;
}
/** Files that cannot be read on: S01011. */
export class RaftDamaged extends Error {
  constructor(why: string) {
    super(`Raft WAL incomplete: ${why}. RefId: S01011`);
  }
}

/** `raft/` in the controller's home (facts 1.6): raftHardstate1, raftWAL1, raftSnapshot1. Always written through to the disk. */
export class RaftFiles<Command> {
  readonly #process: NodeProcess;
  readonly #directory: string;

  constructor(process: NodeProcess) {
    this.#process = process;
    this.#directory = `${process.home}/raft`;
  }

  /** Null: nothing was ever written here. Error RaftDamaged. */
  load(): { readonly hard: HardState; readonly snapshot: RaftSnapshot | null; readonly entries: readonly RaftEntry<Command>[] } | null {
    const { disk, behaviour } = this.#process;
    const [hardText, walText, snapshotText] = ["raftHardstate1", "raftWAL1", "raftSnapshot1"].map((name) => disk.read(`${this.#directory}/${name}`));
    if ((hardText ?? null) === null && (walText ?? null) === null && (snapshotText ?? null) === null) return null;
    const hard = this.#parsed("raftHardstate1", hardText ?? null) as HardState;
    if (typeof hard.term !== "number") throw new RaftDamaged("raftHardstate1 has no term");
    const snapshot = (snapshotText ?? null) === null ? null : (this.#parsed("raftSnapshot1", snapshotText ?? null) as RaftSnapshot);
    const entries: RaftEntry<Command>[] = [];
    const text = walText ?? "";
    if (text !== "" && !text.endsWith("\n")) throw new RaftDamaged("raftWAL1 ends within an entry");
    for (const line of text.split("\n")) if (line !== "") entries.push(this.#parsed("raftWAL1", line) as RaftEntry<Command>);
    let before = snapshot?.index ?? 0;
    for (const entry of entries) {
      if (entry.index !== before + 1 || entry.term > hard.term)
        throw new RaftDamaged(`raftWAL1 has entry ${String(entry.index)} behind ${String(before)}`);
      before = entry.index;
    }
    const formats = [...entries.map(({ format }) => format), snapshot?.format ?? 0];
    if (formats.some((format) => format > behaviour.raftFormat)) throw new RaftDamaged("its log format differs between versions");
    return { hard, snapshot, entries };
  }

  writeHard(hard: HardState): void {
    this.#write("raftHardstate1", JSON.stringify(hard));
  }
  append(entries: readonly RaftEntry<Command>[]): void {
    const path = `${this.#directory}/raftWAL1`;
    this.#process.disk.append(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
    this.#process.fsync(path);
  }
  rewrite(entries: readonly RaftEntry<Command>[]): void {
    this.#write("raftWAL1", entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
  }
  writeSnapshot(snapshot: RaftSnapshot, behind: readonly RaftEntry<Command>[]): void {
    this.#write("raftSnapshot1", JSON.stringify(snapshot));
    this.rewrite(behind);
  }

  #write(name: string, text: string): void {
    const path = `${this.#directory}/${name}`;
    this.#process.disk.write(`${path}.tmp`, text);
    this.#process.fsync(`${path}.tmp`);
    this.#process.disk.rename(`${path}.tmp`, path);
  }
  #parsed(name: string, text: string | null): object {
    if (text === null) throw new RaftDamaged(`${name} is missing`);
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value === "object" && value !== null) return value;
    } catch {
      // Told below.
    }
    throw new RaftDamaged(`${name} cannot be read`);
  }
}
