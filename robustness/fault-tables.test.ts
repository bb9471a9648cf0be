import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { faultTable as cdap } from "./cdap/faults/fault-table.ts";
import { faultKinds as cdapKinds } from "./cdap/seeds/faults.ts";
import { faultTable as dataphin } from "./dataphin/faults/fault-table.ts";
import { faultKinds as dataphinKinds } from "./dataphin/seeds/faults.ts";
import { faultTable as dolphindb } from "./dolphindb/faults/fault-table.ts";
import { faultKinds as dolphindbKinds } from "./dolphindb/seeds/faults.ts";
import type { FaultRow } from "./harness/play-fault-table.ts";
import { faultTable as openmldb } from "./openmldb/faults/fault-table.ts";
import { faultKinds as openmldbKinds } from "./openmldb/seeds/faults.ts";

const systems: readonly (readonly [system: string, table: readonly FaultRow<string>[], kinds: readonly string[]])[] = [
  ["cdap", cdap, cdapKinds],
  ["dataphin", dataphin, dataphinKinds],
  ["dolphindb", dolphindb, dolphindbKinds],
  ["openmldb", openmldb, openmldbKinds],
];

describe.each(systems)("the faults of %s", (_, table, kinds) => {
  // Nested titles are joined with blanks when they run; in the source each of the words stands by itself.
  test.each(table.flatMap(({ fault, played }) => ("file" in played ? [[fault, played] as const] : [])))(
    "%s: its test is there",
    (_fault, { file, title }) => {
      const source = readFileSync(new URL(`../${file}`, import.meta.url), "utf8");
      for (const words of title) expect(source).toContain(words);
    },
  );
  test("every one is told once, and every kind that a seed plays", () => {
    const faults = table.map(({ fault }) => fault);
    expect(new Set(faults).size).toBe(faults.length);
    expect(new Set(table.flatMap(({ played }) => ("seeds" in played ? [played.seeds] : [])))).toEqual(new Set(kinds));
  });
});
