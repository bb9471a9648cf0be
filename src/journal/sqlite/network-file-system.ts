import { readFileSync, statfsSync } from "node:fs";
import { StillwaterError } from "../../model/errors.ts";

// Locks of these are kept by another machine, or not at all, and the shared memory of the write-ahead log does not reach over them: two
// processes could hold one claim. Numbers: statfs(2) and the kernel's linux/magic.h.
const networkTypes: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB 2"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x73757245, "Coda"],
  [0x564c, "NCP"],
  [0x01021997, "9p"],
  [0x00c36400, "Ceph"],
  [0x0bd00bd0, "Lustre"],
  [0x47504653, "GPFS"],
  [0x19830326, "BeeGFS"],
  [0x20030528, "PVFS2"],
  [0x7461636f, "OCFS2"],
  [0x01161970, "GFS2"],
  [0x786f4256, "VirtualBox shared folder"],
  [0xbacbacbc, "VMware shared folder"],
]);
const fuse = 0x65735546;
// A file system in user space is local only when it says which local one it is: sshfs, GlusterFS and S3 mounts look alike in statfs.
const localFuse: ReadonlySet<string> = new Set(["fuseblk", "fuse.fuse-overlayfs", "fuse.ext2", "fuse.ntfs-3g"]);

/** The name of the network file system that this is, or null for a local one. `mounts`: the text of /proc/self/mountinfo. */
export function networkFileSystem(path: string, type: number, mounts: string): string | null {
  const unsigned = type >>> 0;
  if (unsigned !== fuse) return networkTypes.get(unsigned) ?? null;
  const name = mountType(path, mounts) ?? "fuse";
  return localFuse.has(name) ? null : name;
}

/** Refuses with SW4004. The directory exists, and `realPath` has no symbolic links. */
export function refuseNetworkFileSystem(realPath: string): void {
  const { type } = statfsSync(realPath);
  const name = networkFileSystem(realPath, type, type >>> 0 === fuse ? readFileSync("/proc/self/mountinfo", "utf8") : "");
  if (name === null) return;
  throw new StillwaterError("SW4004", `The journal cannot be kept on a network file system (${name})`, {
    object: realPath,
    why: [`${realPath} is on ${name}: its locks do not keep two processes apart`],
  });
}

/** The type of the mount that holds the path: the longest mount point above it, and of those the one mounted last. */
function mountType(path: string, mounts: string): string | null {
  let best: { readonly point: string; readonly type: string } | null = null;
  for (const line of mounts.split("\n")) {
    const [left, right] = line.split(" - ");
    const point = left?.split(" ")[4]?.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)));
    const type = right?.split(" ")[0];
    if (point === undefined || type === undefined) continue;
    const above = point === "/" || path === point || path.startsWith(`${point}/`);
    if (above && (best === null || point.length >= best.point.length)) best = { point, type };
  }
  return best?.type ?? null;
}
