// The last screen of a run: did we lose anything, and what to do next.
import { existsSync } from "node:fs";
import { relative } from "node:path";
import { exitCodes } from "../../model/errors.ts";
import type { Report } from "../../model/report.ts";
import { readReport } from "../../usecases/report.ts";
import { hasEnded, type RunResult } from "../../usecases/run-types.ts";
import { statusOf } from "../../usecases/status.ts";
import type { Context } from "../context.ts";
import { endLines } from "../render/end.ts";
import { statusLines } from "../render/status.ts";

/** Returns the exit code. */
export async function tellEnd(context: Context, result: RunResult): Promise<number> {
  const report = hasEnded(result.outcome) ? await readReport(context.workspace, { run: result.run }) : null;
  context.document({ ...result, report });
  if (!context.json) {
    if (report === null) {
      const status = await statusOf(context.workspace, { run: result.run });
      context.print([
        "",
        ...statusLines(status, context.style, context.io.now()),
        `For support: ${shortPath(context.workspace.runDirectory(result.run))}`,
      ]);
    } else context.print(["", ...endLines(report, context.style, reportFile(context, result.run))]);
  }
  return exitOf(result, report);
}

/** Where the run's HTML report is, as short as it can be said; null: it was not written. */
export const reportFile = (context: Context, run: number): string | null => {
  const file = `${context.workspace.runDirectory(run)}/report.html`;
  return existsSync(file) ? shortPath(file) : null;
};
function shortPath(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith("..") ? path : short;
}

/** The exit code of a run, as the table of exit codes says. */
export function exitOf(result: RunResult, report: Report | null): number {
  switch (result.outcome.is) {
    case "succeeded":
      return report === null ? exitCodes.notMeasured.code : exitOfReport(report);
    case "aborted":
      return exitOfAborted(report);
    case "force-stopped":
      return exitCodes.aborted.code;
    case "paused":
    case "asks":
      return exitCodes.needsOperator.code;
  }
}
/** An abort that left something set, or data lost, is what its report says of it. */
export const exitOfAborted = (report: Report | null): number => (report?.verdict === "fail" ? exitCodes.failed : exitCodes.aborted).code;
export const exitOfReport = (report: Report): number =>
  ({ pass: exitCodes.ok, fail: exitCodes.failed, "not-measured": exitCodes.notMeasured })[report.verdict].code;
