import { describe, expect, it } from "vitest";
import { matchesTermOffset } from "./recover-table-task.ts";

const history = [
  { term: 1, offset: 0 },
  { term: 3, offset: 101 },
];

describe("MatchTermOffset, facts 4.1", () => {
  it("an old leader that stopped before the new term began fits", () => {
    expect(matchesTermOffset(history, true, 1, 100)).toBe(true);
    expect(matchesTermOffset(history, true, 1, 40)).toBe(true);
  });
  it("an old leader with one entry at the new term's first offset has diverged", () => {
    expect(matchesTermOffset(history, true, 1, 101)).toBe(false);
  });
  it("a follower of the last term fits as far as it is", () => {
    expect(matchesTermOffset(history, true, 3, 101)).toBe(true);
    expect(matchesTermOffset(history, true, 3, 5_000)).toBe(true);
  });
  it("of the new term, and still without its first entry: fits only right before it", () => {
    expect(matchesTermOffset(history, true, 3, 100)).toBe(true);
    expect(matchesTermOffset(history, true, 3, 99)).toBe(false);
  });
  it("a term that never was (a change of leader that failed half-way) has diverged", () => {
    expect(matchesTermOffset(history, true, 2, 50)).toBe(false);
  });
  it("nothing loaded and nothing on disk fits nothing", () => {
    expect(matchesTermOffset(history, false, 0, 0)).toBe(false);
  });
});
