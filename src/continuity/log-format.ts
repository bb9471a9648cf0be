// The lines of the attempts log. One line is one fact; a line without its newline never became a fact.
//
//   G FORMAT GENERATION PID WALL FIRST PROBE NAME   a process of the probe began; FIRST: its first sequence; PROBE: what its keys have in common
//   T AT WALL                                   the clocks side by side
//   P INDEX PARTITION    W INDEX TEXT           texts that later lines name by index (JSON strings)
//   I SEQUENCE KIND P RECORD SALT EXPECTS DUE SENT   intent: written before the attempt is sent; EXPECTS: the write it builds on, 0 for none
//   A SEQUENCE AT        R SEQUENCE AT W        U SEQUENCE AT W      acknowledged, refused, unknown
//   N SEQUENCE AT W                             refused without an error: answered, and nothing was stored
//   S SEQUENCE AT                               about to be sent again: what was sent before may have been carried out
//   H FROM TO SKIPPED W                         the probe stood still; SKIPPED: attempts that were due meanwhile and never made
//   B AT COUNT W                                attempts that were due and not made because of a bound of our own
//   C STEP RECORD                               the positive control: `planted`, then `removed`
//   E AT                                        a clean end
//
// AT, DUE, SENT, FROM, TO: hundredths of a millisecond on the monotonic clock, since the process began. WALL: ms since 1970.
import type { ContinuityKind } from "../model/continuity.ts";

export const logFormat = 1;

export type RawLine =
  | {
      readonly is: "generation";
      readonly format: number;
      readonly generation: number;
      readonly pid: number;
      readonly wall: number;
      readonly first: number;
      readonly probe: string;
      readonly name: string;
    }
  | { readonly is: "clocks"; readonly at: number; readonly wall: number }
  | { readonly is: "partition" | "words"; readonly index: number; readonly text: string }
  | {
      readonly is: "intent";
      readonly sequence: number;
      readonly kind: ContinuityKind;
      readonly partition: number;
      readonly record: number;
      readonly salt: number;
      readonly expects: number;
      readonly due: number;
      readonly sent: number;
    }
  | { readonly is: "acknowledged"; readonly sequence: number; readonly at: number }
  | { readonly is: "refused"; readonly sequence: number; readonly at: number; readonly words: number; readonly silently?: true }
  | { readonly is: "unknown"; readonly sequence: number; readonly at: number; readonly words: number }
  | { readonly is: "again"; readonly sequence: number; readonly at: number }
  | { readonly is: "hole"; readonly from: number; readonly to: number; readonly skipped: number; readonly words: number }
  | { readonly is: "bound"; readonly at: number; readonly count: number; readonly words: number }
  | { readonly is: "control"; readonly step: ControlStep; readonly record: number }
  | { readonly is: "ended"; readonly at: number };

export type ControlStep = "planted" | "removed";

const letters = { insert: "i", "compare-and-set": "c", delete: "d" } as const satisfies Record<ContinuityKind, string>;
const kinds: Readonly<Record<string, ContinuityKind>> = { i: "insert", c: "compare-and-set", d: "delete" };

const hundredths = (ms: number): string => String(Math.max(0, Math.round(ms * 100)));

/** One line with its newline. */
export function formatLine(line: RawLine): string {
  switch (line.is) {
    case "generation":
      return `G ${String(line.format)} ${String(line.generation)} ${String(line.pid)} ${line.wall.toFixed(2)} ${String(line.first)} ${line.probe} ${JSON.stringify(line.name)}\n`;
    case "clocks":
      return `T ${hundredths(line.at)} ${line.wall.toFixed(2)}\n`;
    case "partition":
      return `P ${String(line.index)} ${JSON.stringify(line.text)}\n`;
    case "words":
      return `W ${String(line.index)} ${JSON.stringify(line.text)}\n`;
    case "intent":
      return `I ${String(line.sequence)} ${letters[line.kind]} ${String(line.partition)} ${String(line.record)} ${String(line.salt)} ${String(line.expects)} ${hundredths(line.due)} ${hundredths(line.sent)}\n`;
    case "acknowledged":
      return `A ${String(line.sequence)} ${hundredths(line.at)}\n`;
    case "refused":
      return `${line.silently === true ? "N" : "R"} ${String(line.sequence)} ${hundredths(line.at)} ${String(line.words)}\n`;
    case "unknown":
      return `U ${String(line.sequence)} ${hundredths(line.at)} ${String(line.words)}\n`;
    case "again":
      return `S ${String(line.sequence)} ${hundredths(line.at)}\n`;
    case "hole":
      return `H ${hundredths(line.from)} ${hundredths(line.to)} ${String(line.skipped)} ${String(line.words)}\n`;
    case "bound":
      return `B ${hundredths(line.at)} ${String(line.count)} ${String(line.words)}\n`;
    case "control":
      return `C ${line.step} ${String(line.record)}\n`;
    case "ended":
      return `E ${hundredths(line.at)}\n`;
  }
}

/** The whole numbers of a line from here on, each after one space; null when anything else is there. Called for every line of hours: no garbage but the list. */
function numbersFrom(text: string, start: number): readonly number[] | null {
  const numbers: number[] = [];
  let value = -1;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) value = (value < 0 ? 0 : value * 10) + code - 48;
    else if (code !== 32 || value < 0) return null;
    else {
      numbers.push(value);
      value = -1;
    }
  }
  if (value < 0) return null;
  numbers.push(value);
  return numbers;
}

/** Without its newline. Null: not a line of this format. */
export function parseLine(text: string): RawLine | null {
  const head = text.charAt(0);
  if (text[1] !== " ") return null;
  switch (head) {
    case "I": {
      const space = text.indexOf(" ", 2);
      const kind = kinds[text[space + 1] ?? ""];
      if (space === -1 || kind === undefined || text[space + 2] !== " ") return null;
      const sequence = numbersFrom(text.slice(0, space), 2);
      const rest = numbersFrom(text, space + 3);
      if (sequence?.length !== 1 || rest?.length !== 6) return null;
      const [partition = 0, record = 0, salt = 0, expects = 0, due = 0, sent = 0] = rest;
      return { is: "intent", sequence: sequence[0] ?? 0, kind, partition, record, salt, expects, due: due / 100, sent: sent / 100 };
    }
    case "C": {
      const match = /^C (planted|removed) (\d+)$/.exec(text);
      return match === null ? null : { is: "control", step: match[1] === "planted" ? "planted" : "removed", record: Number(match[2]) };
    }
    case "T": {
      const match = /^T (\d+) (\d+(?:\.\d+)?)$/.exec(text);
      return match === null ? null : { is: "clocks", at: Number(match[1]) / 100, wall: Number(match[2]) };
    }
    case "A":
    case "R":
    case "N":
    case "U":
    case "S":
    case "H":
    case "B":
    case "E":
      return parseNumbers(head, numbersFrom(text, 2));
    case "G":
    case "P":
    case "W":
      return parseText(text, head);
    default:
      return null;
  }
}

function parseNumbers(head: "A" | "R" | "N" | "U" | "S" | "H" | "B" | "E", numbers: readonly number[] | null): RawLine | null {
  if (numbers === null) return null;
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  const { length } = numbers;
  switch (head) {
    case "A":
      return length === 2 ? { is: "acknowledged", sequence: a, at: b / 100 } : null;
    case "R":
      return length === 3 ? { is: "refused", sequence: a, at: b / 100, words: c } : null;
    case "N":
      return length === 3 ? { is: "refused", sequence: a, at: b / 100, words: c, silently: true } : null;
    case "S":
      return length === 2 ? { is: "again", sequence: a, at: b / 100 } : null;
    case "U":
      return length === 3 ? { is: "unknown", sequence: a, at: b / 100, words: c } : null;
    case "H":
      return length === 4 ? { is: "hole", from: a / 100, to: b / 100, skipped: c, words: d } : null;
    case "B":
      return length === 3 ? { is: "bound", at: a / 100, count: b, words: c } : null;
    case "E":
      return length === 1 ? { is: "ended", at: a / 100 } : null;
  }
}

function parseText(text: string, head: "G" | "P" | "W"): RawLine | null {
  const match = (head === "G" ? /^G (\d+) (\d+) (\d+) (\d+(?:\.\d+)?) (\d+) ([0-9a-f]+) (".*")$/ : /^[PW] (\d+) (".*")$/).exec(text);
  if (match === null) return null;
  let held: unknown;
  try {
    held = JSON.parse(match.at(-1) ?? "");
  } catch {
    return null;
  }
  if (typeof held !== "string") return null;
  if (head !== "G") return { is: head === "P" ? "partition" : "words", index: Number(match[1]), text: held };
  const [, format, generation, pid, wall, first] = match.map(Number);
  if (format === undefined || generation === undefined || pid === undefined || wall === undefined || first === undefined) return null;
  return { is: "generation", format, generation, pid, wall, first, probe: match[6] ?? "", name: held };
}
