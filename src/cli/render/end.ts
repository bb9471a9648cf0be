import type { Report } from "../../model/report.ts";
import { terminalReport, type TerminalLine } from "../../report/terminal.ts";
import type { Style } from "./style.ts";

/** The end of a run, as the report tells it. `file`: where the whole report is; null: nowhere. */
export const endLines = (report: Report, style: Style, file: string | null): readonly string[] =>
  terminalReport(report, { width: style.columns, reportPath: file }).map((line) => painted(line, style));

function painted({ text, spans }: TerminalLine, style: Style): string {
  const paints = { look: style.accent, proved: style.proved, strong: style.strong, soft: style.quiet };
  let line = "";
  let done = 0;
  for (const { from, to, style: name } of spans) {
    line += text.slice(done, from) + paints[name](text.slice(from, to));
    done = to;
  }
  return line + text.slice(done);
}
