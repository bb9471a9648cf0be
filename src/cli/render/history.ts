import type { History, PastRun } from "../../usecases/history.ts";
import { hhhmmss } from "../../report/record.ts";
import type { Style } from "./style.ts";
import { clean, labelled, table } from "./text.ts";
import { clock, full, zone } from "./time.ts";

export function historyLines(history: History, style: Style): readonly string[] {
  const { runs, plans, damaged } = history;
  if (runs.length === 0 && plans.length === 0 && damaged.length === 0) return ["No run and no plan yet. Begin with: stillwater plan --help"];
  const lines: string[] = [];
  if (runs.length > 0) {
    const { head, rows } = table(
      [
        { title: "run", right: true },
        { title: "cluster", stretch: true },
        { title: "change", stretch: true, wraps: true },
        { title: "mode" },
        { title: "outcome" },
        { title: `begun (${zone(runs[0]?.startedAt ?? 0)})` },
        { title: "took" },
        ...(style.columns >= 120 ? [{ title: "by" }, { title: "plan" }] : []),
      ],
      runs.map((run) =>
        [
          String(run.run),
          run.cluster,
          run.change,
          run.mode.replace("-downtime", ""),
          outcomeOf(run),
          full(run.startedAt).slice(0, 16),
          clock(run.durationMs),
          ...(style.columns >= 120 ? [run.operator, run.plan] : []),
        ].map(clean),
      ),
      style.columns,
    );
    lines.push(style.quiet(head), ...rows.flatMap((row, index) => row.map((line) => paint(runs[index], line, style))));
  }
  const unused = plans.filter((plan) => plan.runs.length === 0);
  if (unused.length > 0) {
    const { head, rows } = table(
      [
        { title: "plan" },
        { title: "cluster", stretch: true },
        { title: "change", stretch: true, wraps: true },
        { title: "mode" },
        { title: "made" },
        { title: "by" },
      ],
      unused.map((plan) =>
        [plan.plan, plan.cluster, plan.change, plan.mode.replace("-downtime", ""), full(Date.parse(plan.createdAt)).slice(0, 16), plan.createdBy].map(
          clean,
        ),
      ),
      style.columns,
    );
    lines.push(...(lines.length > 0 ? ["", "Plans that were not applied:"] : []), style.quiet(head), ...rows.flat());
  }
  for (const { file, why } of damaged) lines.push(...labelled("!", clean(`${file}: ${why}`), style.columns, 2).map((line) => style.accent(line)));
  return lines;
}

/** One block a run, in the vendor's words for a record of an upgrade. */
export function recordLines({ runs, plans }: History, style: Style): readonly string[] {
  const configuring = plans.filter((plan) => plan.runs.length === 0);
  if (runs.length === 0 && configuring.length === 0) return ["No run and no plan yet. Begin with: stillwater plan --help"];
  const [first] = runs;
  const blocks = runs.map(({ run, cluster, mode, record }) => {
    const { initialVersion, targetVersion, startedAt, durationMs, maintenance, instants, status } = record;
    const row = (label: string, text: string): readonly string[] => labelled(label, clean(text), style.columns, 24);
    return [
      style.strong(clean(`run ${String(run)}  ${cluster}  ${status}`)),
      ...row("initial version", initialVersion ?? "not known"),
      ...row("target version", targetVersion ?? "the same"),
      ...row("mode", mode),
      ...row("upgrade", `${startedAt === null ? "not begun" : full(startedAt)}, ${durationMs === null ? "not ended" : hhhmmss(durationMs)}`),
      ...row(
        "maintenance",
        maintenance === null
          ? "none"
          : `${full(maintenance.startedAt)}, ${maintenance.durationMs === null ? "not ended" : hhhmmss(maintenance.durationMs)}`,
      ),
      ...instants.flatMap(({ instant, at }) => row(instant, full(at))),
    ];
  });
  const zoneLine = first === undefined ? [] : [style.quiet(`times in ${zone(first.startedAt)}, durations as hhh:mm:ss`)];
  const unused = configuring.map((plan) => style.strong(clean(`plan ${plan.plan}  ${plan.cluster}  Configuring`)));
  return [...zoneLine, ...blocks.flatMap((block) => ["", ...block]), ...(unused.length > 0 ? ["", ...unused] : [])];
}

const outcomeOf = (run: PastRun): string => {
  if (run.outcome !== "succeeded") return run.outcome;
  switch (run.verdict) {
    case "pass":
      return "proved";
    case "fail":
      return "FAILED";
    case "not-measured":
      return "not measured";
    case null:
      return "succeeded";
  }
};
const paint = (run: PastRun | undefined, line: string, style: Style): string => {
  if (run?.verdict === "pass" && run.outcome === "succeeded") return line.replace("proved", style.proved("proved"));
  return run?.verdict === "fail" || run?.outcome === "stopped" || run?.outcome === "asks" || run?.outcome === "paused" ? style.accent(line) : line;
};
