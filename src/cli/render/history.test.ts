// What is told of past runs and of plans not made, at 80 and at 160 columns.
import { describe, test } from "vitest";
import { golden, widths } from "../testing/golden.fixture.ts";
import { historyLines, recordLines } from "./history.ts";
import { impactLines } from "./impact.ts";
import { plainStyle } from "./style.ts";

process.env["TZ"] = "UTC";

describe.each(widths)("%i columns", (width) => {
  const style = plainStyle(width);

  test("history", () => {
    const run = {
      cluster: "orders",
      change: "17.0 -> 17.10",
      mode: "zero-downtime",
      startedAt: Date.UTC(2026, 10, 20, 2, 30),
      durationMs: 98_000,
      operator: "ana on jump1",
      plan: "7f3a09c1",
      record: {
        initialVersion: "17.0",
        targetVersion: "17.10",
        startedAt: null,
        durationMs: null,
        maintenance: null,
        instants: [],
        status: "Succeeded",
      },
    } as const;
    return golden(
      "history",
      width,
      historyLines(
        {
          runs: [
            { ...run, run: 12, outcome: "succeeded", verdict: "pass" },
            { ...run, run: 11, outcome: "aborted", verdict: null, durationMs: 400_000_000 },
            { ...run, run: 10, outcome: "stopped", verdict: null, change: "set max_connections, shared_buffers, archive_timeout" },
            { ...run, run: 9, outcome: "succeeded", verdict: "fail" },
          ],
          plans: [
            {
              plan: "aa3a09c1",
              cluster: "orders",
              change: "restart",
              mode: "semi-downtime",
              createdAt: "2026-11-20T02:00:00.000Z",
              createdBy: "ana on jump1",
              runs: [],
            },
          ],
          damaged: [{ file: ".stillwater/plans/0123abcd.json", why: "The file is not a plan: it is not JSON." }],
        },
        style,
      ),
    );
  });

  test("records of upgrades", () => {
    const begun = Date.UTC(2026, 10, 20, 2, 30);
    const run = {
      cluster: "platform",
      change: "5.1.2 -> 5.2.0",
      mode: "downtime",
      startedAt: begun,
      durationMs: 7_629_000,
      operator: "ana on jump1",
      plan: "7f3a09c1",
    } as const;
    return golden(
      "records",
      width,
      recordLines(
        {
          runs: [
            {
              ...run,
              run: 4,
              outcome: "succeeded",
              verdict: "pass",
              record: {
                initialVersion: "V5.1.2.02",
                targetVersion: "V5.2.0.01",
                startedAt: begun,
                durationMs: 7_629_000,
                maintenance: { startedAt: begun + 60_000, durationMs: 7_500_000 },
                instants: [
                  { instant: "application restored", at: begun + 5_000_000 },
                  { instant: "console accessible", at: begun + 6_000_000 },
                ],
                status: "Succeeded",
              },
            },
            {
              ...run,
              run: 3,
              outcome: "asks",
              verdict: null,
              record: {
                initialVersion: null,
                targetVersion: null,
                startedAt: begun,
                durationMs: null,
                maintenance: null,
                instants: [],
                status: "Verifying",
              },
            },
          ],
          plans: [
            {
              plan: "aa3a09c1",
              cluster: "platform",
              change: "restart",
              mode: "downtime",
              createdAt: "2026-11-20T02:00:00.000Z",
              createdBy: "ana",
              runs: [],
            },
          ],
          damaged: [],
        },
        style,
      ),
    );
  });

  test("the impact of every mode", () =>
    golden(
      "impact",
      width,
      impactLines(
        [
          { mode: "zero-downtime", eligible: false, why: "5.1.2 and 5.2.0 differ in their second part", impact: null, blockers: [] },
          {
            mode: "downtime",
            eligible: true,
            why: "always offered",
            impact: [
              {
                feature: "running work",
                turn: "1",
                effect: "lost",
                expectedMs: 0,
                amount: { value: 12, unit: "instances" },
                basis: "counted now",
                source: "DP-9",
                measure: null,
              },
              {
                feature: "logon",
                turn: "1",
                effect: "refused",
                expectedMs: 3_600_000,
                basis: "the window that was named",
                source: "DP-3",
                measure: null,
              },
              {
                feature: "calls of direct APIs",
                turn: "1",
                effect: "none",
                expectedMs: 0,
                basis: "the vendor's table",
                source: "DP-11",
                measure: null,
              },
            ],
            blockers: [
              {
                code: "field-grants",
                object: "api 7",
                verdict: "blocker",
                what: "its fields are open to everybody after 300 s",
                price: "data may be read that was not granted",
              },
            ],
          },
        ],
        style,
      ),
    ));
});
