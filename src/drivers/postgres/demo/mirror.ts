import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";

interface Difference {
  /** Paths that only the target has, or has as another kind of file. */
  readonly remove: readonly string[];
  /** Paths that the target lacks or has with other content. */
  readonly copy: readonly string[];
}

function same(source: Stats, target: Stats, paths: readonly [string, string]): boolean {
  if (source.isSymbolicLink()) return readlinkSync(paths[0]) === readlinkSync(paths[1]);
  // Whoever writes to a file moves its time on from the one that the copy gave it, so equal times mean equal content.
  return source.size === target.size && Math.abs(source.mtimeMs - target.mtimeMs) < 0.002 && source.mode === target.mode && source.uid === target.uid;
}

function kind(stats: Stats): string {
  return stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "link" : "file";
}

function difference(source: string, target: string, path = "."): Difference {
  const here = new Map(readdirSync(join(source, path)).map((name) => [name, lstatSync(join(source, path, name))]));
  const there = new Map(readdirSync(join(target, path)).map((name) => [name, lstatSync(join(target, path, name))]));
  const remove: string[] = [];
  const copy: string[] = [];
  for (const [name, stats] of there) {
    const wanted = here.get(name);
    if (wanted === undefined || kind(wanted) !== kind(stats)) remove.push(join(path, name));
  }
  for (const [name, stats] of here) {
    const present = there.get(name);
    const child = join(path, name);
    if (present === undefined || kind(present) !== kind(stats)) copy.push(child);
    else if (stats.isDirectory()) {
      const inner = difference(source, target, child);
      remove.push(...inner.remove);
      copy.push(...inner.copy);
    } else if (!same(stats, present, [join(source, child), join(target, child)])) copy.push(child);
  }
  return { remove, copy };
}

/**
 * Makes `target` what `source` is, `target` being a copy of it that somebody has worked on. Unchanged files are left alone: a data directory has a
 * thousand files of which a run changes fifty, and ext4 is slow at making files soon after others were removed.
 */
export async function mirror(source: string, target: string): Promise<void> {
  const { remove, copy } = difference(source, target);
  await Promise.all(remove.map((path) => rm(join(target, path), { recursive: true, force: true })));
  if (copy.length > 0) await run(["cp", "-a", "--reflink=auto", "--sparse=always", "--parents", "-t", target, ...copy], { directory: source });
}
