import type { Plan } from "../../model/plan.ts";
import { isUndo, type Step } from "../../model/step.ts";
import { stepsOf, titleOf, unitOf } from "../../usecases/plan-words.ts";
import type { Style } from "./style.ts";
import { beside, clean, labelled, lengthOf, pad } from "./text.ts";
import { about, full, zone } from "./time.ts";

/** Every step of every turn, and where there is room the name by which `retry`, `skip` and `mark-done` take it. */
export function stepLines(plan: Plan, style: Style): readonly string[] {
  const made = Date.parse(plan.createdAt);
  const lines: string[] = [...beside([`  made  ${full(made)} ${zone(made)}`, `  hash  ${plan.hash}`], style.columns)];
  const titles = new Map(plan.turns.flatMap(stepsOf).map((step) => [step.id, titleOf(step)]));
  let number = 0;
  plan.turns.forEach((turn, index) => {
    const title = turn.title === undefined ? "" : `: ${clean(turn.title)}`;
    lines.push("", style.strong(`  turn ${index + 1}  ${clean(unitOf(turn))}${title}`));
    for (const item of turn.items) {
      if (isUndo(item)) {
        lines.push(...row("", "restore", `put back: ${titles.get(item.undo) ?? item.undo}`, "", style));
        continue;
      }
      number++;
      const takes = item.expectedMs === undefined ? "" : about(item.expectedMs);
      const name = style.columns < 120 ? "" : `   ${pad(clean(item.id), 30)}`;
      lines.push(...row(String(number), item.phase, titleOf(item), takes.padStart(12) + name, style));
      for (const note of notesOf(item)) lines.push(...labelled("", clean(note), style.columns, 18).map(style.quiet));
    }
  });
  return lines;
}

function row(number: string, phase: string, title: string, right: string, style: Style): readonly string[] {
  const room = Math.min(style.columns, 124) - lengthOf(right) - 2;
  const [first = "", ...more] = labelled(`${pad(number, 4)}  ${pad(phase, 8)}`, clean(title), room, 18);
  return [`${pad(first, room)}  ${right}`, ...more].map((line) => line.trimEnd());
}

function notesOf(step: Step): readonly string[] {
  const notes: string[] = step.note === undefined ? [] : [step.note];
  if (step.held !== undefined) notes.push(`lease; if Stillwater dies: ${step.held}`);
  if (step.ask !== undefined) notes.push(`asks: ${step.ask}`);
  if (step.commits !== undefined)
    notes.push(
      step.commits.of === "run" ? `no way back from here: ${step.commits.why}` : `an abort finishes the turn from here: ${step.commits.why}`,
    );
  if (step.may !== undefined) notes.push(`may become at most ${step.may.atMost} of: ${step.may.do.join(", ")}`);
  return notes;
}
