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

test("columns for which the screen is too narrow stand below their row with their names; times are local, and nothing is not told", () => {
  process.env["TZ"] = "UTC";
  const runs: FactTable = {
    name: "runs",
    columns: ["application", "program", "run", "status", "since", "started by"],
    rows: [
      row(false, "default.orders", "DataStreamsSparkStreaming", "67ce2745-e612-11f1-8c37-6e1073fe1724", "RUNNING", "2026-11-22T01:17:00.000Z", "-"),
      row(false, "default.batch-0001", "phase-1", "6b19a271-e612-11f1-8fa9-9596776ad7d3", "RUNNING", "2026-11-22T01:17:01.000Z", "67ce3010"),
    ],
  };
  expect(factTableLines([runs], style, () => true)).toEqual([
    "",
    "runs: 2",
    "  application         program                    status   since (UTC)",
    "  default.orders      DataStreamsSparkStreaming  RUNNING  2026-11-22 01:17:00",
    "      run 67ce2745-e612-11f1-8c37-6e1073fe1724",
    "  default.batch-0001  phase-1                    RUNNING  2026-11-22 01:17:01",
    "      run 6b19a271-e612-11f1-8fa9-9596776ad7d3, started by 67ce3010",
  ]);
  expect(factTableLines([runs], plainStyle(160), () => true)[2]).toBe(
    "  application         program                    run                                   status   since (UTC)          started by",
  );
  const many = ["applications", "runs", "schedules", "services", "connections", "profiles"].map((name) => ({ ...well, name }));
  expect(factTableLines(many, style, () => false)).toEqual([
    "",
    "applications 1, runs 1, schedules 1, services 1, connections 1, profiles 1:",
    "nothing to look at (--table all lists them)",
  ]);
});
