import { Option } from "commander";
import { readReport, renderReport, writeReportFile } from "../../usecases/report.ts";
import { StillwaterError } from "../../model/errors.ts";
import { defineVerb } from "../context.ts";
import { runNumber } from "../flags.ts";
import { exitOfReport, reportFile } from "../live/end.ts";
import { endLines } from "../render/end.ts";

interface Options {
  readonly format?: "json" | "md" | "html";
  readonly output?: string;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("[run]", "its number (default: the newest)")
      .addOption(new Option("--format <format>", "instead of text for the terminal").choices(["json", "md", "html"]))
      .option("--output <file>", "write it to this file"),
  examples: ["stillwater report", "stillwater report 12 --format html --output report.html"],
  exits: ["ok", "failed", "usage", "notMeasured"],
  async run(context, [run], { format, output }) {
    if (context.json && format !== undefined && format !== "json" && output === undefined)
      throw new StillwaterError("SW1001", `--json and --format ${format} contradict each other.`, {
        remedy: "Add --output FILE, or leave one of them out.",
      });
    const report = await readReport(context.workspace, run === undefined ? {} : { run: runNumber(run) });
    if (output !== undefined) {
      const wanted = format ?? (context.json || output.endsWith(".json") ? "json" : output.endsWith(".md") ? "md" : "html");
      const file = await writeReportFile(output, await renderReport(report, wanted));
      context.document({ run: report.run, format: wanted, file, verdict: report.verdict });
      context.print([`Wrote ${file}`]);
    } else if (context.json || format === "json") context.io.out.write(await renderReport(report, "json"));
    else if (format !== undefined) context.io.out.write(await renderReport(report, format));
    else context.print(endLines(report, context.style, reportFile(context, report.run)));
    return exitOfReport(report);
  },
});
