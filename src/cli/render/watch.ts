// A run under way as a screen that is drawn again in place. Pure: from a view to lines.
import type { ProbeStatus } from "../../usecases/probe-status.ts";
import type { RunView, TurnRow } from "../../usecases/run-view.ts";
import { probeText } from "./probe.ts";
import { leaseText } from "./status.ts";
import type { Style } from "./style.ts";
import { clean, fit, lengthOf, pad, padStart, wrapTo } from "./text.ts";
import { at, clock, short } from "./time.ts";

export interface WatchFrame {
  readonly view: RunView;
  readonly probe: ProbeStatus | null;
  readonly now: number;
  /** Rows of the terminal. */
  readonly height: number;
  /** Show the steps of the open turn too. */
  readonly details: boolean;
  /** What the last line says instead of the keys: `pausing`. */
  readonly notice: string | null;
  /** Null: no keys can be read. */
  readonly keys: string | null;
}

export function watchLines(frame: WatchFrame, style: Style): readonly string[] {
  const { view, probe } = frame;
  const { columns } = style;
  const lines = [head(frame, style), ...rowLines(frame, style)];
  if (frame.details) lines.push(...detailLines(view, style, frame.now));
  lines.push(fit(`probe  ${probe === null ? "-" : probeText(probe, columns - 7)}`, columns));
  const leases = leaseText(view);
  const keys = frame.notice ?? frame.keys ?? "";
  const lease = `lease  ${leases === "none" ? "-" : clean(leases)}`;
  if (lengthOf(lease) + lengthOf(keys) + 2 <= columns) {
    const gap = Math.max(2, Math.min(24, columns - lengthOf(lease) - lengthOf(keys)));
    lines.push(lease + " ".repeat(keys === "" ? 0 : gap) + (frame.notice === null ? style.quiet(keys) : style.accent(keys)));
  } else {
    lines.push(
      fit(lease, columns),
      ...(lengthOf(keys) <= columns ? [keys] : wrapTo(keys, columns)).map((line) => (frame.notice === null ? style.quiet(line) : style.accent(line))),
    );
  }
  return lines;
}

function head({ view, now }: WatchFrame, style: Style): string {
  const turn = view.turn === null ? "" : `  turn ${view.turn.number} of ${view.turn.of}`;
  const state = view.state === "running" ? "" : `  ${view.state}`;
  const end = view.expectedEnd === null ? "" : `   expected end ${at(view.expectedEnd, now)}`;
  const text = `${clean(view.cluster)}  ${clean(view.change)}  run ${view.run}${turn}${state}  ${clock(view.elapsedMs)}`;
  const whole = lengthOf(text) + lengthOf(end) <= style.columns ? text + end : text;
  return style.strong(fit(whole, style.columns));
}

/** As many rows as the terminal has room for, around what happens now. */
function rowLines(frame: WatchFrame, style: Style): readonly string[] {
  const { rows } = frame.view;
  const room = Math.max(3, frame.height - 8 - (frame.details ? frame.view.known.length + 1 : 0));
  const active = rows.findLastIndex((row) => row.state === "active");
  const here = active >= 0 ? active : rows.findLastIndex((row) => row.state === "done");
  const first = rows.length <= room ? 0 : Math.max(0, Math.min(here - Math.floor(room / 2), rows.length - room));
  const shown = rows.slice(first, first + room);
  const widths = {
    unit: Math.min(20, Math.max(...shown.map((row) => lengthOf(row.unit)))),
    role: Math.min(12, Math.max(...shown.map((row) => lengthOf(row.role ?? "-")))),
    version: Math.max(...shown.map((row) => lengthOf(row.version ?? "-"))),
  };
  const lines = shown.flatMap((row) => linesOf(row, widths, frame, style));
  const done = rows.slice(0, first).length;
  const after = rows.length - first - shown.length;
  return [...(done > 0 ? [style.quiet(`  ${done} earlier turns`)] : []), ...lines, ...(after > 0 ? [style.quiet(`  ${after} more turns`)] : [])];
}

/** One line, and a second one where what is waited for needs it. */
function linesOf(
  row: TurnRow,
  widths: { readonly unit: number; readonly role: number; readonly version: number },
  { view, now }: WatchFrame,
  style: Style,
): readonly string[] {
  const cells = [
    pad(fit(clean(row.unit), widths.unit), widths.unit),
    pad(fit(clean(row.role ?? "-"), widths.role), widths.role),
    pad(clean(row.version ?? "-"), widths.version),
  ].join("  ");
  const lead = `  ${cells}  `;
  const current = view.turn?.number === row.number && row.state === "active";
  const phase =
    row.state === "active" ? (current ? (view.step?.phase ?? row.phase ?? "") : (row.phase ?? "waits")) : row.state === "next" ? "-" : row.state;
  const step = current ? view.step : null;
  // Of what is under way the step's own clock, of the rest the turn's.
  const elapsedMs = step?.since == null ? row.elapsedMs : Math.max(0, now - step.since);
  const elapsed = elapsedMs === null || row.state === "next" ? "" : short(elapsedMs);
  const expected = step?.expectedMs == null || step.since === null ? "" : ` of about ${short(Math.max(1000, step.expectedMs))}`;
  const waits = step?.state == null || step.state === "under way" ? "" : "waiting: ";
  // The cluster's own turns have nothing else that tells them apart.
  const titled = row.unit === "cluster" && row.title !== null ? clean(row.title) : "";
  const what = step === null ? titled : waits === "" ? clean(step.title) : clean(step.state ?? "");
  const begin = `${lead}${pad(phase, 8)}  ${padStart(elapsed, 5)}`;
  const [whole, alone] = [`${begin}${expected}   ${waits}${what}`.trimEnd(), `${begin}${expected}  ${what}`.trimEnd()];
  const fits = [whole, alone].find((text) => lengthOf(text) <= style.columns);
  const cut = fit(`${begin}  ${what}`, style.columns);
  const lines =
    fits !== undefined ? [fits] : current ? [fit(`${begin}${expected}`, style.columns), fit(`      ${waits}${what}`, style.columns)] : [cut];
  return lines.map((text) => {
    if (row.state === "next") return style.quiet(text);
    if (current && view.state !== "running") return style.accent(text);
    return current ? style.strong(text) : text;
  });
}

function detailLines(view: RunView, style: Style, now: number): readonly string[] {
  return [
    "",
    ...view.known.map((known) => {
      const when = known.at === null ? "" : at(known.at, now);
      const line = fit(`  ${pad(known.is, 9)}  ${pad(when, 8)}  ${clean(known.title)}`, style.columns);
      return known.is === "not begun" ? style.quiet(line) : line;
    }),
  ];
}
