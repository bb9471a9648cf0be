import type { Report, ReportDetail } from "../../model/report.ts";
import type { Phase } from "../../model/step.ts";
import { markup, type Markup } from "../markup.ts";
import { kindOf } from "../svg/lanes.ts";
import { longestIsFelt } from "../svg/probe-strips.ts";

/** Only what the picture really shows. */
export function legend(report: Report, detail: ReportDetail): Markup {
  const { timeline, series } = detail;
  const has = (phase: Phase): boolean => timeline.bars.some((bar) => bar.phase === phase);
  const swatch = (kind: string): Markup =>
    markup`<svg width="16" height="12" aria-hidden="true"><rect class="${kind}" y="1" width="16" height="10"/></svg>`;
  const stroke = (kind: string): Markup =>
    markup`<svg width="18" height="12" aria-hidden="true"><line class="${kind}" x1="0" x2="18" y1="6" y2="6"/></svg>`;
  const bar = (phase: Phase): Markup => swatch(`bar ${kindOf(phase)} ${phase}`);
  const items: readonly (Markup | null)[] = [
    ...(["stop", "backup", "replace", "start"] as const).map((phase) => (has(phase) ? markup`${bar(phase)}${phase}` : null)),
    has("stage") || has("guard") || has("drain") ? markup`${bar("stage")}stage, guard, drain` : null,
    has("move") ? markup`${bar("move")}move of a role` : null,
    markup`${bar("ready")}back: ready, recover, restore`,
    timeline.bars.some((one) => one.acts === 0) ? markup`${swatch("bar waited")}waiting for a condition` : null,
    report.nodes.some((node) => node.roleBefore !== undefined)
      ? markup`<svg width="12" height="16" aria-hidden="true"><path class="role-change" d="M6,2 l5,6 l-5,6 l-5,-6 z"/></svg>role changed`
      : null,
    timeline.nodes.some((node) => node.unavailable.length > 0) ? markup`${swatch("unserved")}node not serving` : null,
    detail.windows.length > 0 ? markup`${swatch("risk")}risk window` : null,
    ...(series.length === 0
      ? []
      : [
          markup`${stroke("p99")}p99`,
          markup`${stroke("p50")}p50`,
          markup`${swatch("acknowledged")}acknowledged`,
          series.some((bucket) => bucket.refused > 0) ? markup`${swatch("refused")}refused` : null,
          series.some((bucket) => bucket.unknown > 0)
            ? markup`<svg width="8" height="12" aria-hidden="true"><circle class="unknown" cx="4" cy="6" r="3"/></svg>unknown`
            : null,
          longestIsFelt(series) ? markup`${swatch("gap")}longest gap` : null,
        ]),
    timeline.away.some((one) => one.is === "gone") ? markup`${swatch("away gone")}Stillwater gone` : null,
    timeline.away.some((one) => one.is !== "gone") ? markup`${swatch("away pause")}paused or asked` : null,
  ];
  return markup`<ul class="legend" aria-label="Legend">${items.map((item) => (item === null ? null : markup`<li>${item}</li>`))}</ul>`;
}
