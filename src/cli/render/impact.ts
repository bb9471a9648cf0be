// What each mode would let users feel. Pure.
import type { ImpactForecast } from "../../model/impact.ts";
import { isUndocumented } from "../../report/forecast.ts";
import type { ModeImpact } from "../../usecases/impact.ts";
import type { Style } from "./style.ts";
import { clean, labelled, table } from "./text.ts";
import { about, count } from "./time.ts";

export function impactLines(forecasts: readonly ModeImpact[], style: Style): readonly string[] {
  return forecasts.flatMap((forecast, index) => [...(index === 0 ? [] : [""]), ...modeLines(forecast, style)]);
}

function modeLines({ mode, eligible, why, impact, blockers }: ModeImpact, style: Style): readonly string[] {
  const lines = [...labelled(mode, clean(`${eligible ? "" : "not eligible: "}${why}`), style.columns, 16)].map((line, index) =>
    index === 0 ? line.replace(mode, style.strong(mode)) : line,
  );
  for (const { code, object, what, price } of blockers)
    lines.push(
      ...labelled("  blocked", clean(`${code} ${object}: ${what}${price === undefined ? "" : ` (override: ${price})`}`), style.columns, 16).map(
        (line) => style.accent(line),
      ),
    );
  if (impact === null) return lines;
  if (impact.length === 0) return [...lines, "  nothing that is known of is felt"];
  const wide = style.columns >= 120;
  const groups = grouped(impact);
  // One turn for all of them tells nothing.
  const turns = new Set(groups.map(({ turns: each }) => each)).size > 1;
  const { head, rows } = table(
    [
      { title: "feature", stretch: true, wraps: true },
      ...(turns ? [{ title: "turn" }] : []),
      { title: "felt", wraps: true, atMost: wide ? 32 : 20 },
      { title: "basis", stretch: true, wraps: true },
      ...(wide ? [{ title: "source", stretch: true, wraps: true }] : []),
    ],
    groups.map(({ row, turns: each }) =>
      [row.feature, ...(turns ? [each] : []), feltWords(row), row.basis, ...(wide ? [row.source] : [])].map(clean),
    ),
    style.columns,
  );
  return [...lines, "", style.quiet(head), ...rows.flat()];
}

/** Rows that differ in their turn alone are one line. */
function grouped(impact: readonly ImpactForecast[]): readonly { readonly row: ImpactForecast; readonly turns: string }[] {
  const groups = new Map<string, ImpactForecast[]>();
  for (const row of impact) {
    const key = JSON.stringify([row.feature, feltWords(row), row.basis, row.source]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((rows) => {
    const [row] = rows;
    return row === undefined ? [] : [{ row, turns: rows.length === 1 ? row.turn : `${String(rows.length)} turns` }];
  });
}

/** Where the vendor is silent a number would be taken for a promise. */
function feltWords(row: ImpactForecast): string {
  const { effect, expectedMs, amount } = row;
  if (isUndocumented(row)) return "undocumented";
  if (amount !== undefined) return effect === "none" && amount.value === 0 ? "nothing" : `${effect} ${count(amount.value)} ${amount.unit}`;
  return effect === "none" ? "nothing" : `${effect} ${about(expectedMs)}`;
}
