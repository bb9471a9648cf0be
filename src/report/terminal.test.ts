import { describe, expect, test } from "vitest";
import { composeReport } from "./compose.ts";
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
