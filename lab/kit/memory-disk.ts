import type { Disk } from "./disk.ts";

/** What was appended is joined only when somebody reads it: a log of a million entries costs a million pushes. */
interface File {
  readonly kind: "file";
  parts: string[];
}
interface Directory {
  readonly kind: "directory";
  readonly entries: Map<string, File | Directory>;
}

const segments = (path: string): string[] => {
  if (!path.startsWith("/")) throw new Error(`${path}: paths on a disk are absolute`);
  return path.split("/").filter((segment) => segment !== "" && segment !== ".");
};

/** Files in memory. It outlives the processes that write to it, as a machine's disk does. */
export class MemoryDisk implements Disk {
  readonly #root: Directory = { kind: "directory", entries: new Map() };
  /** Appending to the same files again and again is what logs do: the way to each is looked up once. */
  readonly #appended = new Map<string, File>();

  read(path: string): string | null {
    const found = this.#find(segments(path));
    if (found === null) return null;
    if (found.kind === "directory") throw new Error(`${path}: is a directory`);
    if (found.parts.length > 1) found.parts = [found.parts.join("")];
    return found.parts[0] ?? "";
  }

  write(path: string, text: string): void {
    this.#fileAt(path).parts = [text];
  }

  append(path: string, text: string): void {
    let file = this.#appended.get(path);
    if (file === undefined) {
      file = this.#fileAt(path);
      this.#appended.set(path, file);
    }
    file.parts.push(text);
  }

  remove(path: string): void {
    this.#appended.clear();
    const way = segments(path);
    const name = way.pop();
    if (name === undefined) {
      this.#root.entries.clear();
      return;
    }
    const directory = this.#find(way);
    if (directory?.kind === "directory") directory.entries.delete(name);
  }

  rename(from: string, to: string): void {
    this.#appended.clear();
    const way = segments(from);
    const name = way.pop();
    const source = this.#find(way);
    const moved = name === undefined || source?.kind !== "directory" ? undefined : source.entries.get(name);
    if (name === undefined || source?.kind !== "directory" || moved === undefined) throw new Error(`${from}: no such file or directory`);
    const target = segments(to);
    const newName = target.pop();
    if (newName === undefined) throw new Error(`${to}: cannot replace the root`);
    const directory = this.#make(target, to);
    source.entries.delete(name);
    directory.entries.set(newName, moved);
  }

  list(directory: string): readonly string[] {
    const found = this.#find(segments(directory));
    return found?.kind === "directory" ? [...found.entries.keys()].sort() : [];
  }

  #find(way: readonly string[]): File | Directory | null {
    let at: File | Directory = this.#root;
    for (const segment of way) {
      const next: File | Directory | undefined = at.kind === "directory" ? at.entries.get(segment) : undefined;
      if (next === undefined) return null;
      at = next;
    }
    return at;
  }

  #make(way: readonly string[], path: string): Directory {
    let at = this.#root;
    for (const segment of way) {
      let next = at.entries.get(segment);
      if (next === undefined) {
        next = { kind: "directory", entries: new Map() };
        at.entries.set(segment, next);
      }
      if (next.kind === "file") throw new Error(`${path}: not a directory`);
      at = next;
    }
    return at;
  }

  #fileAt(path: string): File {
    const way = segments(path);
    const name = way.pop();
    if (name === undefined) throw new Error(`${path}: is a directory`);
    const directory = this.#make(way, path);
    const existing = directory.entries.get(name);
    if (existing?.kind === "directory") throw new Error(`${path}: is a directory`);
    if (existing !== undefined) return existing;
    const file: File = { kind: "file", parts: [] };
    directory.entries.set(name, file);
    return file;
  }
}
