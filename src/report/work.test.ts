// The verdict of a system whose users' work is proved by ledger and watches.
import { expect, test } from "vitest";
import type { Watched } from "../model/watch.ts";
import { composeReport, type Ingredients } from "./compose.ts";
import { normalRun } from "./testing/runs.ts";
import { verdictLine } from "./words.ts";

const run = normalRun();
const at = run.entries[0]!.at;
type Feature = Watched["features"][number];
const logon = (more: Partial<Feature> = {}): Watched => ({
  features: [{ feature: "logon", tries: 50, works: 50, refused: 0, failed: 0, outages: [], holesMs: 0, holes: [], ...more }],
  events: [],
});
const reportOf = (watched: Watched | null, more: Partial<Ingredients> = {}, expectedMs = 0) => {
  const row = { feature: "logon", turn: "run", effect: "refused", expectedMs, basis: "b", source: "s" } as const;
  const plan = { ...run.plan, impact: [{ ...row, measure: { by: "watch", feature: "logon", of: "longest" } as const }] };
  return composeReport({ ...run, plan, continuity: null, provedByWork: true, watched, ...more });
};

test("passes when every row was seen", () => {
  expect(reportOf(logon()).verdict).toBe("pass");
});

test("is not measured without its watches, and the line that people read first names the rows", () => {
  const report = reportOf(null);
  expect(report.verdict).toBe("not-measured");
  expect(verdictLine(report)).toBe("Not measured: logon: what users felt was not seen");
  const hole = reportOf(logon({ holesMs: 5_000, holes: [{ from: at, to: at + 5_000 }] }));
  expect([hole.verdict, verdictLine(hole)]).toEqual(["not-measured", "Not measured: logon: what users felt was not seen"]);
});

test("is not measured without the proof of its work, and says so", () => {
  const report = reportOf(logon(), { systemProof: { coverage: null, objects: [], violations: [] } });
  expect(verdictLine(report)).toBe("Not measured: the system's own evidence was not collected");
});

test("never passes while a feature that worked before does not work at the end, however long that was forecast", () => {
  for (const expectedMs of [0, 3_600_000]) {
    const report = reportOf(logon({ outages: [{ from: at + 100, to: null, why: "503 maintenance" }] }), {}, expectedMs);
    expect(report.verdict).toBe("not-measured");
    expect(verdictLine(report)).toContain("the goal: logon does not work at the end: 503 maintenance");
  }
});

test("tells of events that could not be read, since when and why", () => {
  const blind = [
    { watch: "alerts", since: at, why: "403" },
    { watch: "notifications", since: null, why: "no answer" },
  ];
  expect(reportOf({ ...logon(), blind }).notSeen).toEqual(
    expect.arrayContaining([
      `alerts: could not be read at the end (403); last read at ${new Date(at).toISOString()}`,
      "notifications: could not be read at the end (no answer); never read",
    ]),
  );
});
