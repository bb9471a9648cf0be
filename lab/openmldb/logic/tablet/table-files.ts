import type { Clock } from "../../../kit/clock.ts";
import type { Disk } from "../../../kit/disk.ts";
import type { Entry, ManifestReply, TableMeta } from "../tablet-messages.ts";
import { entryOf, lineOf } from "./binlog.ts";
import type { TabletFlags } from "./flags.ts";

export type Manifest = ManifestReply["manifest"];
export const NO_SNAPSHOT: Manifest = { offset: 0, name: "", count: 0, term: 0 };

/** What a partition keeps on disk (facts 6.3.6): table_meta.txt, binlog/, snapshot/MANIFEST and the snapshot that it names. */
export class TableFiles {
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #flags: TabletFlags;

  constructor(disk: Disk, clock: Clock, flags: TabletFlags) {
    this.#disk = disk;
    this.#clock = clock;
    this.#flags = flags;
  }

  directory(tid: number, pid: number, storage: TableMeta["storage_mode"]): string {
    return `${this.#root(storage)}/${String(tid)}_${String(pid)}`;
  }

  exists(directory: string): boolean {
    return this.#disk.list(directory).length > 0;
  }

  /** Null: there is none, or it cannot be read. */
  meta(directory: string): TableMeta | null {
    return parsed(this.#disk.read(`${directory}/table_meta.txt`)) as TableMeta | null;
  }

  writeMeta(directory: string, meta: TableMeta): void {
    this.#disk.write(`${directory}/table_meta.txt`, `${JSON.stringify(meta)}\n`);
  }

  /** Null: no snapshot was ever made here. */
  manifest(directory: string): Manifest | null {
    return parsed(this.#disk.read(`${directory}/snapshot/MANIFEST`)) as Manifest | null;
  }

  /** The rows of the snapshot; null: the file that the manifest names is not there, or is damaged. */
  snapshot(directory: string, { name, count }: Manifest): readonly Entry[] | null {
    const content = this.#disk.read(`${directory}/snapshot/${name}`);
    if (content === null) return null;
    const rows = content.split("\n").flatMap((line) => (line === "" ? [] : [entryOf(line)]));
    const whole = rows.filter((row) => row !== null);
    return whole.length === rows.length && whole.length === count ? whole : null;
  }

  writeSnapshot(directory: string, rows: readonly Entry[], offset: number, term: number): Manifest {
    const before = this.manifest(directory);
    const manifest: Manifest = { offset, name: `${this.#timestamp()}.sdb`, count: rows.length, term };
    this.#disk.write(`${directory}/snapshot/${manifest.name}`, rows.map(lineOf).join(""));
    this.#disk.write(`${directory}/snapshot/MANIFEST`, `${JSON.stringify(manifest)}\n`);
    if (before !== null && before.name !== manifest.name) this.#disk.remove(`${directory}/snapshot/${before.name}`);
    return manifest;
  }

  /** A file below the partition's directory. Null: it is not there. */
  read(directory: string, name: string): string | null {
    return this.#disk.read(`${directory}/${name}`);
  }

  write(directory: string, name: string, content: string): void {
    this.#disk.write(`${directory}/${name}`, content);
  }

  /** The binlog goes to the recycle bin, or away. */
  removeBinlog(tid: number, pid: number, directory: string): void {
    this.#remove(`${directory}/binlog`, `${String(tid)}_${String(pid)}_binlog`);
  }

  /** The whole partition goes to the recycle bin, or away. */
  removeAll(tid: number, pid: number, directory: string): void {
    this.#remove(directory, `${String(tid)}_${String(pid)}`);
  }

  #remove(path: string, name: string): void {
    if (this.#disk.list(path).length === 0) return;
    if (this.#flags.recycleBinEnabled) this.#disk.rename(path, `${this.#flags.recycleBinRootPath}/${name}_${this.#timestamp()}`);
    else this.#disk.remove(path);
  }

  #root(storage: TableMeta["storage_mode"]): string {
    switch (storage ?? "kMemory") {
      case "kMemory":
        return this.#flags.dbRootPath;
      case "kSSD":
        return this.#flags.ssdRootPath;
      case "kHDD":
        return this.#flags.hddRootPath;
    }
  }

  /** With milliseconds, so that two within one second do not meet. */
  #timestamp(): string {
    return new Date(this.#clock.now()).toISOString().replaceAll(/[^0-9]/g, "");
  }
}

/** Null: no text, or damaged. */
function parsed(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
