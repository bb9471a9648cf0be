import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readLabJson, writeLabJson } from "./lab-json.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "stillwater-lab-json-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const mine = { lab: "made-up", title: "Made Up" } as const;

test("what was written is read, and nothing else lies beside it", () => {
  writeLabJson({ lab: "made-up", format: 1, directory });
  expect(readLabJson(directory, mine)).toEqual({ lab: "made-up", format: 1, directory });
  expect(readdirSync(directory)).toEqual(["lab.json"]);
});
test("a directory without a lab, or with one of another system or format, is named", () => {
  expect(() => readLabJson(directory, mine)).toThrow(`${directory} holds no lab`);
  writeLabJson({ lab: "other", format: 1, directory });
  expect(() => readLabJson(directory, mine)).toThrow("is not of a Made Up lab");
  writeFileSync(join(directory, "lab.json"), JSON.stringify({ lab: "made-up", format: 2, directory }));
  expect(() => readLabJson(directory, mine)).toThrow("is not of a Made Up lab");
});
