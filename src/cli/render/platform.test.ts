// Screens of a platform: turns of the cluster itself, work instead of nodes, features of several words. At 80 and at 160 columns, as golden files that were
// looked at.
import { beforeAll, describe, expect, test } from "vitest";
import type { RunEvent } from "../../model/event.ts";
import type { ImpactForecast } from "../../model/impact.ts";
import type { Plan } from "../../model/plan.ts";
import type { Item } from "../../model/step.ts";
import { golden, widths } from "../testing/golden.fixture.ts";
import { samplePlan } from "../testing/plan.fixture.ts";
import { sampleRun, sampleView } from "../testing/run.fixture.ts";
import { EventLines } from "./events.ts";
import { impactLines } from "./impact.ts";
import { planLines } from "./plan.ts";
import { plainStyle } from "./style.ts";
import { watchLines } from "./watch.ts";

process.env["TZ"] = "UTC";

const row = (feature: string, effect: ImpactForecast["effect"], more: Partial<ImpactForecast>): ImpactForecast => ({
  feature,
  turn: "drain",
  effect,
  expectedMs: 0,
  basis: "as they are now",
  source: "CD-22",
  measure: null,
  ...more,
});
const impact: readonly ImpactForecast[] = [
  row("API and user interface", "refused", { turn: "replace", expectedMs: 720_000, basis: "driver default: the vendor says up to an hour" }),
  row("pending work: schedules", "paused", {
    expectedMs: 900_000,
    basis: "driver default; what is due meanwhile does not run, and is not run afterwards",
  }),
  row("pending work: schedules suspended, and enabled again", "paused", { amount: { value: 7, unit: "schedules" } }),
  row("running work: services, workers, real-time pipelines", "paused", {
    expectedMs: 960_000,
    basis: "runs as they are now; each has 60 s to end by itself: app.program.max.stop.seconds=60 of the server",
  }),
  row("running work: batch runs that begin anew", "lost", {
    amount: { value: 1_206, unit: "runs" },
    basis: "they begin anew when they are started again",
  }),
  row("records of default.orders", "none", { amount: { value: 0, unit: "runs cut short" } }),
  row("alerts of pipelines", "degraded", { source: "undocumented: alerts", amount: { value: 10, unit: "rules" } }),
];

let plan: Plan;
beforeAll(async () => {
  const sample = await samplePlan();
  const step = (id: string, title: string, held?: "release"): Item => ({
    id,
    title,
    phase: "drain",
    do: "freeze",
    params: null,
    expectedMs: 60_000,
    ...(held ? { held } : {}),
  });
  plan = {
    ...sample,
    lab: true,
    impact,
    turns: [
      {
        id: "drain",
        nodes: [],
        title: "backup; schedules suspended; every program drained",
        items: [step("drain/suspend", "schedules of all namespaces suspended", "release"), step("drain/stop", "every program stopped")],
      },
      { id: "replace", nodes: ["n1"], title: "6.8.3 replaced by 6.9.2", items: [step("replace/packages", "packages replaced")] },
      { id: "resume", nodes: [], title: "what was stopped is started once", items: [{ undo: "drain/suspend" }] },
    ],
  };
});

describe.each(widths)("%i columns", (width) => {
  const style = plainStyle(width);

  test("plan: what is felt reads as a sentence, and in a turn as one word for each kind of work", () =>
    golden("platform-plan", width, planLines(plan, style)));
  test("impact: every word of a row can be read, and what the vendor does not say is no number", () =>
    golden("platform-impact", width, impactLines([{ mode: "downtime", eligible: true, why: "always offered", impact, blockers: [] }], style)));

  test("watch: turns of the cluster itself are told apart by what they do", async () => {
    const run = sampleRun(plan, 1, [{ is: "acting", step: "drain/stop", at: 0, settled: 0, before: null }]);
    const progress = { at: run.lastAt + 1, turn: null, step: "drain/stop", state: "15 of 16 runs ended; 1 STOPPING, the longest for 44 s" };
    const view = sampleView(run, { holderIs: "alive", progress, later: 500 });
    await golden(
      "platform-watch",
      width,
      watchLines(
        {
          view,
          probe: null,
          now: run.lastAt + 500,
          height: 24,
          details: false,
          notice: null,
          keys: "[p] pause  [a] abort  [d] details",
        },
        style,
      ),
    );
  });
});

test("in a pipe, too, what a later turn puts back is that turn's, unless the run is aborted; a forced end is none with everything put back", () => {
  const undoing = { is: "acting", step: "undo drain/suspend/resume", at: 0, settled: 0, before: null } as const;
  const forced = { mark: "failed", by: "ana", reason: "the vendor takes over", left: ["schedules suspended"] } as const;
  const told = (...events: readonly RunEvent[]): readonly string[] => {
    const lines = new EventLines(plan);
    return sampleRun(plan, 0, events).entries.flatMap((entry) => lines.entry(entry).map((line) => line.slice(25)));
  };
  expect(told(undoing, { is: "undone", step: "drain/suspend" }).slice(1)).toEqual([
    "info  3/3 cluster restore put back: schedules of all namespaces suspended: begun",
    "info  3/3 cluster drain   schedules of all namespaces suspended: put back",
  ]);
  expect(told({ is: "aborting", turn: "drain", finish: false, by: "ana", reason: "no" }, undoing).at(-1)).toContain("1/3 cluster restore");
  expect(told({ is: "finished", as: "force-stopped", forced }).at(-1)).toBe(
    "warn  -   -       -       the run was stopped by force, marked failed; still set: schedules suspended",
  );
});

test("a turn that only puts back what an earlier one holds is next, then under way, then done, and the run stands in it", () => {
  const rowsOf = (...args: Parameters<typeof sampleRun>) => {
    const view = sampleView(sampleRun(...args), { holderIs: "alive", later: 500 });
    return { turn: view.turn?.number, last: view.rows[2] };
  };
  expect(rowsOf(plan, 1).last).toMatchObject({ state: "next", elapsedMs: null });
  const undoing = { is: "acting", step: "undo drain/suspend/resume", at: 0, settled: 0, before: null } as const;
  const through = { ...plan, turns: plan.turns.map((turn) => ({ ...turn, items: turn.items.filter((item) => !("undo" in item)) })) };
  const events = sampleRun(through, 3, [undoing]).entries.map(({ event }) => event);
  expect(rowsOf(plan, 0, events.slice(1))).toMatchObject({ turn: 3, last: { state: "active", elapsedMs: 500 } });
  const ended = [...events.slice(1), { is: "undone", step: "drain/suspend" } as const];
  expect(rowsOf(plan, 0, ended).last).toMatchObject({ state: "done", elapsedMs: 1000 });
});
