import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mirror } from "./mirror.ts";

let root = "";
const at = (...parts: string[]): string => join(root, ...parts);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stillwater-mirror-"));
  mkdirSync(at("source", "deep", "empty"), { recursive: true });
  writeFileSync(at("source", "kept"), "kept");
  writeFileSync(at("source", "deep", "file"), "before");
  // A file system's clock ticks in milliseconds: what is written at once after the copy could have the same time.
  utimesSync(at("source", "deep", "file"), 1_700_000_000, 1_700_000_000);
  symlinkSync("file", at("source", "deep", "link"));
  cpSync(at("source"), at("target"), { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("what was changed, added, removed or replaced is put back", async () => {
  writeFileSync(at("target", "deep", "file"), "after!"); // as long as before
  writeFileSync(at("target", "deep", "new"), "new");
  rmSync(at("target", "deep", "empty"), { recursive: true });
  rmSync(at("target", "deep", "link"));
  mkdirSync(at("target", "deep", "link"));
  chmodSync(at("target", "kept"), 0o600);
  chmodSync(at("source", "kept"), 0o640);
  await mirror(at("source"), at("target"));
  expect(readFileSync(at("target", "deep", "file"), "utf8")).toBe("before");
  expect(readdirSync(at("target", "deep")).sort()).toEqual(["empty", "file", "link"]);
  expect(readlinkSync(at("target", "deep", "link"))).toBe("file");
  expect(statSync(at("target", "kept")).mode & 0o777).toBe(0o640);
});

test("a file that nobody touched keeps its inode and its time", async () => {
  writeFileSync(at("target", "deep", "file"), "changed");
  await mirror(at("source"), at("target"));
  const before = statSync(at("target", "kept"));
  const again = statSync(at("target", "deep", "file"));
  await mirror(at("source"), at("target"));
  expect(statSync(at("target", "kept")).ino).toBe(before.ino);
  expect(statSync(at("target", "deep", "file"))).toMatchObject({ ino: again.ino, mtimeMs: again.mtimeMs });
});
