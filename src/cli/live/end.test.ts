import { expect, test } from "vitest";
import { composeReport, type Ingredients } from "../../report/compose.ts";
import { abortedRun } from "../../report/testing/runs.ts";
import type { RunOutcome } from "../../usecases/run-types.ts";
import { exitOf, exitOfReport } from "./end.ts";

const exitsOf = (ingredients: Ingredients, outcome: RunOutcome = { is: "aborted" }): { readonly run: number; readonly report: number } => {
  const report = composeReport(ingredients);
  return { run: exitOf({ run: 1, cluster: "orders", outcome }, report), report: exitOfReport(report) };
};

test("an abort whose report finds no harm ends with 7", () => {
  expect(exitsOf(abortedRun()).run).toBe(7);
});

test("an abort that lost records ends with 1, as its report does", () => {
  const run = abortedRun();
  if (run.continuity === null) throw new Error("the run has a verdict");
  expect(exitsOf({ ...run, continuity: { ...run.continuity, verdict: "fail", lost: 7 } })).toEqual({ run: 1, report: 1 });
});

test("an abort that left something set, because what puts it back was left out, ends with 1, as its report does", () => {
  const run = abortedRun();
  const entries = run.entries.map((entry) =>
    entry.event.is === "done" && entry.event.step === "undo archive/restore"
      ? { ...entry, event: { is: "answered", step: entry.event.step, answer: "skip", by: "ana", reason: "later" } as const }
      : entry,
  );
  expect(exitsOf({ ...run, entries })).toEqual({ run: 1, report: 1 });
});

test("a forced end is told by 7, whatever its report says: what it left set is named", () => {
  expect(exitsOf(abortedRun(), { is: "force-stopped" }).run).toBe(7);
});
