import { expect, test } from "vitest";
import { lateAlerts, timeoutVerdict } from "./platform-events.ts";

const ran = (from: number, to: number | null, status = "SUCCESS") => ({
  startedAt: from * 1_000,
  endedAt: to === null ? null : to * 1_000,
  statuses: [status],
});

test("[DP-7] a run-timeout is judged by the executor's own times: raised after the instance had succeeded, it is false", () => {
  // It took 60 s; nobody tracked it, and at 120 s the platform believed that it still ran.
  expect(timeoutVerdict([ran(0, 60)], 120_000)).toBe("it had succeeded after 60 s, 60 s before the alert was raised");
});
test("[DP-7] a run-timeout may be right while the instance runs, or when it failed", () => {
  expect(timeoutVerdict([ran(0, null, "RUNNING")], 120_000)).toBeNull();
  expect(timeoutVerdict([ran(0, 180)], 120_000)).toBeNull();
  expect(timeoutVerdict([ran(0, 60, "FAILED")], 120_000)).toBeNull();
  expect(timeoutVerdict([], 120_000)).toBeNull();
});
test("[DP-7] the run that counts is the last one that had begun when the alert was raised", () => {
  expect(timeoutVerdict([ran(0, 60), ran(100, null, "RUNNING"), ran(200, 210)], 120_000)).toBeNull();
});

const end = (at: number, node = "report") => ({ node, statuses: ["SUCCESS"], endedAt: at * 1_000 });
const alert = (eventId: string, at: number, object = "report") => ({ eventId, object, reason: "VDM_BATCH_FINISH", sentAt: at * 1_000 });

test("[DP-6] alerts of a node belong to its ends in their order: those of the gap are late", () => {
  const late = lateAlerts([alert("1", 61), alert("2", 300), alert("3", 300), alert("4", 301)], [end(60), end(120), end(180), end(299)], 0);
  expect(late.map(({ key, what }) => [key, what])).toEqual([
    ["2 late", "VDM_BATCH_FINISH sent 180 s after it happened"],
    ["3 late", "VDM_BATCH_FINISH sent 120 s after it happened"],
  ]);
});
test("[DP-6] an alert about something before the watch began is not taken for one of it", () => {
  expect(lateAlerts([alert("0", 51), alert("1", 200)], [end(50), end(60)], 51_000)).toEqual([expect.objectContaining({ key: "1 late" })]);
});
test("[DP-6] another node's ends do not count", () => {
  expect(lateAlerts([alert("1", 200)], [end(10, "other"), end(199)], 0)).toEqual([]);
});
