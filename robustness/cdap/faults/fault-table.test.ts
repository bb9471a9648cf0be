import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faultKinds } from "../seeds/faults.ts";
import { faultTable } from "./fault-table.ts";

// Nested titles are joined with blanks when they run; in the source each of the words stands by itself.
test.each(faultTable.flatMap(({ fault, played }) => ("file" in played ? [[fault, played] as const] : [])))(
  "%s: its test is there",
  (_, { file, title }) => {
    const source = readFileSync(new URL(`../../../${file}`, import.meta.url), "utf8");
    for (const words of title) expect(source).toContain(words);
  },
);
test("every kind of fault is told once, and every kind of a seed is told", () => {
  const faults = faultTable.map(({ fault }) => fault);
  expect(new Set(faults).size).toBe(faults.length);
  expect(new Set(faultTable.flatMap(({ played }) => ("seeds" in played ? [played.seeds] : [])))).toEqual(new Set(faultKinds));
});
