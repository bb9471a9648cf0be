// Directories of a disk in memory as trees of files.
import { createHash } from "node:crypto";
import type { Disk } from "./disk.ts";

const textAt = (disk: Disk, path: string): string | null => {
  if (disk.list(path).length > 0) return null;
  try {
    return disk.read(path);
  } catch {
    return null; // an empty directory
  }
};
export const isFile = (disk: Disk, path: string): boolean => textAt(disk, path) !== null;
export function exists(disk: Disk, path: string): boolean {
  const cut = path.lastIndexOf("/");
  return disk.list(path.slice(0, cut) || "/").includes(path.slice(cut + 1));
}
/** Relative paths to contents, sorted. */
export function filesBelow(disk: Disk, path: string): readonly (readonly [relative: string, content: string])[] {
  const content = textAt(disk, path);
  if (content !== null) return [["", content]];
  return disk
    .list(path)
    .flatMap((name) => filesBelow(disk, `${path}/${name}`).map(([rest, text]) => [rest === "" ? name : `${name}/${rest}`, text] as const));
}
/** Empty directories too; nothing where there is nothing. */
export function copyTree(disk: Disk, from: string, to: string): void {
  if (!exists(disk, from)) return;
  const content = textAt(disk, from);
  if (content !== null) {
    disk.write(to, content);
    return;
  }
  const names = disk.list(from);
  if (names.length === 0 && !exists(disk, to)) {
    // A disk makes directories for files alone.
    disk.write(`${to}/.made`, "");
    disk.remove(`${to}/.made`);
  }
  for (const name of names) copyTree(disk, `${from}/${name}`, `${to}/${name}`);
}
export const digest = (content: string): string => createHash("sha256").update(content).digest("hex");
/** Null: absent. */
export function digestOf(disk: Disk, path: string): string | null {
  if (!exists(disk, path)) return null;
  const content = textAt(disk, path);
  if (content !== null) return digest(content);
  return digest(
    filesBelow(disk, path)
      .map(([relative, text]) => `${relative} ${digest(text)}\n`)
      .join(""),
  );
}
