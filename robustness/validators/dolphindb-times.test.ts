import { describe, expect, it } from "vitest";
import { covered, elections, judgeStall, ownIntervals, type NodeLog } from "./dolphindb-times.ts";

const logs: readonly NodeLog[] = [
  { alias: "c1", lines: ["0 INFO <Raft> c1 leads term 1", "1000 INFO The socket server ended.", "1500 EXIT 0 SIGTERM"] },
  { alias: "c2", lines: ["11000 INFO <Raft> c2 leads term 2", "12000 INFO Controller initialization completed."] },
  {
    alias: "n1",
    lines: [
      "500 INFO SIGTERM: graceful shutdown begins",
      "2500 EXIT 0 SIGTERM",
      "3000 INFO START process",
      "8000 INFO Job scheduler initialization completed.",
    ],
  },
];

describe("what a cluster's own logs say of time", () => {
  it("an election lasts from the end of the old leader until the new one is ready", () => {
    expect(elections(logs)).toEqual([{ from: 1_000, to: 12_000, what: "no leader between c1 and c2" }]);
  });
  it("only the part of an election that lies in the stall has forced it, and what the client waited beside it", () => {
    expect(judgeStall(logs, [], { began: 6_000, stallMs: 7_000 }).forcedMs).toBe(6_000);
    expect(judgeStall(logs, [{ from: 11_500, to: 12_500, what: "next site" }], { began: 6_000, stallMs: 7_000 }).forcedMs).toBe(6_500);
    expect(judgeStall(logs, [], { began: 20_000, stallMs: 7_000 }).forcedMs).toBe(0);
  });
  it("what overlaps is counted once, what lies outside not at all", () => {
    expect(ownIntervals(logs)).toHaveLength(3);
    expect(covered(ownIntervals(logs), 0, 20_000)).toBe(11_500);
    expect(covered(ownIntervals(logs), 2_000, 4_000)).toBe(2_000);
  });
  it("an agent has started when a controller knows it, and recovery lasts from the begin of a task to its end", () => {
    const more: readonly NodeLog[] = [
      { alias: "a1", lines: ["100 INFO START process"] },
      {
        alias: "c1",
        lines: [
          "50 INFO node a1 is online",
          "700 INFO node a1 is online",
          "1000 INFO recovery task t-1 begins: chunk x on n1",
          "1600 INFO recovery task t-1 ends: Finished",
          "2000 INFO recovery task t-2 begins: chunk y on n1",
        ],
      },
    ];
    expect(ownIntervals(more).map(({ from, to, what }) => `${String(from)} ${String(to)} ${what}`)).toEqual([
      "1000 1600 recovery task t-1",
      "100 700 a1 starts",
    ]);
  });
});
