import { expect, test } from "vitest";
import type { Report } from "../model/report.ts";
import type { Watched } from "../model/watch.ts";
import { eventRows, recordRows, watchedRows } from "./beside.ts";
import { localTime } from "../model/local-time.ts";

const begun = Date.UTC(2026, 10, 21, 2, 0);
const local = localTime(0);
const record: NonNullable<Report["record"]> = {
  initialVersion: "V5.1.2.02",
  targetVersion: "V5.2.0.01",
  startedAt: begun,
  durationMs: 7_629_000,
  maintenance: { startedAt: begun + 60_000, durationMs: null },
  instants: [{ instant: "application restored", at: begun + 120_000 }],
};

test("the record has both times as hhh:mm:ss, and every instant by its name", () => {
  const rows = recordRows({ record } as Report, local);
  expect(rows.map(({ what, value }) => `${what}: ${value}`)).toEqual([
    "initial version: V5.1.2.02",
    "target version: V5.2.0.01",
    "upgrade: 2026-11-21 02:00:00, 002:07:09",
    "maintenance: 2026-11-21 02:01:00, not ended",
    "application restored: 2026-11-21 02:02:00",
  ]);
});

test("a change of settings without maintenance has no record worth a table", () => {
  expect(recordRows({ record: { ...record, targetVersion: null, maintenance: null, instants: [] } } as unknown as Report, local)).toEqual([]);
  expect(recordRows({} as Report, local)).toEqual([]);
});

const watched: Watched = {
  features: [
    {
      feature: "logon",
      tries: 30,
      works: 20,
      refused: 9,
      failed: 1,
      outages: [
        { from: 0, to: 1_500, why: "503 maintenance" },
        { from: 4_000, to: null, why: "no answer within 500 ms" },
      ],
      holesMs: 2_000,
    },
  ],
  events: [
    {
      key: "a",
      at: begun,
      object: "job 7",
      what: "checkpoint failed",
      watch: "alerts",
      policy: "queue",
      why: "the platform drops them",
      seenAt: begun,
      deliveredAt: begun + 60_000,
    },
    { key: "b", at: begun, object: "job 8", what: "job failed", watch: "alerts", policy: "drop", why: "as told", seenAt: begun, deliveredAt: null },
  ],
};

test("a feature's tries, its outages with the first reason, and what nobody tried", () => {
  expect(watchedRows(watched)).toEqual([
    {
      feature: "logon",
      tries: "30: 20 worked, 9 refused, 1 failed; none in 2 s",
      outages: "2 outages, 1.5 s in all: 503 maintenance; not ended",
    },
  ]);
  expect(watchedRows(undefined)).toEqual([]);
});

test("what became of an event, with its policy and reason", () => {
  expect(eventRows(watched, local).map(({ became }) => became)).toEqual([
    "handed over at 02:01:00 (queue: the platform drops them)",
    "dropped (drop: as told)",
  ]);
});
