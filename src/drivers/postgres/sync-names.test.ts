import { expect, test } from "vitest";
import { confirming, formatSyncNames, lowered, parseSyncNames } from "./sync-names.ts";

test("Every form that the server accepts is read", () => {
  expect(parseSyncNames("")).toBeNull();
  expect(parseSyncNames("pg2, pg3")).toEqual({ method: "first", count: 1, names: ["pg2", "pg3"] });
  expect(parseSyncNames("2 (pg2, pg3)")).toEqual({ method: "first", count: 2, names: ["pg2", "pg3"] });
  expect(parseSyncNames("FIRST 1 (*)")).toEqual({ method: "first", count: 1, names: ["*"] });
  expect(parseSyncNames('any 2 ("pg-2", "a""b",pg3)')).toEqual({ method: "any", count: 2, names: ["pg-2", 'a"b', "pg3"] });
  for (const text of ['ANY 2 ("pg-2", pg3)', "FIRST 1 (*)"]) expect(formatSyncNames(parseSyncNames(text))).toBe(text);
  expect(() => parseSyncNames("ANY 1 ()")).toThrow(RangeError);
});
test("Names are compared without case, the asterisk matches all", () => {
  expect(confirming(parseSyncNames("PG2, pg9")!, ["pg2", "pg3"])).toBe(1);
  expect(confirming(parseSyncNames("*")!, ["pg2", "pg3"])).toBe(2);
});
test("Lowered only where some turn would leave too few to confirm, and as little as possible", () => {
  const three = ["pg1", "pg2", "pg3"];
  expect(lowered(parseSyncNames("ANY 1 (pg1, pg2, pg3)")!, three)).toBeNull();
  expect(lowered(parseSyncNames("*")!, three)).toBeNull();
  expect(formatSyncNames(lowered(parseSyncNames("ANY 2 (pg1, pg2, pg3)")!, three) as never)).toBe("ANY 1 (pg1, pg2, pg3)");
  // After the switchover pg1 must count, or nobody does while pg3 restarts.
  expect(formatSyncNames(lowered(parseSyncNames("pg2, pg3")!, three) as never)).toBe("ANY 1 (pg1, pg2, pg3)");
  expect(lowered(parseSyncNames("pg2")!, ["pg1", "pg2"])).toBe("off");
  expect(formatSyncNames(lowered(parseSyncNames("ANY 3 (*)")!, ["a", "b", "c", "d"]) as never)).toBe("ANY 2 (a, b, c, d)");
});
test("Standbys that share one name are told apart: one of them down is one less to confirm", () => {
  for (const name of ["walreceiver", "15/main"]) {
    expect(lowered(parseSyncNames("*")!, [name, name])).toBe("off");
    expect(lowered(parseSyncNames("*")!, [name, name, name])).toBeNull();
    expect(lowered(parseSyncNames("ANY 2 (*)")!, [name, name, name])).toEqual({ method: "any", count: 1, names: [name] });
  }
  expect(lowered(parseSyncNames("2 (*)")!, ["PG", "pg", "other"])).toEqual({ method: "any", count: 1, names: ["PG", "other"] });
});
