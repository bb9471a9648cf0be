import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckResult, ReadResult } from "./check.ts";
import type { ProbeSummary, WindowFigures } from "./summary.ts";
import { judgeContinuity, type VerdictInput } from "./verdict.ts";

const read: ReadResult = { records: 90, lost: 0, lostRecords: 0, corrupted: 0, duplicated: 0, repeated: 0, control: "caught", examples: [] };
const checkAt = (startedAt: number): CheckResult => ({
  version: 1,
  startedAt,
  finishedAt: startedAt + 5,
  attempts: 1000,
  acknowledged: 990,
  authoritative: read,
  replicas: [
    { replica: "r1", ...read },
    { replica: "r2", ...read },
  ],
  counts: null,
  replicasMissing: [],
  replicaOnly: 0,
  problems: [],
});
const windowOf = (turn: string, partition: string): WindowFigures => ({
  window: { turn, kind: "move", partition, from: 1000, to: 2000 },
  acknowledged: 50,
  longestGapMs: 300,
  holeMs: 0,
});
const summary: ProbeSummary = {
  from: 0,
  to: 9000,
  attempts: 1000,
  acknowledged: 990,
  refused: 6,
  skipped: 0,
  unanswered: 0,
  sentAgain: 0,
  lastAcknowledgedAt: 8990,
  unknown: 4,
  unsent: 0,
  partitions: [
    { partition: "a", acknowledged: 500, longestGap: { partition: "a", from: 1100, to: 1400, ms: 300 } },
    { partition: "b", acknowledged: 490, longestGap: null },
  ],
  longestGap: { partition: "a", from: 1100, to: 1400, ms: 300 },
  longestOverallGap: null,
  windows: [windowOf("1", "a"), windowOf("2", "a"), windowOf("2", "b")],
  holes: [],
  holesMs: 0,
  p99Ms: { before: 1, during: 300, after: 1 },
  reasons: [],
  damagedLines: 0,
};
const complete: VerdictInput = {
  summary,
  atEnd: checkAt(9100),
  afterwards: checkAt(19_100),
  rejoinedAt: 9000,
  verifyAfterS: 10,
  minAcks: 20,
  route: "hosts",
  durability: "asynchronous",
};

type Change = (input: VerdictInput) => VerdictInput;
const inSummary =
  (change: Partial<ProbeSummary>): Change =>
  (input) => ({ ...input, summary: { ...input.summary, ...change } });
const inCheck =
  (which: "atEnd" | "afterwards", change: (check: CheckResult) => CheckResult): Change =>
  (input) => ({ ...input, [which]: input[which] === null ? null : change(input[which]) });
const inWindow =
  (index: number, change: Partial<WindowFigures>): Change =>
  (input) => ({
    ...input,
    summary: { ...input.summary, windows: input.summary.windows.map((window, at) => (at === index ? { ...window, ...change } : window)) },
  });
const inRead =
  (which: "atEnd" | "afterwards", change: Partial<ReadResult>): Change =>
  (input) =>
    inCheck(which, (check) => ({ ...check, authoritative: check.authoritative === null ? null : { ...check.authoritative, ...change } }))(input);

const missing: Readonly<Record<string, Change>> = {
  "no read at the end": (input) => ({ ...input, atEnd: null }),
  "no second read": (input) => ({ ...input, afterwards: null }),
  "authoritative path not read": inCheck("afterwards", (check) => ({ ...check, authoritative: null })),
  "control missed at the end": inRead("atEnd", { control: "missed" }),
  "control missed in the second read": inRead("afterwards", { control: "missed" }),
  "control still on a replica": inCheck("atEnd", (check) => ({ ...check, replicas: check.replicas.map((each) => ({ ...each, control: "missed" })) })),
  "a replica is missing": inCheck("afterwards", (check) => ({ ...check, replicasMissing: ["r3"] })),
  "a problem while reading": inCheck("atEnd", (check) => ({ ...check, problems: ["the list of replicas failed"] })),
  "read before the probe had ended": inCheck("atEnd", (check) => ({ ...check, attempts: 999 })),
  "read before the last node had rejoined": inCheck("atEnd", (check) => ({ ...check, startedAt: 8999 })),
  "second read too early": inCheck("afterwards", (check) => ({ ...check, startedAt: 18_999 })),
  "too few acknowledgements in a window": inWindow(1, { acknowledged: 19 }),
  "none in a window": inWindow(2, { acknowledged: 0 }),
  "a hole covers a window": inWindow(0, { holeMs: 1000 }),
  "a hole covers most of a window": inWindow(0, { holeMs: 501 }),
  "no window": inSummary({ windows: [] }),
  "a dead probe": inSummary({ from: null, to: null, attempts: 0, acknowledged: 0 }),
  "hardly an acknowledgement": inSummary({ acknowledged: 19 }),
  "a damaged log": inSummary({ damagedLines: 1 }),
};
const harm: Readonly<Record<string, Change>> = {
  "lost at the end": inRead("atEnd", { lost: 1, lostRecords: 1 }),
  "lost later": inRead("afterwards", { lost: 3, lostRecords: 2 }),
  corrupted: inRead("atEnd", { corrupted: 1 }),
  duplicated: inRead("afterwards", { duplicated: 1 }),
  "skipped silently": inSummary({ skipped: 1 }),
  "a replica with fewer rows": inCheck("afterwards", (check) => ({
    ...check,
    counts: [
      { replica: "r1", partition: "a", rows: 40, expected: 40 },
      { replica: "r2", partition: "a", rows: 39, expected: 40 },
    ],
  })),
  "lost on a replica": inCheck("atEnd", (check) => ({ ...check, replicas: check.replicas.map((each) => ({ ...each, lost: 2, lostRecords: 2 })) })),
};

describe("the verdict", () => {
  it("is pass when everything was measured", () => {
    expect(judgeContinuity(complete)).toMatchObject({
      verdict: "pass",
      why: [],
      windows: 3,
      windowsMeasured: 3,
      control: "caught",
      reads: 2,
      longestWriteGapMs: 300,
      scope: { partitionsTouched: 2, partitionsProbed: 2 },
    });
  });

  it.each(Object.entries(missing))("is not-measured, with a reason: %s", (_, change) => {
    const verdict = judgeContinuity(change(complete));
    expect(verdict.verdict).toBe("not-measured");
    expect(verdict.why.length).toBeGreaterThan(0);
  });

  it.each(Object.entries(harm))("is fail, with a reason: %s", (_, change) => {
    const verdict = judgeContinuity(change(complete));
    expect(verdict.verdict).toBe("fail");
    expect(verdict.why.length).toBeGreaterThan(0);
  });

  it("never becomes better by whatever else is missing", () => {
    fc.assert(
      fc.property(fc.subarray(Object.keys(missing), { minLength: 1 }), fc.subarray(Object.keys(harm)), (gaps, harms) => {
        const input = [...harms.map((name) => harm[name]!), ...gaps.map((name) => missing[name]!)].reduce((held, change) => change(held), complete);
        const { verdict, why, lost, corrupted, duplicated, skipped = 0 } = judgeContinuity(input);
        const fewer = why.some((each) => each.includes("39 of 40 rows"));
        expect(verdict).toBe(lost + corrupted + duplicated + skipped > 0 || fewer ? "fail" : "not-measured");
        expect(why.length).toBeGreaterThan(0);
      }),
    );
  });

  it("names window, turn and partition of what was not measured, and the worst windows", () => {
    const verdict = judgeContinuity(inWindow(2, { acknowledged: 1, longestGapMs: 900 })(complete));
    expect(verdict.why).toEqual(["window not measured: move in turn 2, partition b: 1 acknowledgement, 20 are needed"]);
    expect(verdict.windowsMeasured).toBe(2);
    expect(verdict.worstWindows?.[0]).toMatchObject({ turn: "2", partition: "b", acknowledged: 1, longestGapMs: 900 });
  });
});
