// A file system of one megabyte, for what happens when a disk is full.
import { spawnSync } from "node:child_process";
import { mkdir } from "node:fs/promises";

export interface SmallDisk {
  readonly directory: string;
  close(): void;
}
/** Needs root, and a machine that lets root mount; says why not otherwise. */
export async function smallDisk(directory: string): Promise<SmallDisk | { readonly skip: string }> {
  if (process.getuid?.() !== 0) return { skip: "a small file system needs root to mount it" };
  await mkdir(directory, { recursive: true });
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m,mode=1777", "stillwater-test", directory], { encoding: "utf8" });
  if (mounted.status !== 0) return { skip: `a small file system cannot be mounted here: ${mounted.stderr.trim()}` };
  return { directory, close: () => void spawnSync("umount", ["--lazy", directory]) };
}
