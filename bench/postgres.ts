// Stillwater against a bare script on the same cluster, with the same application and route, in interleaved pairs. The script waits for clocks of
// `pg_ctl` and Stillwater for processors, so a machine whose host takes them away for a while would be what is compared: such pairs are repeated.
import { readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "../src/drivers/postgres/demo/demo-cluster.ts";
import type { Report } from "../src/model/report.ts";
import { absolute, against, median, quantile } from "./figures.ts";
import type { Metric } from "./metric.ts";
import { bareUpgrade, underLoad, type Measured } from "./postgres-baseline.ts";
import { startUps, stillwater, type Ended } from "./stillwater.ts";
import { leastStolen, processorTime, QUIET_SHARE, stolenShare } from "./stolen-time.ts";

const PAIRS = 7;
/** Pairs are repeated up to this many times their number. */
const REPEATED = 3;

interface Pair {
  readonly bare: Measured;
  readonly ours: Ours;
  /** Share of the processors' time that the machine's host took meanwhile. */
  readonly stolen: number;
}

interface Ours extends Measured {
  readonly report: Report;
  readonly apply: Ended;
  readonly steps: number;
}

export async function benchPostgres(options: { readonly pairs?: number; readonly say: (text: string) => void }): Promise<readonly Metric[]> {
  const metrics: Metric[] = [];
  const helps = await startUps(["--help"], 20);
  metrics.push(against("stillwater --help, p95 of 20", quantile(helps, 0.95), "ms", { name: "bar", value: 150 }));
  for (const synchronous of [false, true]) {
    const directory = await temporaryDirectory("stillwater-bench-");
    const cluster = await createDemoCluster({ directory, synchronous });
    try {
      metrics.push(...(await pairs(cluster, options.pairs ?? PAIRS, synchronous ? "synchronous" : "asynchronous", options.say)));
    } finally {
      await cluster.destroy();
    }
  }
  return metrics;
}

async function pairs(cluster: DemoCluster, count: number, kind: string, say: (text: string) => void): Promise<readonly Metric[]> {
  await cluster.artefact();
  await cluster.snapshot();
  const tried: Pair[] = [];
  const quiet = (): number => tried.filter(({ stolen }) => stolen <= QUIET_SHARE).length;
  while (quiet() < count && tried.length < count * REPEATED) {
    const from = processorTime();
    // Which one goes first alternates, so that what drifts on the machine meets both.
    const first = tried.length % 2 === 0 ? await restoredThen(cluster, bareUpgrade) : null;
    const ours = await restoredThen(cluster, measured);
    const bare = first ?? (await restoredThen(cluster, bareUpgrade));
    const pair: Pair = { bare, ours, stolen: stolenShare(from, processorTime()) };
    tried.push(pair);
    const taken = (pair.stolen * 100).toFixed(1);
    say(`${kind} pair ${tried.length}: bare gap ${bare.longestWriteGapMs} ms, ours ${ours.longestWriteGapMs} ms; processors taken away ${taken} %`);
  }
  const counted = leastStolen(tried, count);
  return [...figures(kind, counted), ...withAll(kind, tried, counted)];
}
const restoredThen = async <T>(cluster: DemoCluster, measure: (cluster: DemoCluster) => Promise<T>): Promise<T> => {
  await cluster.restore();
  return measure(cluster);
};

/** What was left out, so that nobody has to believe that it was the right thing to leave out. */
function withAll(kind: string, tried: readonly Pair[], counted: readonly Pair[]): readonly Metric[] {
  const bare = tried.map((pair) => pair.bare);
  const ours = tried.map((pair) => pair.ours);
  return [
    absolute(`${kind}: processors taken away by the machine's host, worst pair counted`, Math.max(...counted.map(({ stolen }) => stolen)) * 100, "%"),
    absolute(`${kind}: pairs not counted, for more of the processors was taken away`, tried.length - counted.length, `of ${tried.length}`),
    against(`${kind}: longest write gap, median of all pairs`, median(gapsOf(ours)), "ms", { name: "bare script", value: median(gapsOf(bare)) }),
    against(`${kind}: unavailability of a node, median of all pairs`, median(awayOf(ours)), "ms", {
      name: "bare script",
      value: median(awayOf(bare)),
    }),
  ];
}

async function measured(cluster: DemoCluster): Promise<Ours> {
  const { clusterFile } = cluster;
  await rm(join(dirname(clusterFile), ".stillwater"), { recursive: true, force: true });
  const plan = await stillwater(clusterFile, ["plan", "--to", cluster.releases.to, "--artifact", await cluster.artefact(), "--json"]);
  const { hash } = JSON.parse(plan.stdout) as { hash: string };
  let apply: Ended | null = null;
  const felt = await underLoad(cluster, async () => {
    apply = await stillwater(clusterFile, ["apply", hash.slice(0, 8), "--yes", hash.slice(0, 8)]);
  });
  const report = JSON.parse(await readFile(join(dirname(clusterFile), ".stillwater", "runs", "1", "report.json"), "utf8")) as Report;
  if (apply === null) throw new Error("the run was not measured");
  return { ...felt, report, apply, steps: report.detail?.timeline.bars.length ?? 0 };
}

const gapsOf = (runs: readonly Measured[]): readonly number[] => runs.map((run) => run.longestWriteGapMs);
const awayOf = (runs: readonly Measured[]): readonly number[] => runs.flatMap((run) => run.perNode.map((node) => node.unavailableMs));

function figures(kind: string, counted: readonly Pair[]): readonly Metric[] {
  const name = "bare script";
  const bare = counted.map((pair) => pair.bare);
  const ours = counted.map((pair) => pair.ours);
  const sum = (runs: readonly Measured[], of: (run: Measured) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const metrics: Metric[] = [
    absolute(
      `${kind}: acknowledged by the application`,
      sum(ours, (run) => run.acknowledged),
      "writes",
    ),
    absolute(
      `${kind}: acknowledged and lost`,
      sum(ours, (run) => run.lost),
      "writes",
    ),
    absolute(`${kind}: runs whose report says pass`, ours.filter((run) => run.report.verdict === "pass").length, `of ${ours.length}`),
    against(`${kind}: longest write gap, median (bar 1.5 x)`, median(gapsOf(ours)), "ms", { name, value: median(gapsOf(bare)) }),
    against(`${kind}: longest write gap, worst (bar 2.5 x)`, Math.max(...gapsOf(ours)), "ms", {
      name: `${name}, median`,
      value: median(gapsOf(bare)),
    }),
    against(`${kind}: unavailability of a node, median (bar 1.25 x)`, median(awayOf(ours)), "ms", { name, value: median(awayOf(bare)) }),
  ];
  const turns = ours.flatMap((run) => (run.report.detail?.timeline.turns ?? []).filter((turn) => turn.nodes.length > 0));
  const lasted = turns.map((turn) => (turn.to ?? turn.from ?? 0) - (turn.from ?? 0));
  const nodes = bare[0]?.perNode.length ?? 1;
  metrics.push(
    absolute(`${kind}: overhead of a turn against the bare script's (bar 600)`, median(lasted) - median(bare.map((run) => run.wallMs)) / nodes, "ms"),
  );
  for (const phase of ["move", "stop", "replace", "start", "ready", "recover"] as const) {
    const bars = ours.flatMap((run) =>
      (run.report.detail?.timeline.bars ?? []).filter((bar) => bar.phase === phase && bar.parent === null && bar.to !== null),
    );
    metrics.push(absolute(`${kind}: phase ${phase} of a turn, median`, median(bars.map((bar) => (bar.to ?? bar.from) - bar.from)), "ms"));
  }
  const usages = ours.flatMap((run) => (run.apply.usage ? [{ ...run.apply.usage, steps: run.steps }] : []));
  const steps = median(usages.map((usage) => usage.steps));
  metrics.push(
    against(`${kind}: CPU of the apply process, median of runs with ${steps} steps`, median(usages.map((usage) => usage.cpuMs)), "ms", {
      name: "bar 1 s + 15 ms a step",
      value: 1000 + 15 * steps,
    }),
    against(`${kind}: peak memory of the apply process, worst`, Math.max(...usages.map((usage) => usage.maxRssMb)), "MB", {
      name: "bar",
      value: 130,
    }),
  );
  return metrics;
}
