// What each mode would let users feel. Pure.
import type { ImpactForecast } from "../../model/impact.ts";
import type { ModeImpact } from "../../usecases/impact.ts";
import type { Style } from "./style.ts";
import { clean, labelled, table } from "./text.ts";
import { about } from "./time.ts";

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
  const { head, rows } = table(
    [
      { title: "feature", stretch: true },
      { title: "turn" },
      { title: "felt" },
      { title: "basis", stretch: true },
      ...(style.columns >= 120 ? [{ title: "source", stretch: true }] : []),
    ],
    grouped(impact).map(({ row, turns }) =>
      [row.feature, turns, feltWords(row), row.basis, ...(style.columns >= 120 ? [row.source] : [])].map(clean),
    ),
    style.columns,
  );
  return [...lines, style.quiet(head), ...rows.flat()];
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

function feltWords({ effect, expectedMs, amount }: ImpactForecast): string {
  if (amount !== undefined) return effect === "none" && amount.value === 0 ? "nothing" : `${effect} ${String(amount.value)} ${amount.unit}`;
  return effect === "none" ? "nothing" : `${effect} ${about(expectedMs)}`;
}
