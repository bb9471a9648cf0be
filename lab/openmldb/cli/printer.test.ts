import { describe, expect, it } from "vitest";
import { pidsOf, wordsOf } from "./command-line.ts";
import { age, printed, size, textTable, timestamp } from "./printer.ts";

describe("the printer of the vendor's command", () => {
  it("fills cells to the width of their column, and prints - for nothing", () => {
    const lines = printed(
      ["op_id", "op_type", "end_time"],
      [
        ["51", "kMigrateOP", ""],
        ["60", "kReAddReplicaOP", "20180824180824"],
      ],
    ).split("\n");
    expect(lines).toEqual([
      "  op_id  op_type          end_time      ",
      "-".repeat(2 + 5 + 2 + 15 + 2 + 14 + 2),
      "  51     kMigrateOP       -             ",
      "  60     kReAddReplicaOP  20180824180824",
      "",
    ]);
  });
  it("prints header and ruler when there is no row", () => {
    expect(printed(["key", "value"], [])).toBe("  key  value\n--------------\n");
  });
  it("cuts a cell at 256", () => {
    expect(printed(["name"], [["x".repeat(300)]]).split("\n")[2]).toBe(`  ${"x".repeat(256)}`);
  });
  it("a result set stands between rulers; a cell of two lines makes two", () => {
    expect(
      textTable(
        ["Table_id", "Warnings"],
        [
          ["6", "one\ntwo"],
          ["7", ""],
        ],
      ),
    ).toBe(
      [
        " ---------- ---------- ",
        "  Table_id   Warnings  ",
        " ---------- ---------- ",
        "  6          one       ",
        "             two       ",
        "  7                    ",
        " ---------- ---------- ",
        "",
        "2 rows in set",
        "",
      ].join("\n"),
    );
  });
  it("sizes, ages and times", () => {
    expect([0, 498, 1_344.5, 5 * 1_048_576, 3 * 1024 ** 4].map(size)).toEqual(["0.000", "498.000", "1.313 K", "5.000 M", "3072.000 G"]);
    expect([0, 999, 1_000, 119_999, 7_200_000, 15 * 86_400_000].map(age)).toEqual(["0ms", "999ms", "1s", "1m", "2h", "15d"]);
    expect(timestamp(new Date(2018, 7, 24, 16, 33, 16).getTime() / 1_000)).toBe("20180824163316");
  });
});

describe("its command line", () => {
  it("splits --cmd at single blanks and drops what is empty", () => {
    expect(wordsOf("gettablestatus  ")).toEqual(["gettablestatus"]);
    expect(wordsOf("showopstatus t1 0 ")).toEqual(["showopstatus", "t1", "0"]);
  });
  it.each([
    ["3", [3]],
    ["1-3", [1, 2, 3]],
    ["1,4,2", [1, 4, 2]],
    ["3-1", null],
    ["a", null],
    ["", null],
  ])("partitions %s", (text, pids) => {
    expect(pidsOf(text)).toEqual(pids);
  });
});
