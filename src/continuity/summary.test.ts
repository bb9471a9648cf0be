import { describe, expect, it } from "vitest";
import type { RiskWindow } from "../model/report.ts";
import type { LogEntry } from "./log-reader.ts";
import { summarise, type ProbeSummary } from "./summary.ts";

type Step = readonly [at: number, partition: string, what?: "acknowledged" | "refused" | "unknown" | "open", latency?: number];

function log(from: number, steps: readonly Step[], to: number, extra: readonly LogEntry[] = []): readonly LogEntry[] {
  const timed: { readonly at: number; readonly entry: LogEntry }[] = [];
  for (const [index, [at, partition, what = "acknowledged", latency = 1]] of steps.entries()) {
    const sequence = index + 1;
    timed.push({ at, entry: { is: "intent", sequence, kind: "insert", partition, record: sequence, salt: 0, expects: null, dueAt: at, sentAt: at } });
    const end = at + latency;
    if (what === "acknowledged") timed.push({ at: end, entry: { is: what, sequence, at: end } });
    else if (what !== "open") timed.push({ at: end, entry: { is: what, sequence, at: end, why: `${what} because` } });
  }
  timed.sort((a, b) => a.at - b.at);
  return [
    { is: "began", generation: 1, at: from, probe: "0", name: "t" },
    ...timed.map(({ entry }) => entry),
    ...extra,
    { is: "ended", at: to, clean: true },
  ];
}
async function* pieces(entries: readonly LogEntry[]): AsyncGenerator<readonly LogEntry[]> {
  for (let at = 0; at < entries.length; at += 3) yield await Promise.resolve(entries.slice(at, at + 3));
}
const summary = async (entries: readonly LogEntry[], windows: readonly RiskWindow[]): Promise<ProbeSummary> =>
  await summarise(pieces(entries), windows);
const window = (from: number, to: number, partition = "a"): RiskWindow => ({ turn: "1", kind: "move", partition, from, to });

describe("the summary of a log", () => {
  it("counts what each window holds by the time of acknowledgement, and the gaps that touch it", async () => {
    const steps: Step[] = [
      [100, "a"],
      [200, "a"],
      [300, "a", "refused"],
      [350, "a", "acknowledged", 350],
      [720, "a"],
      [800, "a"],
    ];
    const figures = await summary(log(50, steps, 810), [window(150, 650), window(705, 900), window(200, 201), window(0, 99)]);
    // Acknowledged at 101, 201, 700, 721, 801.
    expect(figures.windows.map(({ acknowledged, longestGapMs }) => [acknowledged, longestGapMs])).toEqual([
      [1, 499],
      [2, 80],
      [1, 499],
      [0, null],
    ]);
    expect(figures.longestGap).toEqual({ partition: "a", from: 201, to: 700, ms: 499 });
    expect(figures).toMatchObject({ attempts: 6, acknowledged: 5, refused: 1, unknown: 0, from: 50, to: 810 });
    expect(figures.reasons).toEqual([{ is: "refused", why: "refused because", count: 1 }]);
  });

  it("does not let one partition hide the silence of another", async () => {
    const steps: Step[] = Array.from({ length: 100 }, (_, index): Step => [index * 10, index % 2 === 0 || (index > 20 && index < 80) ? "a" : "b"]);
    const figures = await summary(log(0, steps, 1000), [window(250, 700, "a"), window(250, 700, "b")]);
    expect(figures.windows[0]).toMatchObject({ acknowledged: 45 });
    expect(figures.windows[1]).toMatchObject({ acknowledged: 0, longestGapMs: 620 });
    expect(figures.longestGap).toMatchObject({ partition: "b", ms: 620 });
    expect(figures.longestOverallGap?.ms).toBeLessThan(20);
  });

  it("counts silence up to the end, and attempts without an outcome as unknown", async () => {
    const figures = await summary(
      log(
        0,
        [
          [10, "a"],
          [20, "a", "open"],
          [30, "a", "unknown"],
        ],
        5000,
      ),
      [],
    );
    expect(figures).toMatchObject({ attempts: 3, unknown: 2 });
    expect(figures.longestGap).toMatchObject({ from: 11, to: 5000 });
  });

  it("adds up holes without counting any time twice, and knows that it sees nothing outside its life", async () => {
    const holes: LogEntry[] = [
      { is: "hole", from: 100, to: 200, skipped: 20, why: "x" },
      { is: "hole", from: 150, to: 260, skipped: 5, why: "y" },
      { is: "bound", at: 300, count: 7, why: "z" },
    ];
    const figures = await summary(log(0, [[10, "a"]], 1000, holes), [window(50, 250), window(900, 2000), window(-500, 100), window(300, 400)]);
    expect(figures.windows.map(({ holeMs }) => holeMs)).toEqual([150, 1000, 500, 0]);
    expect(figures).toMatchObject({ holesMs: 160, unsent: 32 });
  });

  it("separates latencies before, in and after the windows by when the attempt was due", async () => {
    const steps: Step[] = [
      ...Array.from({ length: 99 }, (_, index): Step => [index, "a", "acknowledged", 2]),
      [150, "a", "acknowledged", 400],
      [500, "a", "acknowledged", 4],
    ];
    const { p99Ms } = await summary(log(0, steps, 600), [window(120, 300)]);
    expect(p99Ms.before).toBeCloseTo(2, 1);
    expect(p99Ms.during).toBeGreaterThan(399);
    expect(p99Ms.during).toBeLessThan(410);
    expect(p99Ms.after).toBeCloseTo(4, 0);
  });
});
