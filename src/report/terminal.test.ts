import { describe, expect, test } from "vitest";
import { composeReport } from "./compose.ts";
import { htmlReport } from "./html.ts";
import { markdownReport } from "./markdown.ts";
import { terminalReport } from "./terminal.ts";
import { normalRun, runs } from "./testing/runs.ts";

const reportPath = ".stillwater/runs/12/report.html";

test.each(Object.entries(runs))("%s in 80 columns", async (name, run) => {
  const lines = terminalReport(composeReport(run()), { reportPath });
  await expect(`${lines.map((line) => line.text).join("\n")}\n`).toMatchFileSnapshot(`./golden/terminal-${name}.golden.txt`);
});

describe.each(Object.entries(runs))("%s", (_, run) => {
  test.each([60, 80, 120, 160])("stays within %d columns and colours only what is there", (width) => {
    for (const line of terminalReport(composeReport(run()), { width, reportPath })) {
      expect(line.text.length).toBeLessThanOrEqual(width);
      let end = 0;
      for (const span of line.spans) {
        expect(span.from).toBeGreaterThanOrEqual(end);
        expect(span.to).toBeGreaterThan(span.from);
        end = span.to;
      }
      expect(end).toBeLessThanOrEqual(line.text.length);
    }
  });
});

test("green is only for what was proved", () => {
  const styles = (run: () => ReturnType<typeof normalRun>) =>
    terminalReport(composeReport(run()), { reportPath: null }).flatMap((line) =>
      line.spans.map((span) => [line.text.slice(span.from, span.to), span.style]),
    );
  expect(styles(runs.normal)).toContainEqual(["ok", "proved"]);
  expect(styles(runs.failed).filter(([text, style]) => style === "proved" && text !== "ok")).toEqual([]);
  expect(styles(runs.unmeasured).filter(([text, style]) => style === "proved" && text !== "ok")).toEqual([]);
});

test("a long table is cut, and what missed stays", () => {
  const run = normalRun();
  const [row] = run.plan.impact;
  const impact = [...Array.from({ length: 30 }, (_, index) => ({ ...row!, feature: `reads ${index}` })), { ...row!, feature: "late", expectedMs: 1 }];
  const text = terminalReport(composeReport({ ...run, plan: { ...run.plan, impact } }), { reportPath: null }).map((line) => line.text);
  expect(text.some((line) => line.includes("late") && line.endsWith("missed"))).toBe(true);
  expect(text).toContain("             and 19 more rows in the report");
});

const amounts = (): ReturnType<typeof composeReport> => {
  const report = composeReport(normalRun());
  const [row] = report.impact;
  const of = (feature: string, value: number, unit: string, source = "CD-22"): (typeof report.impact)[number] => ({
    ...row!,
    feature,
    forecast: { ...row!.forecast, feature, effect: "paused", amount: { value, unit }, source },
    measured: { ms: 0, evidence: "counted", amount: { value, unit } },
    holds: true,
  });
  return {
    ...report,
    impact: [
      of("pending work: schedules suspended, and enabled again", 7, "schedules"),
      of("running work: services, workers, real-time pipelines", 1_210, "runs"),
      { ...of("running work: batch runs that begin anew", 6, "runs"), holds: false },
      { ...of("records of default.orders", 1, "run with what it holds"), measured: null, holds: null },
      of("false run-timeout alerts", 31, "events", "undocumented: run-timeout rules in this mode"),
    ],
  };
};
test("features of several words have a column of their own; where the vendor is silent no number is forecast", () => {
  const text = terminalReport(amounts(), { reportPath: null }).map((line) => line.text);
  const from = text.findIndex((line) => line.startsWith("  felt "));
  expect(text.slice(from, from + 12)).toEqual([
    "  felt                         forecast                measured",
    "  pending work: schedules      paused 7 schedules      7 schedules  ok",
    "    suspended, and enabled",
    "    again",
    "  running work: services,      paused 1,210 runs       1,210 runs   ok",
    "    workers, real-time",
    "    pipelines",
    "  running work: batch runs     paused 6 runs           6 runs       missed",
    "    that begin anew",
    "  records of default.orders    paused 1 run with what               not measured",
    "                                 it holds",
    "  false run-timeout alerts     undocumented            31 events    undocumented",
  ]);
  for (const width of [40, 60, 80, 160])
    for (const line of terminalReport(amounts(), { width, reportPath: null })) expect(line.text.length, line.text).toBeLessThanOrEqual(width);
});

test("of a lab it is said in every form of the report", () => {
  const run = normalRun();
  const report = composeReport({ ...run, plan: { ...run.plan, lab: true } });
  const words = "lab: simulated servers";
  expect(terminalReport(report, { reportPath })[1]?.text).toContain(words);
  expect(markdownReport(report)).toContain(words);
  expect(htmlReport(report)).toContain(words);
  expect(htmlReport(composeReport(run))).not.toContain(words);
});

test("names cannot move the cursor", () => {
  const run = normalRun();
  const lines = terminalReport(composeReport({ ...run, plan: { ...run.plan, cluster: "a\u001b[2Jb" } }), { reportPath: null });
  expect(lines[0]!.text.startsWith("a?[2Jb  ")).toBe(true);
});

test("what was forecast alike in several turns is one line with the worst; what nobody should feel is left to the report", () => {
  const run = normalRun();
  const [row] = run.plan.impact;
  const alike = run.plan.turns
    .slice(0, 2)
    .map(({ id }) => ({ ...row!, feature: "writes", turn: id, expectedMs: 60_000, measure: { by: "longest-write-gap" } as const }));
  const impact = [...alike, { ...row!, feature: "quiet", effect: "none" as const, measure: null }];
  const text = terminalReport(composeReport({ ...run, plan: { ...run.plan, impact } }), { reportPath: null }).map((line) => line.text);
  expect(text.filter((line) => line.includes("writes"))).toEqual([expect.stringMatching(/writes .*, 2 times +measured at most .* ok$/)]);
  expect(text.some((line) => line.includes("quiet"))).toBe(false);
});
