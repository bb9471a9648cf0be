import type { Check, NodeView } from "../../model/facts.ts";
import type { ModeVerdict } from "../../model/goal.ts";
import type { FactTable, SettingView } from "../../model/driver.ts";
import type { Style } from "./style.ts";
import { clean, labelled, lengthOf, table, wrapTo } from "./text.ts";

export function nodeLines(nodes: readonly NodeView[], style: Style): readonly string[] {
  const { head, rows } = table(
    [
      { title: "node" },
      { title: "role", atMost: 16 },
      { title: "endpoint", atMost: 32 },
      { title: "runs" },
      { title: "installed" },
      { title: "state" },
      { title: "detail", stretch: true, wraps: true },
    ],
    nodes.map((node) => [node.name, node.role, node.endpoint, node.version ?? "-", node.installed ?? "-", node.state, node.detail].map(clean)),
    style.columns,
  );
  return [
    style.quiet(head),
    ...rows.flatMap((lines, index) => (nodes[index]?.state === "serving" ? lines : lines.map((line) => style.accent(line)))),
  ];
}

export function settingLines(settings: readonly SettingView[], style: Style): readonly string[] {
  const told = settings.some(({ evidence }) => evidence !== undefined);
  const { head, rows } = table(
    [
      { title: "setting" },
      { title: "value", wraps: true, ...(told ? { atMost: 24 } : { stretch: true }) },
      { title: "takes effect by" },
      ...(told ? [{ title: "seen", stretch: true, wraps: true }] : []),
    ],
    settings.map((setting) =>
      [setting.key, setting.secret ? "(secret)" : (setting.value ?? "-"), setting.apply, ...(told ? [setting.evidence ?? ""] : [])].map(clean),
    ),
    style.columns,
  );
  return [style.quiet(head), ...rows.flat()];
}

/** What is sick is always shown; the rest where it was asked for. */
export function factTableLines(tables: readonly FactTable[], style: Style, whole: (name: string) => boolean): readonly string[] {
  const shownOf = ({ name, rows }: FactTable): FactTable["rows"] => (whole(name) ? rows : rows.filter((row) => row.sick));
  const quiet = tables.filter((each) => shownOf(each).length === 0);
  const counts = quiet.map(({ name, rows }) => `${name} ${String(rows.length)}`).join(", ");
  const hint = quiet.some(({ rows }) => rows.length > 0) ? style.quiet("  (--table all lists them)") : "";
  const summary = quiet.length === 0 ? [] : ["", `${counts}: nothing to look at${hint}`];
  return [...summary, ...tables.filter((each) => !quiet.includes(each)).flatMap((each) => shownTable(each, shownOf(each), style))];
}
function shownTable({ name, columns, rows }: FactTable, shown: FactTable["rows"], style: Style): readonly string[] {
  const sick = rows.filter((row) => row.sick).length;
  const title = `${name}: ${String(rows.length)}${sick === 0 ? "" : `, ${style.accent(`${String(sick)} to look at`)}`}`;
  // A column in which nothing stands takes room from the others.
  const used = columns.map((_, index) => index).filter((index) => shown.some(({ cells }) => (cells[index] ?? "") !== ""));
  const words = used.at(-1) ?? 0;
  const others = used.slice(0, -1);
  const widthOf = (index: number): number => Math.max(lengthOf(columns[index] ?? ""), ...shown.map(({ cells }) => lengthOf(cells[index] ?? "")));
  const room = style.columns - others.reduce((sum, index) => sum + widthOf(index) + 2, 2);
  // Where the words would stand in a narrow column they go below their row.
  const below = room < Math.min(30, widthOf(words)) && others.length > 0;
  const made = table(
    (below ? others : used).map((index) => ({ title: columns[index] ?? "", ...(!below && index === words ? { stretch: true, wraps: true } : {}) })),
    shown.map(({ cells }) => (below ? others : used).map((index) => clean(cells[index] ?? ""))),
    style.columns,
  );
  const said = (cell: string): readonly string[] =>
    below && cell !== "" ? wrapTo(clean(cell), style.columns - 6).map((line) => `      ${line}`) : [];
  return [
    "",
    title,
    style.quiet(made.head),
    ...made.rows.flatMap((row, index) => {
      const lines = [...row, ...said(shown[index]?.cells[words] ?? "")];
      return shown[index]?.sick ? lines.map((line) => style.accent(line)) : lines;
    }),
  ];
}

/** Blockers first, then warnings, then what could not be measured; what passed only as a number unless `all`. */
export function checkLines(checks: readonly Check[], style: Style, all: boolean): readonly string[] {
  const lines: string[] = [];
  const of = (verdict: Check["verdict"]): readonly Check[] => checks.filter((check) => check.verdict === verdict);
  const show = (check: Check, mark: string, paint: (text: string) => string): void => {
    lines.push(...labelled(mark, clean(`${check.code}  ${check.object}: ${check.what}`), style.columns, 9).map(paint));
    if (check.verdict === "passed") return;
    if (check.remedy !== undefined) lines.push(...labelled("", clean(`do: ${check.remedy}`), style.columns, 9));
    if (check.price !== undefined) lines.push(...labelled("", clean(`price of an override: ${check.price}`), style.columns, 9));
  };
  for (const check of of("blocker")) show(check, "blocker", style.accent);
  for (const check of of("warning")) show(check, "warning", style.accent);
  for (const check of of("not-measured")) show(check, "unknown", style.accent);
  if (all) for (const check of of("passed")) show(check, "passed", style.proved);
  const passed = of("passed").length;
  lines.push(`  ${style.proved(`${passed} passed`)}${all || passed === 0 ? "" : style.quiet("  (--all lists them)")}`);
  return lines;
}

export const modeLines = (modes: readonly ModeVerdict[], style: Style): readonly string[] =>
  modes.flatMap((verdict) => labelled(verdict.mode, clean(`${verdict.eligible ? "eligible" : "not eligible"}: ${verdict.why}`), style.columns, 15));
