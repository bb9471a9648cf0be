import { expect, test } from "vitest";
import type { FactTable } from "../../model/driver.ts";
import { factTableLines, settingLines } from "./nodes.ts";
import { plainStyle } from "./style.ts";

const style = plainStyle(80);
const row = (sick: boolean, ...cells: readonly string[]) => ({ sick, cells });
const well: FactTable = { name: "tables", columns: ["table", "wrong"], rows: [row(false, "orders", "")] };
const sick: FactTable = {
  name: "partitions",
  columns: ["partition", "term", "wrong"],
  rows: [row(false, "a/0", "", ""), row(true, "a/1", "", "not loaded")],
};

test("what is well is counted in one line, what is sick is shown", () => {
  expect(factTableLines([well, sick], style, () => false)).toEqual([
    "",
    "tables 1: nothing to look at  (--table all lists them)",
    "",
    "partitions: 2, 1 to look at",
    "  partition  wrong",
    "  a/1        not loaded",
  ]);
  expect(factTableLines([{ ...well, rows: [] }], style, () => true)).toEqual(["", "tables 0: nothing to look at"]);
});

test("a table that was asked for is shown whole, without the columns in which nothing stands", () => {
  expect(factTableLines([well], style, (name) => name === "tables")).toEqual(["", "tables: 1", "  table", "  orders"]);
});

test("words that have no room beside their row stand below it", () => {
  const wide = { ...sick, rows: [row(true, "a/1", "", "the leader on 127.0.0.1:10921 has not loaded it, or does not answer any more")] };
  expect(factTableLines([wide], plainStyle(40), () => false)).toEqual([
    "",
    "partitions: 1, 1 to look at",
    "  partition",
    "  a/1",
    "      the leader on 127.0.0.1:10921 has",
    "      not loaded it, or does not answer",
    "      any more",
  ]);
});

test("where a value was seen is told with it", () => {
  const view = { key: "tablet.gc_interval", value: "30", apply: "restart", secret: false } as const;
  expect(settingLines([{ ...view, evidence: "t1: not provable" }], style)).toEqual([
    "  setting             value  takes effect by  seen",
    "  tablet.gc_interval  30     restart          t1: not provable",
  ]);
  expect(settingLines([view], style)[0]).toBe("  setting             value  takes effect by");
});
