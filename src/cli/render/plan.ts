// A plan as a person approves it: may I, what will be felt, what happens in which order. Pure.
import { modes, type Mode } from "../../model/goal.ts";
import type { Effect, ImpactForecast } from "../../model/impact.ts";
import type { Plan } from "../../model/plan.ts";
import type { Turn } from "../../model/step.ts";
import { isUndocumented } from "../../report/forecast.ts";
import { labWords } from "../../report/words.ts";
import { shortHash } from "../../planner/plan.ts";
import { changeOf, expectedMs, stepsOf, titleOf, unitOf } from "../../usecases/plan-words.ts";
import type { Style } from "./style.ts";
import { beside, clean, fit, labelled, lengthOf, pad, table, wrapTo } from "./text.ts";
import { about, brief, count, plural } from "./time.ts";

export function planLines(plan: Plan, style: Style, options: { readonly file?: string; readonly next?: boolean } = {}): readonly string[] {
  return [
    ...heading(plan, style),
    ...(plan.lab === true ? wrapTo(labWords(plan.system), style.columns - 2).map((line) => style.accent(`  ${line}`)) : []),
    ...facing(plan, style),
    "",
    ...turnTable(plan, style),
    "",
    ...rest(plan, style),
    ...(options.next === false
      ? []
      : ["", ...beside([`Apply with: stillwater apply ${shortHash(plan)}`, `Details: stillwater show ${shortHash(plan)} --steps`], style.columns)]),
  ];
}

function heading(plan: Plan, style: Style): readonly string[] {
  const left = `Plan ${shortHash(plan)}  ${clean(plan.cluster)} (${plan.system})  ${clean(changeOf(plan))}  ${plan.mode}`;
  const right = `by ${clean(plan.createdBy)}`;
  const title = style.strong(left);
  const gap = style.columns - lengthOf(left) - lengthOf(right);
  return gap >= 2 ? [title + " ".repeat(gap) + style.quiet(right)] : [title, `  ${style.quiet(right)}`];
}

function facing(plan: Plan, style: Style): readonly string[] {
  const { columns } = style;
  const chosen = plan.modes.find((verdict) => verdict.mode === plan.mode);
  const lines = [...labelled("mode", `${plan.mode}: ${clean(chosen?.why ?? "")}`, columns)];
  const others = modes.filter((mode) => mode !== plan.mode).map((mode) => otherMode(plan, mode));
  lines.push(...labelled("", `(${others.join("; ")})`, columns));
  const settings = Object.entries(plan.goal.settings);
  settings.forEach(([key, value], index) => lines.push(...labelled(index === 0 ? "set" : "", settingText(key, value), columns)));
  diffs(plan).forEach((line, index) => lines.push(...labelled(index === 0 ? "diff" : "", line, columns)));
  const felt = feltLines(plan.impact);
  (felt.length === 0 ? ["nothing that is known of"] : felt).forEach((line, index) =>
    lines.push(...labelled(index === 0 ? "felt" : "", line, columns)),
  );
  lines.push(
    ...labelled("undo", `${clean(plan.undoUntil)}${plan.rollsBack === null ? "" : `; this plan rolls back run ${clean(plan.rollsBack)}`}`, columns),
  );
  const takes = expectedMs(plan.turns.flatMap(stepsOf));
  if (takes !== null) lines.push(...labelled("takes", `${about(takes)}, ${plural(plan.turns.length, "turn")}`, columns));
  return lines;
}

/** What changes in which file, once for all nodes for which it is the same. */
function diffs(plan: Plan): readonly string[] {
  const nodes = new Map<string, string[]>();
  for (const { code, verdict, object, what } of plan.checks)
    if (code === "settings" && verdict === "passed") nodes.set(what, [...(nodes.get(what) ?? []), object]);
  return [...nodes].map(([what, objects]) => clean(`${what}  (${objects.length > 6 ? `${objects.length} nodes` : objects.join(", ")})`));
}

/** A secret is a reference here, never its value. */
const settingText = (key: string, value: string | null): string =>
  clean(value === null ? `${key} back to its default` : `${key} = ${value === "" ? '""' : fit(value, 200)}`);

function otherMode(plan: Plan, mode: Mode): string {
  const verdict = plan.modes.find((each) => each.mode === mode);
  const gentler = modes.indexOf(mode) < modes.indexOf(plan.mode);
  if (verdict === undefined) return `${mode} not judged`;
  if (!verdict.eligible) return `${mode} not eligible: ${clean(verdict.why)}`;
  return gentler ? `${mode} eligible, not asked for` : `${mode} not needed`;
}

const verbs: Readonly<Record<Effect, string>> = { none: "not affected", degraded: "degraded", refused: "refused", paused: "paused", lost: "lost" };

/** `reads on pg2` is of the feature `reads`, at `pg2`. */
function featureOf(row: ImpactForecast): { readonly feature: string; readonly where: string | null } {
  const cut = row.feature.indexOf(" on ");
  return cut < 0 ? { feature: row.feature, where: null } : { feature: row.feature.slice(0, cut), where: row.feature.slice(cut + 4) };
}

/** None of a thing is nothing to feel. */
const isFelt = (row: ImpactForecast): boolean => row.effect !== "none" && row.amount?.value !== 0 && !isUndocumented(row);

/** One line for each feature and effect, the worst first. */
export function feltLines(impact: readonly ImpactForecast[]): readonly string[] {
  const groups = new Map<string, ImpactForecast[]>();
  for (const row of impact) {
    if (!isFelt(row)) continue;
    const key = JSON.stringify([featureOf(row).feature, row.effect, row.basis, row.amount ?? null]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  const order: readonly Effect[] = ["lost", "refused", "paused", "degraded", "none"];
  const rank = (rows: readonly ImpactForecast[]): number => order.indexOf(rows[0]?.effect ?? "none");
  const lines = [...groups.values()].toSorted((a, b) => rank(a) - rank(b));
  // What all of them have in common is said once.
  const [basis, ...others] = new Set(lines.flatMap((rows) => rows.map((row) => row.basis)));
  const common = basis !== undefined && others.length === 0 && lines.length > 2;
  const many = lines.length > mostWithBasis;
  const silent = [...new Set(impact.filter(isUndocumented).map((row) => featureOf(row).feature))];
  return [
    ...lines.map((rows) => feltLine(rows, !common && !many)),
    ...(common ? [clean(`(basis of each: ${basis})`)] : many ? ["(basis and source of each: `stillwater impact`, and the report)"] : []),
    ...(silent.length > 0 ? [clean(`undocumented, measured all the same: ${silent.join(", ")}`)] : []),
  ];
}
/** More, and the lines that matter are lost among their reasons. */
const mostWithBasis = 8;
function feltLine(rows: readonly ImpactForecast[], withBasis: boolean): string {
  const [first] = rows;
  if (first === undefined) return "";
  const { feature } = featureOf(first);
  const where = [...new Set(rows.flatMap((row) => featureOf(row).where ?? []))];
  const why = withBasis ? ` (basis: ${first.basis})` : "";
  if (first.amount !== undefined) return clean(`${feature}: ${amountOf(first.amount)} ${verbs[first.effect]}${why}`);
  const times = [...new Set(rows.map((row) => brief(row.expectedMs)))];
  const long =
    times.length === 1
      ? `about ${times[0] ?? ""}`
      : `${brief(Math.min(...rows.map((row) => row.expectedMs)))} to ${brief(Math.max(...rows.map((row) => row.expectedMs)))}`;
  const often = rows.length === 1 ? "once, " : where.length > 1 ? "" : `${rows.length} times, `;
  const named = where.length > 6 ? `${where.length} nodes` : where.join(", ");
  // `writes paused` is a sentence; a feature of several words needs a mark where it ends.
  const colon = feature.includes(" ") ? ":" : "";
  return clean(
    `${feature}${where.length === 0 ? "" : ` on ${named}`}${colon} ${verbs[first.effect]} ${often}${long}${rows.length > 1 ? " each" : ""}${why}`,
  );
}
const amountOf = ({ value, unit }: NonNullable<ImpactForecast["amount"]>): string => `${count(value)} ${unit}`;

/** What is felt in one turn: `writes 0.4 s`; of `running work: ...` and its like the longest, the rest is above. */
function feltIn(plan: Plan, turn: Turn): string {
  const rows = plan.impact.filter((row) => row.turn === turn.id && isFelt(row));
  if (rows.length === 0) return "-";
  const groups = Map.groupBy(rows, (row) => featureOf(row).feature.split(": ")[0] ?? "");
  const words = [...groups].map(([group, of]) => {
    const [longest] = of.filter(({ amount }) => amount === undefined).toSorted((a, b) => b.expectedMs - a.expectedMs);
    const [first] = of;
    return clean(`${group} ${longest === undefined ? (first?.amount === undefined ? "" : amountOf(first.amount)) : brief(longest.expectedMs)}`);
  });
  const shown = words.length > mostInATurn ? words.slice(0, mostInATurn - 1) : words;
  return [...shown, ...(words.length > shown.length ? [`${String(words.length - shown.length)} more above`] : [])].join(", ");
}
const mostInATurn = 4;

function turnTable(plan: Plan, style: Style): readonly string[] {
  const wide = style.columns >= 120;
  const { head, rows } = table(
    [
      { title: "turn" },
      { title: "node", atMost: wide ? 40 : 16 },
      { title: "role", atMost: wide ? 24 : 12 },
      { title: "what happens", stretch: true, wraps: true },
      ...(wide ? [{ title: "steps", right: true }, { title: "takes" }] : []),
      { title: "felt", wraps: true, atMost: wide ? 40 : 18 },
    ],
    plan.turns.map((turn, index) => {
      const takes = expectedMs(stepsOf(turn));
      return [
        String(index + 1),
        clean(unitOf(turn)),
        clean(turn.role ?? "-"),
        clean(turn.title ?? stepsOf(turn).map(titleOf).join(", ")),
        ...(wide ? [String(stepsOf(turn).length), takes === null ? "-" : about(takes)] : []),
        feltIn(plan, turn),
      ];
    }),
    style.columns,
  );
  return [style.quiet(head), ...rows.flat()];
}

function rest(plan: Plan, style: Style): readonly string[] {
  const { columns } = style;
  const steps = plan.turns.flatMap(stepsOf);
  const lines = leaseAndArtefact(plan, columns);
  const asks = steps.filter((step) => step.ask !== undefined);
  for (const step of asks) lines.push(...labelled("asks", clean(`before "${titleOf(step)}": ${step.ask ?? ""}`), columns));
  if (plan.unfenced.length > 0)
    lines.push(...labelled("late", clean(`a frozen Stillwater that wakes up could still do: ${plan.unfenced.join(", ")}`), columns));
  lines.push(...labelled("checks", checkCounts(plan), columns));
  for (const check of plan.checks.filter((each) => each.verdict === "warning" || each.verdict === "not-measured")) {
    const text = `${check.object}: ${check.what}${check.verdict === "not-measured" ? " (not measured)" : ""}`;
    lines.push(...labelled("!", clean(text), columns, 2).map((line) => style.accent(line)));
  }
  for (const override of plan.overrides)
    lines.push(
      ...labelled("!", clean(`${override.code} overridden by ${override.by}: ${override.reason}`), columns, 2).map((line) => style.accent(line)),
    );
  return lines;
}

function leaseAndArtefact(plan: Plan, columns: number): string[] {
  const turns = new Map<string, number>();
  for (const turn of plan.turns)
    for (const title of new Set(stepsOf(turn).flatMap((step) => (step.held === undefined ? [] : [titleOf(step)]))))
      turns.set(title, (turns.get(title) ?? 0) + 1);
  const held = [...turns].map(([title, many]) => (many === 1 ? title : `${title} (in ${many} turns)`));
  const leases = held.length === 0 ? "none" : clean(held.join("; "));
  const { artefact } = plan.goal;
  if (artefact === null) return [...labelled("leases", leases, columns)];
  const name = clean(artefact.path.split("/").at(-1) ?? artefact.path);
  const file = `${name}  sha256 ${columns >= 120 ? artefact.sha256 : `${artefact.sha256.slice(0, 4)}...${artefact.sha256.slice(-4)}`}`;
  const both = `  leases  ${pad(leases, 10)}  artefact  ${file}`;
  return lengthOf(both) <= columns ? [both] : [...labelled("leases", leases, columns), fit(`  artefact  ${file}`, columns)];
}

function checkCounts(plan: Plan): string {
  const of = (verdict: string): number => plan.checks.filter((check) => check.verdict === verdict).length;
  const parts = [`${of("passed")} passed`];
  if (of("warning") > 0) parts.push(plural(of("warning"), "warning"));
  if (of("not-measured") > 0) parts.push(`${of("not-measured")} not measured`);
  if (of("blocker") > 0) parts.push(`${plural(of("blocker"), "blocker")} overridden`);
  return parts.join(", ");
}
