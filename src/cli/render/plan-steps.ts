import type { Plan } from "../../model/plan.ts";
import { isUndo, type Step } from "../../model/step.ts";
import { titleOf, unitOf } from "../../usecases/plan-words.ts";
import type { Style } from "./style.ts";
import { clean, labelled, lengthOf, pad } from "./text.ts";
import { about, full, zone } from "./time.ts";

/** Every step of every turn. */
export function stepLines(plan: Plan, style: Style): readonly string[] {
  const lines: string[] = [`  made ${full(Date.parse(plan.createdAt))} ${zone(Date.parse(plan.createdAt))}   hash ${plan.hash}`];
  let number = 0;
  plan.turns.forEach((turn, index) => {
    lines.push("", style.strong(`  turn ${index + 1}  ${clean(unitOf(turn))}${turn.title === undefined ? "" : `: ${clean(turn.title)}`}`));
    for (const item of turn.items) {
      if (isUndo(item)) {
        lines.push(...step("", "restore", `put back: ${item.undo}`, "", style));
        continue;
      }
      number++;
      lines.push(...step(String(number), item.phase, titleOf(item), item.expectedMs === undefined ? "" : about(item.expectedMs), style));
      for (const note of notesOf(item)) lines.push(...labelled("", clean(note), style.columns, 18).map((line) => style.quiet(line)));
    }
  });
  return lines;
}
function step(number: string, phase: string, title: string, takes: string, style: Style): readonly string[] {
  const right = takes === "" ? "" : `  ${takes}`;
  const [first = "", ...more] = labelled(`${pad(number, 4)}  ${pad(phase, 8)}`, clean(title), style.columns - lengthOf(right), 18);
  return [pad(first, style.columns - lengthOf(right)).slice(0, style.columns - lengthOf(right)) + right, ...more].map((line) => line.trimEnd());
}
function notesOf(item: Step): readonly string[] {
  const notes: string[] = [item.id];
  if (item.held !== undefined) notes.push(`lease; if nobody is there: ${item.held}`);
  if (item.ask !== undefined) notes.push(`asks: ${item.ask}`);
  if (item.commits !== undefined)
    notes.push(
      item.commits.of === "run" ? `no way back from here: ${item.commits.why}` : `an abort finishes the turn from here: ${item.commits.why}`,
    );
  if (item.may !== undefined) notes.push(`may become at most ${item.may.atMost} of: ${item.may.do.join(", ")}`);
  return notes;
}
