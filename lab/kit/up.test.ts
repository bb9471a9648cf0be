import { existsSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { columns } from "./columns.ts";
import { checkCount, checkScale, labDirectory } from "./up.ts";

describe("what `lab up` is asked for", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "lab-up-"));
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
  });

  it("a directory is made, an empty one is taken, and one with something in it is refused", async () => {
    expect(await labDirectory(join(root, "a/b"))).toBe(join(root, "a/b"));
    expect(existsSync(join(root, "a/b"))).toBe(true);
    expect(await labDirectory(join(root, "a/b"))).toBe(join(root, "a/b"));
    writeFileSync(join(root, "a/b/file"), "");
    await expect(labDirectory(join(root, "a/b"))).rejects.toThrow(`${join(root, "a/b")} is not empty`);
  });
  it("where none is wanted it is a new one each time", async () => {
    const made = [await labDirectory(undefined), await labDirectory(undefined)];
    expect(new Set(made).size).toBe(2);
    for (const each of made) rmdirSync(each);
  });
  it.each([0, -1, 1.1, Number.NaN])("a scale of %d is refused", (scale) => {
    expect(() => checkScale(scale)).toThrow("scale: a number above 0 and up to 1");
  });
  it("a scale of 1 and below is taken", () => {
    for (const scale of [1, 0.01]) checkScale(scale);
  });
  it("a count is a whole number, and not below the least", () => {
    checkCount("tablets", 1, 1);
    for (const wrong of [0, 1.5, Number.NaN]) expect(() => checkCount("tablets", wrong, 1)).toThrow("tablets: a whole number of 1 or more");
  });
});

it("columns are as wide as their widest cell, the last one as long as it is", () => {
  expect(
    columns([
      ["node", "role"],
      ["n1", "tablet"],
      ["a-long-one", "api"],
    ]),
  ).toEqual(["node        role", "n1          tablet", "a-long-one  api"]);
});
