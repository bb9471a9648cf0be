import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { StillwaterError } from "../model/errors.ts";
import type { Report } from "../model/report.ts";
import { reportOf } from "./conclude.ts";
import { findRun } from "./runs.ts";
import type { Workspace } from "./workspace.ts";

export type ReportFormat = "text" | "json" | "md" | "html";

/** The report of a run, finished or not. Without a number: of the newest run. Error SW1004. */
export async function readReport(workspace: Workspace, request: { readonly run?: number } = {}): Promise<Report> {
  const record = await findRun(workspace, { cluster: null, ...request });
  if (record === null) throw new StillwaterError("SW1004", "There is no run to report on.", {});
  return reportOf(workspace, record);
}

/** A report as text. `text` is for the terminal. */
export async function renderReport(report: Report, format: Exclude<ReportFormat, "text">): Promise<string> {
  switch (format) {
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "md":
      return (await import("../report/markdown.ts")).markdownReport(report);
    case "html":
      return (await import("../report/html.ts")).htmlReport(report);
  }
}

/** Writes a report where the operator wants it; an existing file is replaced, because a report is computed again at any time. Error SW1001. */
export async function writeReportFile(file: string, text: string): Promise<string> {
  const path = resolve(file);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text, { mode: 0o600 });
  } catch (error) {
    throw new StillwaterError("SW1001", `The report cannot be written: ${error instanceof Error ? error.message : String(error)}.`, {
      object: path,
      cause: error,
    });
  }
  return path;
}
