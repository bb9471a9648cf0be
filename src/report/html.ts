// The report as one HTML file: no script, nothing from outside, every text escaped. Pure.
import type { Report } from "../model/report.ts";
import { legend } from "./html/legend.ts";
import { sections } from "./html/sections.ts";
import { style } from "./html/style.ts";
import { Markup, markup } from "./markup.ts";
import { sentenceClauses } from "./sentence.ts";
import { picture } from "./svg/picture.ts";
import { localTime, machineOffset, type LocalTime } from "../model/local-time.ts";
import { instant } from "./text.ts";
import { changeWords, labWords, outcomeWords, verdictLine } from "./words.ts";

export interface HtmlOptions {
  /** Minutes ahead of UTC at which all times are shown. Default: where this machine was when the run began. */
  readonly offsetMinutes?: number;
}

export function htmlReport(report: Report, options: HtmlOptions = {}): string {
  const begun = instant(report.startedAt);
  const local = localTime(options.offsetMinutes ?? machineOffset(begun));
  const { detail } = report;
  const drawn = detail
    ? markup`<figure>${picture(report, detail, local)}${legend(report, detail)}</figure>`
    : markup`<p class="note">This report carries figures only; the picture needs its details.</p>`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${report.cluster}: ${changeWords(report)}, run ${report.run}</title>
<style>${new Markup(style)}</style>
</head>
<body>
<main>
${head(report, local)}
${drawn}
${sections(report, local)}
</main>
</body>
</html>
`.text;
}

function head(report: Report, local: LocalTime): Markup {
  const { leases, notSeen, detail } = report;
  const end = report.finishedAt === null ? ", not finished" : ` to ${local.full(instant(report.finishedAt))}`;
  const by = [...new Set((detail?.timeline.claims ?? []).map((claim) => claim.holder))].join(", then ");
  const leaseWords = leases.taken === 0 ? "no lease taken" : `leases: ${leases.taken} taken, ${leases.putBack} put back`;
  const clauses = sentenceClauses(report).map((clause) => markup`<span class="clause${clause.broken ? " broken" : ""}">${clause.text}</span> `);
  return markup`<header>
<p class="what"><strong>${report.cluster}</strong> (${report.system}), ${changeWords(report)}, ${report.mode}, run ${report.run}${report.lab === true ? markup`; <span class="look">${labWords(report.system)}</span>` : null}</p>
<p class="verdict ${report.verdict}">${verdictLine(report)}</p>
<h1>${clauses}</h1>
<p class="facts">${local.full(instant(report.startedAt))}${end} (${local.zone}), ${outcomeWords(report)}${by === "" ? "" : `, by ${by}`}; ${leaseWords}${leases.left > 0 ? markup`, <span class="look">${leases.left} left</span>` : null}; <a class="look" href="#not-seen">${notSeen.length === 1 ? "1 thing was" : `${notSeen.length} things were`} not measured</a></p>
</header>`;
}
