// One whole upgrade of a lab installation in memory, with every row of the mode's impact table forecast before and measured beside it. Virtual time.
import { dateOf } from "../lab/dataphin/logic/times.ts";
import { memoryCluster } from "../lab/dataphin/memory/cluster.ts";
import { undocumented } from "../src/drivers/dataphin/impact/rows.ts";
import { DataphinDriver } from "../src/drivers/dataphin/driver.ts";
import { definitionOf, goalOf, MemoryRun, type MemoryRunOptions } from "../src/drivers/dataphin/testing/memory-run.ts";
import type { Mode } from "../src/model/goal.ts";
import type { ReportImpact } from "../src/model/report.ts";
import { compareImpact } from "../src/report/forecast.ts";
import { watchInVirtualTime } from "./virtual-watch.ts";

export interface MeasuredRow {
  readonly row: ReportImpact;
  /**
   * `match`: it holds, and what was said to be felt was felt. `miss`: more than forecast, or a bad effect that never came. `not measured`. `undocumented`:
   * the vendor is silent, so it is measured and not judged.
   */
  readonly verdict: "match" | "miss" | "not measured" | "undocumented";
}
export interface MeasuredTable {
  readonly mode: Mode;
  readonly rows: readonly MeasuredRow[];
  readonly virtualMs: number;
}

const minute = 60_000;
/** A downtime begins shortly before midnight, so that a grant expires in it, and lasts longer than the cache of field grants. */
const starts: Readonly<Record<Mode, number>> = {
  "zero-downtime": Date.UTC(2026, 10, 20, 10, 0),
  "semi-downtime": Date.UTC(2026, 10, 20, 10, 0),
  downtime: Date.UTC(2026, 10, 20, 23, 56),
};
const targets: Readonly<Record<Mode, string>> = { "zero-downtime": "6.2.0.2", "semi-downtime": "6.3.0.1", downtime: "6.3.0.1" };
/** What an operator who has measured his installation says. */
const lengths: Readonly<Record<Mode, Readonly<Record<string, string>>>> = {
  "zero-downtime": {},
  "semi-downtime": { duration: "15", "application-minutes": "4" },
  downtime: { duration: "25", "application-minutes": "4" },
};
/** What runs when a downtime begins is over soon after it was run again; in the other modes it outlasts the upgrade, so that it can be seen undisturbed. */
const longs: Readonly<Record<Mode, number>> = { "zero-downtime": 20 * minute, "semi-downtime": 30 * minute, downtime: 8 * minute };
/** After the run: late alerts are sent, late instances dispatched. */
const settleMs = 6 * minute;

export async function measureTable(mode: Mode, seed: number): Promise<MeasuredTable> {
  const options = await optionsFor(mode, seed);
  const run = await MemoryRun.begin(options);
  const { world } = run.lab;
  const { database, workload } = run.lab;
  // Of a node that runs for 20 s: whoever sees its end late takes it for one that ran too long.
  database.data.alertRules.push({ id: database.nextId(), type: "TIME_OUT", object: workload.nodes["report"] ?? "", limit: minute });
  const secrets = new Map(Object.values(workload.apps).map(({ key, secret }) => [`@env:SECRET_${key}`, secret]));
  const handles = { ...run.handles(), secret: async (reference: string) => secrets.get(reference) ?? reference };
  const driver = new DataphinDriver(definitionOf(run.lab, options), handles, { openApi: run.openApi(), sleep: (ms) => world.sleep(ms) });
  const goal = goalOf(mode, lengths[mode], targets[mode]);
  const turns = await run.plan(goal);
  const before = run.before ?? (await run.inspect());
  const forecast = driver.impact(before, goal, mode, turns);

  const watches = await driver.watches();
  const watch = watchInVirtualTime(world, watches);
  // Long enough that every watch has seen how it is without an upgrade.
  await world.advance(minute);
  const from = world.now();
  disturb(run);
  const outcome = await run.toTheEnd();
  if (outcome.is !== "succeeded") throw new Error(`${mode}, seed ${String(seed)}: ${JSON.stringify(outcome)}`);
  const to = world.now();
  await world.advance(settleMs);
  const watched = await world.run(watch.finish());
  await watches.close();
  const after = await run.inspect();
  const counted = driver.count(run.evidence(), watched, before, after);
  const turn = { id: turns[0]?.id ?? "", title: null, nodes: [], from, to };
  const timeline = { from, to, bars: [], turns: [turn], nodes: [], away: [], claims: [], wallMs: to - from, criticalPathMs: to - from };
  const rows = compareImpact(forecast, { timeline, series: [], leases: [], watched, counted });
  return { mode, rows: rows.map(judge), virtualMs: to - from };
}

function judge(row: ReportImpact): MeasuredRow {
  const { forecast, measured, holds } = row;
  if (measured === null) return { row, verdict: "not measured" };
  if (forecast.source.startsWith(undocumented)) return { row, verdict: "undocumented" };
  const felt = measured.amount?.value ?? measured.ms;
  const announced =
    (forecast.effect === "refused" || forecast.effect === "lost" || forecast.effect === "paused") &&
    (forecast.amount?.value ?? forecast.expectedMs) > 0;
  return { row, verdict: holds === true && (felt > 0 || !announced) ? "match" : "miss" };
}

/** Things that go wrong by themselves while the upgrade is under way, so that alerting has something to tell. */
function disturb(run: MemoryRun): void {
  const seen = new Set<string>();
  run.journaled = (event) => {
    if (event.is !== "done" || seen.has(event.step)) return;
    seen.add(event.step);
    const job = ["orders_1", "orders_2", "orders_3"][seen.size % 3] ?? "orders_1";
    run.lab.ask("POST", run.lab.endpoints.realtime, "/lab/realtime", { fault: "fail-checkpoint", job }).catch(() => undefined);
  };
}

async function optionsFor(mode: Mode, seed: number): Promise<MemoryRunOptions> {
  const start = starts[mode];
  const lab: MemoryRunOptions = {
    seed,
    start,
    // The cache of field grants, 5 minutes, lapses while the application is down.
    settings: { checkpointMs: 20_000, backupMs: 200_000 + seed * 10_000 },
    workload: { longJobs: 6, longMs: longs[mode], everyMinutes: 2, expireDate: dateOf(start) },
  };
  // Ids are the same in every lab of the same workload.
  const { apis, apps } = (await memoryCluster(lab)).workload;
  const source = "the lab's workload";
  const caller = { appKey: apps.caller.key, appSecret: `@env:SECRET_${apps.caller.key}` };
  const api = (id: number) => ({ id: String(id) });
  return {
    ...lab,
    keys: {
      declared: {
        apis: {
          [String(apis.composite)]: { class: "composite", source },
          [String(apis.compositeLogical)]: { class: "compositeLogical", source },
          [String(apis.dataphinSource)]: { class: "dataphinSource", source },
        },
        alertRules: [{ scope: "api", rules: Object.keys(apis).length, source }],
      },
      watch: {
        caller,
        apis: {
          direct: api(apis.direct),
          serviceUnit: api(apis.serviceUnit),
          composite: api(apis.composite),
          registered: api(apis.registered),
          logicalTable: api(apis.logicalTable),
          dataphinSource: api(apis.dataphinSource),
          compositeLogical: api(apis.compositeLogical),
        },
        ungranted: { appKey: apps.ungranted.key, appSecret: `@env:SECRET_${apps.ungranted.key}` },
        withheld: { ...api(apis.fields), field: "b" },
        expiring: { ...api(apis.expiring), caller },
        throttled: { ...api(apis.limited), perSecond: 10 },
      },
    },
  };
}
