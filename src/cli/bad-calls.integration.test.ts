// The real command line as a child process: malformed calls change nothing, and say so.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { badCalls, badFiles } from "./testing/bad-calls.fixture.ts";
import { Place } from "./testing/call.fixture.ts";

let place: Place;
let before: string;
beforeAll(async () => {
  place = new Place();
  const made = await place.run("init", "quarry", place.quarry);
  expect(made, made.err).toMatchObject({ code: 0 });
  badFiles(place);
  before = readFileSync(place.quarry, "utf8");
});
afterAll(() => place.close());

// All of them run in bad-calls.test.ts without a process of their own; here is every third.
test.each(badCalls.filter(([, args], index) => index % 3 === 0 && !args.includes("--json")))("%s", async (_, args, code, error, says) => {
  const answer = await place.run(...args);
  expect(answer, answer.err).toMatchObject({ code, out: "" });
  expect(answer.err).toContain(`error ${error} `);
  expect(answer.err.replace(/\s+/g, " ")).toContain(says);
  expect(readFileSync(place.quarry, "utf8")).toBe(before);
});

test("one JSON document, also for an error", async () => {
  const { code, out, err } = await place.run("show", "0123abcd", "--json");
  expect(code).toBe(2);
  expect(JSON.parse(out)).toMatchObject({ error: { code: "SW1002" } });
  expect(err).toBe("");
});

test("confirmation: a wrong hash, none, and a changed plan are refused", async () => {
  const name = await place.plan();
  const wrong = await place.run("apply", name, "--yes", "0123abcd");
  expect(wrong).toMatchObject({ code: 2 });
  expect(wrong.err).toContain("SW1003");
  const nobody = await place.run("apply", name);
  expect(nobody.code).toBe(2);
  expect(nobody.err.replace(/\s+/g, " ")).toContain(`--yes ${name}`);
  const short = await place.run("apply", name, "--yes", name.slice(0, 2));
  expect(short.err).toContain("SW1003");
  const file = `${place.directory}/.stillwater/plans/${name}.json`;
  const edited = place.file("edited.json", readFileSync(file, "utf8").replace('"zero-downtime"', '"downtime"'));
  const changed = await place.run("apply", edited, "--yes", name);
  expect(changed.err).toContain("SW1202");
  expect(readFileSync(place.quarry, "utf8")).toBe(before);
});
