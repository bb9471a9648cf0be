// What only a terminal shows: questions, colour, and a screen that is drawn again in place.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runProgram } from "./program.ts";
import { LiveScreen } from "./render/live.ts";
import { styleFor } from "./render/style.ts";
import { clean, fit, table, wrapTo } from "./render/text.ts";
import { Place } from "./testing/call.fixture.ts";
import { TestIo, TestOutput } from "./testing/io.fixture.ts";
import { registerQuarry } from "./testing/quarry.fixture.ts";

let place: Place;
let name = "";
let before = "";
const home = process.cwd();
beforeAll(async () => {
  registerQuarry();
  place = new Place();
  process.chdir(place.directory);
  expect(await runProgram(["init", "quarry", place.quarry], new TestIo())).toBe(0);
  const io = new TestIo();
  expect(await runProgram(["plan", "--to", "17.10", "--json"], io)).toBe(0);
  name = (JSON.parse(io.out.text) as { readonly name: string }).name;
  before = readFileSync(place.quarry, "utf8");
});
afterAll(() => {
  process.chdir(home);
  place.close();
});

test.each([
  ["something else", "yes"],
  ["nothing", ""],
  ["the end of the input", null],
  ["too few digits", "0"],
])("apply asks for the hash; %s leaves the cluster as it is", async (_, answer) => {
  const io = new TestIo({ columns: 80, answers: [answer] });
  expect(await runProgram(["apply", name, "--no-probe"], io)).toBe(2);
  expect(io.asked).toEqual([`\nApply it? Type ${name}; anything else changes nothing: `]);
  expect(io.out.text).toContain("restart on 17.10");
  expect(io.err.text).toContain("SW1003");
  expect(readFileSync(place.quarry, "utf8")).toBe(before);
});

test("colour on a terminal only, and not where it is not wanted", async () => {
  const coloured = new TestIo({ columns: 80 });
  await runProgram(["inspect"], coloured);
  expect(coloured.out.text).toContain("\u001B[1morders\u001B[22m");
  for (const environment of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
    const io = new TestIo({ columns: 80, environment });
    await runProgram(["inspect"], io);
    expect(io.out.text).not.toContain("\u001B");
  }
});

test("the width is that of the terminal, of COLUMNS in a pipe, or 80; never below 40", () => {
  expect(styleFor(new TestOutput(160), {}).columns).toBe(160);
  expect(styleFor(new TestOutput(null), { COLUMNS: "132" }).columns).toBe(132);
  expect(styleFor(new TestOutput(null), {}).columns).toBe(80);
  expect(styleFor(new TestOutput(10), {}).columns).toBe(40);
});

test("--version behind a verb is a question, not the verb", async () => {
  const io = new TestIo();
  expect(await runProgram(["apply", name, "--yes", name, "--version"], io)).toBe(0);
  expect(io.out.text).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(readFileSync(place.quarry, "utf8")).toBe(before);
});

test("no verb: the help, and a failure for scripts", async () => {
  const io = new TestIo();
  expect(await runProgram([], io)).toBe(2);
  expect(io.err.text).toContain("Usage: stillwater");
});

test("a screen replaces itself, also after the window was made narrower, and keeps what is printed above", () => {
  const out = new TestOutput(20);
  const screen = new LiveScreen(out);
  screen.draw(["one", "two"]);
  screen.draw(["one", "two"]);
  expect(out.text).toBe("one\ntwo\n");
  out.text = "";
  screen.draw(["a line of thirty-one characters.", "\u001B[1mb\u001B[22m"]);
  expect(out.text).toContain("\u001B[2A\u001B[0J");
  out.text = "";
  screen.print(["kept"]);
  expect(out.text).toBe("\u001B[3A\u001B[0Jkept\na line of thirty-one characters.\n\u001B[1mb\u001B[22m\n");
});

test("text from elsewhere cannot paint on the terminal", () => {
  expect(clean("a\u001B[31mred\u0007\u202E\nb")).toBe("a·[31mred·· b");
  expect(fit("abcdefgh", 5)).toBe("abc..");
  expect(fit("äöüäöü", 6)).toBe("äöüäöü");
  expect(wrapTo("a verylongwordthatisbroken b", 10)).toEqual(["a", "verylongwo", "rdthatisbr", "oken b"]);
  const { rows } = table([{ title: "x" }, { title: "text", stretch: true, wraps: true }], [["1", "some words that are wrapped in their column"]], 30);
  expect(rows[0]).toEqual(["  1  some words that are", "     wrapped in their column"]);
});
