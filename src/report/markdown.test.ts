import { expect, test } from "vitest";
import { composeReport } from "./compose.ts";
import { escaped, markdownReport } from "./markdown.ts";
import { normalRun, runs } from "./testing/runs.ts";

test.each(Object.entries(runs))("%s", async (name, run) => {
  await expect(markdownReport(composeReport(run()), { offsetMinutes: 60 })).toMatchFileSnapshot(`./golden/report-${name}.golden.md`);
});

test("what people typed stays letters", () => {
  expect(escaped("a|b *c* <b>&amp; [x](y) `z` ~~q~~ 17.0 -> 17.10\nnext")).toBe(
    "a\\|b \\*c\\* &lt;b&gt;&amp;amp; \\[x\\](y) \\`z\\` \\~\\~q\\~\\~ 17.0 -> 17.10 next",
  );
});
test("every row of a table has its columns, whatever stands in it", () => {
  const run = normalRun();
  const text = markdownReport(
    composeReport({ ...run, plan: { ...run.plan, impact: run.plan.impact.map((row) => ({ ...row, basis: "a | b\n| c" })) } }),
    { offsetMinutes: 0 },
  );
  const rows = text.split("\n").filter((line) => line.startsWith("| reads"));
  expect(rows).toHaveLength(2);
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(7);
});
test("a report without details has its figures", () => {
  const { detail: _, ...figures } = composeReport(normalRun());
  expect(markdownReport(figures, { offsetMinutes: 0 })).toContain("acknowledged 1,919 of 1,980 attempts");
});
