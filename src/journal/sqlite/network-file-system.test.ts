import { describe, expect, it } from "vitest";
import { networkFileSystem, refuseNetworkFileSystem } from "./network-file-system.ts";

const mounts = [
  "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw",
  "30 22 0:40 / /mnt/my\\040share rw - fuse.sshfs ana@nas:/ rw",
  "31 22 8:2 / /data rw - fuseblk /dev/sdb1 rw",
  "32 31 0:41 / /data/remote rw - fuse.glusterfs gluster:/vol rw",
].join("\n");

describe("the file system under the journal", () => {
  it("is local: ext4, xfs, btrfs, tmpfs, overlay", () => {
    for (const type of [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630]) expect(networkFileSystem("/x", type, mounts)).toBeNull();
  });
  it("is a network: NFS, CIFS (also as a negative number), Ceph, 9p", () => {
    expect(networkFileSystem("/x", 0x6969, mounts)).toBe("NFS");
    expect(networkFileSystem("/x", 0xff534d42, mounts)).toBe("CIFS");
    expect(networkFileSystem("/x", 0xff534d42 | 0, mounts)).toBe("CIFS");
    expect(networkFileSystem("/x", 0x00c36400, mounts)).toBe("Ceph");
    expect(networkFileSystem("/x", 0x01021997, mounts)).toBe("9p");
  });
  it("is judged by the mount when it lives in user space", () => {
    const fuse = 0x65735546;
    expect(networkFileSystem("/mnt/my share/state", fuse, mounts)).toBe("fuse.sshfs");
    expect(networkFileSystem("/data/state", fuse, mounts)).toBeNull();
    expect(networkFileSystem("/data/remote/state", fuse, mounts)).toBe("fuse.glusterfs");
    expect(networkFileSystem("/data/state", fuse, "")).toBe("fuse");
  });
  it("is not refused here", () => expect(() => refuseNetworkFileSystem("/proc/self")).not.toThrow());
});
