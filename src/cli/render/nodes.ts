import type { Check, NodeView } from "../../model/facts.ts";
import type { ModeVerdict } from "../../model/goal.ts";
import type { FactTable, SettingView } from "../../model/driver.ts";
import type { Style } from "./style.ts";
import { clean, labelled, lengthOf, table, wrapTo } from "./text.ts";
import { full, zone } from "./time.ts";

export function nodeLines(nodes: readonly NodeView[], style: Style): readonly string[] {
  // Only what is installed and does not run yet tells something.
  const waits = nodes.some(({ installed, version }) => installed !== null && installed !== version);
  const { head, rows } = table(
    [
      { title: "node" },
      { title: "role", atMost: 16 },
      { title: "endpoint", atMost: 32 },
      { title: "version" },
      ...(waits ? [{ title: "installed" }] : []),
      { title: "state" },
      { title: "detail", stretch: true, wraps: true },
    ],
    nodes.map((node) =>
      [node.name, node.role, node.endpoint, node.version ?? "-", ...(waits ? [node.installed ?? "-"] : []), node.state, node.detail].map(clean),
    ),
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
  const hint = quiet.some(({ rows }) => rows.length > 0) ? "  (--table all lists them)" : "";
  const line = `${counts}: nothing to look at`;
  const told = lengthOf(line + hint) <= style.columns ? [line + style.quiet(hint)] : wrapTo(`${line} ${hint.trim()}`, style.columns);
  const summary = quiet.length === 0 ? [] : ["", ...told];
  return [...summary, ...tables.filter((each) => !quiet.includes(each)).flatMap((each) => shownTable(each, shownOf(each), style))];
}
function shownTable({ name, columns, rows }: FactTable, shown: FactTable["rows"], style: Style): readonly string[] {
  const sick = rows.filter((row) => row.sick).length;
  const title = `${name}: ${String(rows.length)}${sick === 0 ? "" : `, ${style.accent(`${String(sick)} to look at`)}`}`;
  const texts = shown.map(({ cells }) => columns.map((_, index) => localTime(clean(cells[index] ?? ""))));
  const titles = columns.map((column, index) => {
    const time = shown.map(({ cells }) => cells[index] ?? "").find((cell) => instant.test(cell));
    return time === undefined ? column : `${column} (${zone(Date.parse(time))})`;
  });
  // A column in which nothing stands takes room from the others.
  const used = columns.map((_, index) => index).filter((index) => texts.some((cells) => !isNothing(cells[index])));
  const words = used.at(-1) ?? 0;
  const others = used.slice(0, -1);
  const widthOf = (index: number): number => Math.max(lengthOf(titles[index] ?? ""), ...texts.map((cells) => lengthOf(cells[index] ?? "")));
  const widthOfAll = (indexes: readonly number[]): number => indexes.reduce((sum, index) => sum + widthOf(index) + 2, 2);
  // Where the words would stand in a narrow column they go below their row; so do columns for which the screen is too narrow, each with its name.
  const below = style.columns - widthOfAll(others) < Math.min(30, widthOf(words)) && others.length > 0;
  const beside: number[] = [];
  for (const index of others) if (beside.length === 0 || widthOfAll([...beside, index]) - 2 <= style.columns) beside.push(index);
  const under = others.filter((index) => !beside.includes(index));
  const made = table(
    (below ? beside : used).map((index) => ({ title: titles[index] ?? "", ...(!below && index === words ? { stretch: true, wraps: true } : {}) })),
    texts.map((cells) => (below ? beside : used).map((index) => cells[index] ?? "")),
    style.columns,
  );
  const said = (cells: readonly string[]): readonly string[] => {
    const named = under.filter((index) => !isNothing(cells[index])).map((index) => `${titles[index] ?? ""} ${cells[index] ?? ""}`);
    const last = below && !isNothing(cells[words]) ? [under.length > 0 ? `${titles[words] ?? ""} ${cells[words] ?? ""}` : (cells[words] ?? "")] : [];
    const text = [...named, ...last].join(", ");
    return text === "" ? [] : wrapTo(text, style.columns - 6).map((each) => `      ${each}`);
  };
  return [
    "",
    title,
    style.quiet(made.head),
    ...made.rows.flatMap((row, index) => {
      const lines = [...row, ...said(texts[index] ?? [])];
      return shown[index]?.sick ? lines.map((each) => style.accent(each)) : lines;
    }),
  ];
}
const isNothing = (cell: string | undefined): boolean => cell === undefined || cell === "" || cell === "-";
/** Tables are data, and have their times in UTC; a person reads them by his own clock. */
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
const localTime = (cell: string): string => (instant.test(cell) ? full(Date.parse(cell)) : cell);

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
