import { expect, test } from "vitest";
import { historyFile, kinship, parseHistory } from "./history.ts";

const text = "1\t0/3000A20\tno recovery target specified\n\n2\t0/5000060\tbefore 2026-11-20\n";

test("Where each timeline was left, as the server writes it", () => {
  expect([...parseHistory(text)]).toEqual([
    [1, "0/3000A20"],
    [2, "0/5000060"],
  ]);
  expect(historyFile(31)).toBe("0000001F.history");
});
test("A former primary follows exactly up to where its timeline was left", () => {
  const history = parseHistory(text);
  expect(kinship(1, "0/3000A20", 3, history)).toEqual({ is: "follows" });
  expect(kinship(1, "0/3000A28", 3, history)).toMatchObject({ is: "diverged" });
  expect(kinship(3, "0/9000000", 3, history)).toEqual({ is: "follows" });
  expect(kinship(4, "0/1", 3, history)).toMatchObject({ is: "diverged", why: expect.stringContaining("does not come from") as string });
});
