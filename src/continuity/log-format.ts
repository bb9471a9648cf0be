// The lines of the attempts log. One line is one fact; a line without its newline never became a fact.
//
//   G FORMAT GENERATION PID WALL FIRST PROBE NAME   a process of the probe began; FIRST: its first sequence; PROBE: what its keys have in common
//   T AT WALL                                   the clocks side by side
//   P INDEX PARTITION    W INDEX TEXT           texts that later lines name by index (JSON strings)
//   I SEQUENCE KIND P RECORD SALT EXPECTS DUE SENT   intent: written before the attempt is sent; EXPECTS: the write it builds on, 0 for none
//   A SEQUENCE AT        R SEQUENCE AT W        U SEQUENCE AT W      acknowledged, refused, unknown
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
  | { readonly is: "refused" | "unknown"; readonly sequence: number; readonly at: number; readonly words: number }
  | { readonly is: "hole"; readonly from: number; readonly to: number; readonly skipped: number; readonly words: number }
  | { readonly is: "bound"; readonly at: number; readonly count: number; readonly words: number }
  | { readonly is: "control"; readonly step: ControlStep; readonly record: number }
  | { readonly is: "ended"; readonly at: number };

export type ControlStep = "planted" | "removed";

const letters = { insert: "i", "compare-and-set": "c", delete: "d" } as const satisfies Record<ContinuityKind, string>;
const kinds: Readonly<Record<string, ContinuityKind>> = { i: "insert", c: "compare-and-set", d: "delete" };

const hundredths = (ms: number): string => String(Math.round(ms * 100));

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
      return `R ${String(line.sequence)} ${hundredths(line.at)} ${String(line.words)}\n`;
    case "unknown":
      return `U ${String(line.sequence)} ${hundredths(line.at)} ${String(line.words)}\n`;
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

const number = /^-?[0-9]+(?:\.[0-9]+)?$/;

/** Without its newline. Null: not a line of this format. */
export function parseLine(text: string): RawLine | null {
  const head = text[0];
  if (head === "G" || head === "P" || head === "W") return parseText(text, head);
  const fields = text.split(" ");
  const numbers: number[] = [];
  for (const [index, field] of fields.entries()) {
    if (index === 0 || (index === 1 && head === "C") || (index === 2 && head === "I")) {
      numbers.push(0);
    } else if (number.test(field)) {
      numbers.push(Number(field));
    } else {
      return null;
    }
  }
  const [, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = numbers;
  switch (`${head ?? ""}${String(fields.length)}`) {
    case "I9": {
      const kind = kinds[fields[2] ?? ""];
      return kind === undefined
        ? null
        : { is: "intent", sequence: a, kind, partition: c, record: d, salt: e, expects: f, due: g / 100, sent: h / 100 };
    }
    case "A3":
      return { is: "acknowledged", sequence: a, at: b / 100 };
    case "R4":
      return { is: "refused", sequence: a, at: b / 100, words: c };
    case "U4":
      return { is: "unknown", sequence: a, at: b / 100, words: c };
    case "T3":
      return { is: "clocks", at: a / 100, wall: b };
    case "H5":
      return { is: "hole", from: a / 100, to: b / 100, skipped: c, words: d };
    case "B4":
      return { is: "bound", at: a / 100, count: b, words: c };
    case "C3":
      return fields[1] === "planted" || fields[1] === "removed" ? { is: "control", step: fields[1], record: b } : null;
    case "E2":
      return { is: "ended", at: a / 100 };
    default:
      return null;
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
