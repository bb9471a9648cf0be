import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { CatalogueEntry } from "../facts.ts";
import { nearest, parseValue, sameValue } from "./value.ts";

const entry = (vartype: string, unit: string | null = null, min: string | null = null, max: string | null = null): CatalogueEntry => [
  "user",
  vartype,
  unit,
  min,
  max,
  null,
  null,
];
const value = (text: string, of: CatalogueEntry): string => {
  const parsed = parseValue("x", text, of);
  return parsed.ok ? parsed.value : `! ${parsed.why}`;
};

// Expectations from pg_settings.setting of a 17.10 after ALTER SYSTEM with the same text.
test("Sizes and times in the setting's own unit", () => {
  expect(value("16MB", entry("integer", "kB"))).toBe("16384");
  expect(value("1GB", entry("integer", "8kB"))).toBe("131072");
  expect(value("128", entry("integer", "8kB"))).toBe("128");
  expect(value("1min", entry("integer", "ms"))).toBe("60000");
  expect(value("1.5 s", entry("integer", "ms"))).toBe("1500");
  expect(value("2h", entry("integer", "s"))).toBe("7200");
  expect(value("64MB", entry("integer", "MB"))).toBe("64");
  expect(value("0x10", entry("integer"))).toBe("16");
  expect(value(".25", entry("real"))).toBe("0.25");
});
test("Booleans by any beginning that is theirs alone", () => {
  for (const text of ["on", "ON", "t", "tr", "yes", "y", "1"]) expect(value(text, entry("bool")), text).toBe("on");
  for (const text of ["of", "off", "f", "no", "0"]) expect(value(text, entry("bool")), text).toBe("off");
  for (const text of ["o", "", "2", "onn"]) expect(value(text, entry("bool")), text).toMatch(/^!/);
});
test("A number in range is kept, one out of range never passes", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1000, max: 2000 }), (number) => {
      const parsed = parseValue("x", String(number), entry("integer", null, "0", "1000"));
      expect(parsed.ok).toBe(number >= 0 && number <= 1000);
    }),
  );
});
test("Two ways to write one value are the same", () => {
  expect(sameValue("x", "1024kB", "1MB", entry("integer", "kB"))).toBe(true);
  expect(sameValue("x", "yes", "on", entry("bool"))).toBe(true);
  expect(sameValue("x", "a", "b", entry("string"))).toBe(false);
});
test("Did you mean", () => {
  expect(nearest("max_conections", ["max_connections", "max_wal_size", "port"])).toEqual(["max_connections"]);
  expect(nearest("something_else_entirely", ["port", "work_mem"])).toEqual([]);
});
