// Flags that a verb did not declare: options of a system's own, written as flags.
import { StillwaterError } from "../model/errors.ts";

/** `HOST:PORT --user ana --tls=off`: the target (empty: none), and what the system makes of the rest. Error SW1001. */
export function ownFlags(words: readonly string[], verb: string): { readonly target: string; readonly flags: Readonly<Record<string, string>> } {
  const flags: Record<string, string> = {};
  let target: string | null = null;
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    const named = /^--([a-z][a-z0-9.-]*)(?:=(.*))?$/s.exec(word);
    if (named === null) {
      if (target !== null || word.startsWith("-"))
        throw new StillwaterError("SW1001", `${JSON.stringify(word)} is one word too many.`, {
          object: word,
          remedy: `See stillwater ${verb} --help.`,
        });
      target = word;
      continue;
    }
    const [, name = "", attached] = named;
    const value = attached ?? words[++index];
    if (value === undefined || (attached === undefined && value.startsWith("--")))
      throw new StillwaterError("SW1001", `--${name} needs a value.`, { object: `--${name}`, remedy: `See stillwater ${verb} --help.` });
    if (Object.hasOwn(flags, name)) throw new StillwaterError("SW1001", `--${name} is given twice.`, { object: `--${name}` });
    flags[name] = value;
  }
  return { target: target ?? "", flags };
}
