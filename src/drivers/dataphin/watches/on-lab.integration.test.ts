// Every feature of the impact tables, tried by a client of its own beside a whole run on the lab in memory.
import { expect, test } from "vitest";
import { realtimeAlerts } from "./realtime-events.ts";
import { watchesOf } from "./watches.ts";
import { count } from "../count.ts";
import { counted, watched } from "../impact/features.ts";
import { goalOf, MemoryRun, small, type MemoryRunOptions } from "../testing/memory-run.ts";
import { Watching } from "../testing/watching.ts";

interface Times {
  readonly asked: number;
  readonly upgrading: number;
  readonly maintenance: number;
  readonly down: number;
  readonly restored: number;
  readonly open: number;
}
async function watchedRun(
  mode: "zero-downtime" | "semi-downtime" | "downtime",
  options: MemoryRunOptions = {},
  during: (run: MemoryRun, step: string) => void = () => undefined,
) {
  const run = await MemoryRun.begin({ ...small, ...options });
  await run.plan(goalOf(mode));
  const watching = new Watching(run, watchesOf(run.open()));
  const times = new Map<string, number>();
  run.journaled = (event) => {
    if (event.is === "done") times.set(event.step, run.lab.world.now());
    if (event.is === "acting") times.set(`begin ${event.step}`, run.lab.world.now());
    if (event.is === "done") during(run, event.step);
  };
  const began = run.lab.world.now();
  watching.start();
  expect(await run.toTheEnd()).toEqual({ is: "succeeded" });
  await run.lab.world.run(run.lab.world.sleep(100_000), 200_000);
  const seen = await run.lab.world.run(watching.stop());
  const at = (step: string): number => times.get(step) ?? Number.NaN;
  const phases: Times = {
    asked: at("begin maintenance"),
    upgrading: at("begin upgrade application"),
    maintenance: at("maintenance"),
    down: mode === "downtime" ? at("shut down") : at("begin upgrade application"),
    restored: at("upgrade application"),
    open: at("console accessible"),
  };
  return { run, watching, seen, phases, began, ended: run.lab.world.now() };
}
const SECOND = 1_000;

test("[DP-3] [DP-10] [DP-11] [DP-12] [DP-13] [DP-14] [DP-15] [DP-17] downtime: each row of the vendor's table, felt by a client of that feature", async () => {
  // The cache of field grants lapses after five minutes: the backup takes longer.
  const { watching, phases, began } = await watchedRun("downtime", { settings: { ...small.settings, backupMs: 420_000 } });
  const { asked, upgrading, maintenance, down, restored, open } = phases;
  const inside = (feature: string): number => watching.works(feature, down + 11 * SECOND, upgrading);
  expect(watching.works(watched.logon, began, asked)).toBe(1);
  expect(watching.works(watched.logon, maintenance, open - 2 * SECOND)).toBe(0);
  for (const feature of [watched.offlineOperations, watched.realtimeOperations, watched.apiDevelopment, watched.apiOperations])
    expect([feature, watching.works(feature, maintenance, open - 6 * SECOND)]).toEqual([feature, 0]);
  expect(inside(watched.realtimeJobs)).toBe(1);
  for (const feature of [watched.directApis, watched.serviceUnitApis, watched.compositeApis, watched.registeredApis])
    expect([feature, inside(feature)]).toEqual([feature, 1]);
  for (const feature of [watched.logicalTableApis, watched.dataphinSourceApis, watched.compositeLogicalApis])
    expect([feature, inside(feature)]).toEqual([feature, 0]);
  for (const feature of [watched.wrongSecretRejected, watched.ungrantedRejected]) expect([feature, inside(feature)]).toEqual([feature, 1]);
  expect(inside(watched.throttling)).toBe(0);
  // Withheld for five minutes, then open, then withheld again once the application is back.
  expect(watching.works(watched.fieldsWithheld, down, down + 280 * SECOND)).toBe(1);
  expect(watching.works(watched.fieldsWithheld, down + 320 * SECOND, upgrading)).toBe(0);
  expect(watching.works(watched.fieldsWithheld, restored + 15 * SECOND, open)).toBe(1);
  // A few calls fail while DataService itself is upgraded; each of them succeeds when it is tried again.
  expect(watching.works(watched.retriedCalls, began, open)).toBe(1);
});

test("[DP-3] [DP-8] semi-downtime: logon and management are back once the application is upgraded, and calls of APIs go on", async () => {
  const { watching, phases } = await watchedRun("semi-downtime");
  const { maintenance, restored, open } = phases;
  expect(watching.works(watched.logon, maintenance, restored - 3 * SECOND)).toBe(0);
  expect(watching.works(watched.offlineOperations, maintenance, restored - 6 * SECOND)).toBe(0);
  expect(watching.works(watched.logon, open, open + 10 * SECOND)).toBe(1);
  expect(watching.works(watched.retriedCalls, maintenance, open)).toBe(1);
  expect(watching.works(watched.realtimeJobs, maintenance, open)).toBe(1);
});

test("[DP-19] zero-downtime: a few calls fail, and none of those that are tried again", async () => {
  const { watching, began, ended } = await watchedRun("zero-downtime", { settings: { ...small.settings, frontLagMs: 1_500 } });
  expect(watching.works(watched.directApis, began, ended)).toBeLessThan(1);
  expect(watching.works(watched.directApis, began, ended)).toBeGreaterThan(0.9);
  expect(watching.works(watched.retriedCalls, began, ended)).toBe(1);
  expect(watching.works(watched.logon, began, ended)).toBeGreaterThan(0.9);
});

test("[DP-16] a checkpoint that fails while the application is down is captured by our own watcher, and the platform never tells of it", async () => {
  const { run, seen } = await watchedRun("downtime", { settings: { ...small.settings, checkpointMs: 10_000, backupMs: 60_000 } }, ({ lab }, step) => {
    if (step === "shut down") void lab.ask("POST", lab.endpoints.realtime, "/lab/realtime", { fault: "fail-checkpoint", job: "orders_1", count: 1 });
    if (step === "console accessible")
      void lab.ask("POST", lab.endpoints.realtime, "/lab/realtime", { fault: "fail-checkpoint", job: "orders_2", count: 1 });
  });
  const captured = seen.events.filter(({ watch }) => watch === realtimeAlerts);
  expect(captured).toEqual([
    expect.objectContaining({ object: "orders_1", what: expect.stringContaining("STREAM_CHECKPOINT_FAILURE") as string, policy: "queue" }),
  ]);
  expect(captured[0]?.why).toContain("drops alert events");
  const told = run.lab.database.data.alertEvents.filter(({ reason }) => reason === "STREAM_CHECKPOINT_FAILURE").map(({ objectName }) => objectName);
  expect(told).toEqual(["orders_2"]);
  expect(count([], seen, run.before!, null)[counted.realtimeAlertsDropped]).toMatchObject({ value: 1 });
});

test("[DP-6] semi-downtime: alerts of offline instances are sent after the upgrade, and counted as late", async () => {
  const { run, seen } = await watchedRun("semi-downtime", {
    workload: { longJobs: 1, longMs: 5_000, everyMinutes: 1, shortMs: 5_000 },
    settings: { ...small.settings, backupMs: 180_000 },
  });
  const late = seen.events.filter(({ watch }) => watch === counted.offlineAlertsLate);
  // What the alert engine itself knows: when each thing happened, and when it told.
  const { alertEvents, notifications } = run.lab.database.data;
  const truly = notifications.filter(({ eventId, sentAt }) => sentAt - (alertEvents.find(({ id }) => id === eventId)?.occurredAt ?? 0) >= 60_000);
  expect(truly.length).toBeGreaterThan(1);
  expect(late.length).toBe(new Set(truly.map(({ eventId }) => eventId)).size);
});
