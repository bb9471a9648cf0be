import { ServerError } from "../logic/node.ts";
import type { Atom, ScalarType } from "../value.ts";
import { dayNumber } from "./temporal.ts";

export type Token =
  | { readonly is: "name"; readonly text: string }
  | { readonly is: "value"; readonly type: ScalarType; readonly value: Atom }
  /** One run of backticks without blanks is one vector. */
  | { readonly is: "symbols"; readonly items: readonly string[] }
  | { readonly is: "mark"; readonly text: string }
  | { readonly is: "end-of-line" };

const MARKS = [
  "==",
  "!=",
  "<=",
  ">=",
  "<>",
  "&&",
  "||",
  "->",
  "..",
  "::",
  "+",
  "-",
  "*",
  "/",
  "%",
  "<",
  ">",
  "=",
  "!",
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ",",
  ";",
  ".",
  ":",
  "$",
  "@",
  "?",
];
const DATE_TIME = /^(\d{4})\.(\d{2})\.(\d{2})(?:[T ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}|\d{6}|\d{9}))?)?(?!\d|\.\d)/;
const NUMBER = /^(\d+\.\d+(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+|\.\d+|\d+)([lhcfdLHCFD]?)(?![\w])/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(?!\d)/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/** Error ServerError as the server's parser has it. */
export function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const letter = text[at] ?? "";
    if (letter === "\n") {
      tokens.push({ is: "end-of-line" });
      at += 1;
    } else if (/\s/.test(letter)) at += 1;
    else if (rest.startsWith("//") || (letter === "#" && tokens.length === 0)) at += rest.includes("\n") ? rest.indexOf("\n") : rest.length;
    else if (rest.startsWith("/*")) at += rest.includes("*/") ? rest.indexOf("*/") + 2 : rest.length;
    else if (letter === '"' || letter === "'") {
      const { value, length } = quoted(rest);
      tokens.push({ is: "value", type: "string", value });
      at += length;
    } else if (letter === "`") {
      const run = /^(?:`[^\s`,()[\]{};]*)+/.exec(rest)?.[0] ?? "`";
      const items = run.split("`").slice(1);
      tokens.push(items.length === 1 ? { is: "value", type: "string", value: items[0] ?? "" } : { is: "symbols", items });
      at += run.length;
    } else if (/\d/.test(letter) || (letter === "." && /^\.\d/.test(rest) && tokens.at(-1)?.is !== "name")) {
      const { token, length } = numeric(rest);
      tokens.push(token);
      at += length;
    } else {
      const name = /^[A-Za-z_]\w*(?:!(?!=))?/.exec(rest)?.[0];
      const mark = MARKS.find((each) => rest.startsWith(each));
      if (name !== undefined) tokens.push({ is: "name", text: name });
      else if (mark !== undefined) tokens.push({ is: "mark", text: mark });
      else throw new ServerError(`Syntax Error: [line #${String(text.slice(0, at).split("\n").length)}] Cannot recognize the token ${letter}`);
      at += (name ?? mark ?? " ").length;
    }
  }
  return tokens;
}

function quoted(rest: string): { readonly value: string; readonly length: number } {
  const quote = rest[0];
  let value = "";
  for (let at = 1; at < rest.length; at += 1) {
    const letter = rest[at] ?? "";
    if (letter === quote) return { value, length: at + 1 };
    if (letter === "\\") {
      at += 1;
      const escaped = rest[at] ?? "";
      value += ESCAPES[escaped] ?? escaped;
    } else value += letter;
  }
  throw new ServerError("Syntax Error: a string is not closed.");
}
function numeric(rest: string): { readonly token: Token; readonly length: number } {
  const temporal = DATE_TIME.exec(rest);
  if (temporal !== null) return { token: dateTime(temporal), length: temporal[0].length };
  const time = TIME.exec(rest);
  if (time !== null) {
    const seconds = Number(time[1]) * 3_600 + Number(time[2]) * 60 + Number(time[3]);
    const token: Token =
      time[4] === undefined
        ? { is: "value", type: "second", value: seconds }
        : { is: "value", type: "time", value: seconds * 1_000 + Number(time[4]) };
    return { token, length: time[0].length };
  }
  // `1..10` is a range, not a fraction.
  const range = /^(\d+)(?=\.\.)/.exec(rest);
  if (range !== null) return { token: { is: "value", type: "int", value: Number(range[0]) }, length: range[0].length };
  const found = NUMBER.exec(rest);
  if (found === null) throw new ServerError(`Syntax Error: Cannot recognize the token ${rest.split(/\s/)[0] ?? ""}`);
  const [all, digits = "", suffix = ""] = found;
  return { token: number(digits, suffix.toLowerCase()), length: all.length };
}
function number(digits: string, suffix: string): Token {
  switch (suffix) {
    case "l":
      return { is: "value", type: "long", value: BigInt(digits) };
    case "h":
      return { is: "value", type: "short", value: Number(digits) };
    case "c":
      return { is: "value", type: "char", value: Number(digits) };
    case "f":
      return { is: "value", type: "float", value: Number(digits) };
    case "d":
      return { is: "value", type: "double", value: Number(digits) };
    default:
      if (!/^\d+$/.test(digits)) return { is: "value", type: "double", value: Number(digits) };
      return Number(digits) > 2_147_483_647
        ? { is: "value", type: "long", value: BigInt(digits) }
        : { is: "value", type: "int", value: Number(digits) };
  }
}
function dateTime([, year, month, day, hour, minute, second, fraction]: RegExpExecArray): Token {
  const days = dayNumber(Number(year), Number(month), Number(day));
  if (days === null) throw new ServerError(`Syntax Error: Invalid date ${year ?? ""}.${month ?? ""}.${day ?? ""}`);
  if (hour === undefined) return { is: "value", type: "date", value: days };
  const seconds = days * 86_400 + Number(hour) * 3_600 + Number(minute) * 60 + Number(second);
  if (fraction === undefined) return { is: "value", type: "datetime", value: seconds };
  if (fraction.length === 3) return { is: "value", type: "timestamp", value: BigInt(seconds) * 1_000n + BigInt(fraction) };
  return { is: "value", type: "nanotimestamp", value: BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0")) };
}
