import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Disk } from "./disk.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { RealDisk } from "./real-disk.ts";

const directory = mkdtempSync(join(tmpdir(), "disk-"));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

const disks: readonly (readonly [string, Disk, string])[] = [
  ["in memory", new MemoryDisk(), "/data"],
  ["real", new RealDisk(), directory],
];

describe.each(disks)("disk, %s", (_, disk, base) => {
  it("keeps what is written and appended, and makes directories on the way", () => {
    expect(disk.read(`${base}/a/b`)).toBeNull();
    disk.append(`${base}/a/b`, "1");
    disk.append(`${base}/a/b`, "2");
    expect(disk.read(`${base}/a/b`)).toBe("12");
    disk.append(`${base}/a/b`, "3");
    expect(disk.read(`${base}/a/b`)).toBe("123");
    disk.write(`${base}/a/b`, "new");
    expect(disk.read(`${base}/a/b`)).toBe("new");
    disk.write(`${base}/a/c/d`, "");
    expect(disk.list(`${base}/a`)).toEqual(["b", "c"]);
    expect(disk.list(`${base}/none`)).toEqual([]);
    expect(disk.list(`${base}/a/b`)).toEqual([]);
  });

  it("renames and removes files and whole directories", () => {
    disk.write(`${base}/from/one`, "1");
    disk.append(`${base}/from/one`, "2");
    disk.rename(`${base}/from`, `${base}/deep/to`);
    disk.append(`${base}/from/one`, "fresh");
    expect(disk.read(`${base}/deep/to/one`)).toBe("12");
    expect(disk.read(`${base}/from/one`)).toBe("fresh");
    disk.remove(`${base}/deep`);
    disk.remove(`${base}/deep`);
    expect(disk.read(`${base}/deep/to/one`)).toBeNull();
    expect(() => {
      disk.rename(`${base}/none`, `${base}/x`);
    }).toThrow();
  });
});
