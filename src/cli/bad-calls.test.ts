// Every malformed call: its own error and exit code, nothing changed, nothing left behind.
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "./program.ts";
import { badCalls, badFiles } from "./testing/bad-calls.fixture.ts";
import { Place } from "./testing/call.fixture.ts";
import { TestIo } from "./testing/io.fixture.ts";
import { registerQuarry } from "./testing/quarry.fixture.ts";

let place: Place;
let before: string;
const home = process.cwd();
beforeAll(async () => {
  registerQuarry();
  place = new Place();
  process.chdir(place.directory);
  const io = new TestIo();
  expect(await runProgram(["init", "quarry", place.quarry], io), io.err.text).toBe(0);
  badFiles(place);
  before = readFileSync(place.quarry, "utf8");
});
afterAll(() => {
  process.chdir(home);
  place.close();
});

test.each(badCalls)("%s", async (_, args, code, error, says) => {
  const io = new TestIo();
  const ended = await runProgram(args, io);
  expect(ended, io.err.text).toBe(code);
  const { text } = io.err;
  if (!args.includes("--json")) {
    expect(io.out.text).toBe("");
    expect(text).toContain(`error ${error} `);
    expect(text.replace(/\s+/g, " ")).toContain(says);
    expect(text).not.toContain("    at ");
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
    if (code === 2 || code === 3) expect(text).toMatch(/Nothing was changed\.\n$/);
  }

  const json = new TestIo();
  expect(await runProgram([...args.filter((arg) => arg !== "--json"), ...(args.includes("--format") ? [] : ["--json"])], json)).toBe(code);
  if (!args.includes("--format")) {
    expect(json.err.text).toBe("");
    const document = JSON.parse(json.out.text) as { readonly error: Readonly<Record<string, unknown>> };
    expect(Object.keys(document)).toEqual(["error"]);
    expect(document.error).toMatchObject({ code: error });
    for (const key of ["code", "message", "object", "why", "remedy", "price"]) expect(document.error).toHaveProperty(key);
  }
  expect(readFileSync(place.quarry, "utf8")).toBe(before);
});

test("nothing was left behind but a journal, where a verb had to claim the cluster", () => {
  const left = readdirSync(place.directory).filter((name) => !/\.(yaml|json|gz)$/.test(name));
  expect(left.filter((name) => name !== ".stillwater" && name !== "quarry.json.host")).toEqual([]);
});
