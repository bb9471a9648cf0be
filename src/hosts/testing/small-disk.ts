// A file system of one megabyte, for what happens when a disk is full.
import { execFileSync, spawnSync } from "node:child_process";
import type { Fence } from "../../model/fence.ts";
import type { HostConnection } from "../connection.ts";

export interface SmallDisk {
  readonly directory: string;
  close(): Promise<void>;
}
/** Mounted through the host when its user is root (it may live in a mount namespace of its own), otherwise by this process if that is root. */
export async function smallDisk(host: HostConnection, fence: Fence, directory: string): Promise<SmallDisk | { readonly skip: string }> {
  await host.makeDirectory(fence, directory);
  const argv = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=1777", "stillwater-test", directory];
  if ((await host.query(["id", "-u"])).stdout === "0\n") {
    const mounted = await host.run(fence, argv);
    if (mounted.code !== 0) return { skip: `a small file system cannot be mounted here: ${mounted.stderr.trim()}` };
    return { directory, close: async () => void (await host.run(fence, ["umount", directory])) };
  }
  if (process.getuid?.() !== 0) return { skip: "a small file system needs root to mount it" };
  const mounted = spawnSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8" });
  if (mounted.status !== 0) return { skip: `a small file system cannot be mounted here: ${mounted.stderr.trim()}` };
  return {
    directory,
    close: () => {
      execFileSync("umount", [directory]);
      return Promise.resolve();
    },
  };
}
