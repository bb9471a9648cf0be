// The command that a refusal prints: exactly what to type to go on anyway. Pure.
import type { Goal, Mode } from "../../../model/goal.ts";

export interface Proceeding {
  readonly mode?: Mode;
  /** Codes of the blockers that are accepted. */
  readonly overrides?: readonly string[];
  readonly options?: Readonly<Record<string, string>>;
}

const plain = /^[A-Za-z0-9_@%+=:,./-]+$/;
/** As a POSIX shell reads it back. */
const word = (text: string): string => (plain.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`);

export function planCommand(goal: Goal, { mode, overrides = [], options = {} }: Proceeding = {}): string {
  const words = ["stillwater", "plan"];
  if (goal.version !== null) words.push("--to", word(goal.version));
  if (goal.artefact !== null) words.push("--artifact", word(goal.artefact.path));
  for (const [key, value] of Object.entries(goal.settings))
    words.push(...(value === null ? ["--unset", word(key)] : ["--set", word(`${key}=${value}`)]));
  if (goal.restart) words.push("--restart");
  if (goal.only !== null) words.push("--only", word(goal.only.join(",")));
  const wanted = mode ?? goal.mode;
  if (wanted !== "auto") words.push("--mode", wanted);
  // What local files told is read again.
  const own = Object.entries({ ...goal.options, ...options }).filter(([key]) => !key.includes("."));
  for (const [key, value] of own) words.push("-o", word(`${key}=${value}`));
  for (const code of overrides) words.push("--override", code);
  if (overrides.length > 0) words.push("--reason", '"..."');
  return words.join(" ");
}
