import { describe, expect, it } from "vitest";
import { exchangeFiles, exchangesOf } from "./check.ts";
import { isCommand } from "./exchange.ts";
import { tableDifferences } from "./printed-table.ts";

const printed = ["  key            value", "------------------------", "  auto_failover  true"];

describe("a table of the vendor's printer", () => {
  it("is read by the columns of its header", () => {
    expect(tableDifferences({ columns: ["key", "value"], some: [["auto_failover", "true"]] }, printed)).toEqual([]);
    expect(tableDifferences({ columns: ["key", "value"], some: [["auto_failover", "false"]] }, printed)).toHaveLength(1);
  });
  it("tells a wrong header, a wrong ruler, and a cell that does not fit", () => {
    expect(tableDifferences({ columns: ["key"] }, printed)[0]).toMatch(/^header/);
    expect(tableDifferences({ columns: ["key", "value"] }, [printed[0]!, "---", printed[2]!])[0]).toMatch(/^ruler: want 24/);
    expect(tableDifferences({ columns: ["key", "value"], every: ["auto", ".*"] }, printed)).toHaveLength(1);
  });
});

describe("the files of expected exchanges", () => {
  it.each(exchangeFiles)("%s: every exchange has a name of its own and the fact that it comes from", async (name) => {
    const { exchanges } = await exchangesOf(name);
    expect(new Set(exchanges.map((each) => each.name)).size).toBe(exchanges.length);
    for (const each of exchanges) {
      expect(each.fact).toMatch(/^\d/);
      expect(isCommand(each) ? each.argv.length : each.request.path.length).toBeGreaterThan(0);
    }
  });
});
