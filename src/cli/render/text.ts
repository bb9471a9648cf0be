// Lines of a known width from text that came from elsewhere. Pure.

/** Text of a server, a file or a person, made harmless: an escape sequence in a log line must not paint on the operator's terminal. */
export const clean = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u001F\u007F-\u009F\u2028-\u202E\u2066-\u2069]/g, (found) => (found === "\n" || found === "\t" ? " " : "\u00B7"));

/** Characters, not UTF-16 units. */
export const lengthOf = (text: string): number => Array.from(text).length;

export const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - lengthOf(text)));
export const padStart = (text: string, width: number): string => " ".repeat(Math.max(0, width - lengthOf(text))) + text;

/** At most `width` characters; what is cut is marked. */
export function fit(text: string, width: number): string {
  const characters = Array.from(text);
  if (characters.length <= width) return text;
  return width <= 3
    ? characters.slice(0, Math.max(0, width)).join("")
    : `${characters
        .slice(0, width - 2)
        .join("")
        .trimEnd()}..`;
}

/** Lines of at most `width` characters, broken at spaces; a longer word is broken where it must be. At least one line. */
export function wrapTo(text: string, width: number): readonly string[] {
  const room = Math.max(8, width);
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((each) => each !== "")) {
    let rest = word;
    if (line !== "" && lengthOf(line) + 1 + lengthOf(rest) > room) {
      lines.push(line);
      line = "";
    }
    while (lengthOf(rest) > room) {
      const head = Array.from(rest).slice(0, room).join("");
      lines.push(head);
      rest = rest.slice(head.length);
    }
    line = line === "" ? rest : `${line} ${rest}`;
  }
  return line === "" && lines.length > 0 ? lines : [...lines, line];
}

/** As `wrapTo`; a command in backquotes that would be broken stands on a line of its own, without them and whole: it is there to be copied. */
function wrapAround(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let before = "";
  for (const part of text.split(/(`stillwater [^`]+`[.,;:]?)/)) {
    const command = /^`(stillwater [^`]+)`/.exec(part)?.[1] ?? "";
    if (lengthOf(command) <= Math.max(8, width)) {
      before += part;
      continue;
    }
    if (before.trim() !== "") lines.push(...wrapTo(before, width));
    lines.push(command);
    before = "";
  }
  return before.trim() !== "" || lines.length === 0 ? [...lines, ...wrapTo(before, width)] : lines;
}

/** `  label   text`, wrapped under itself. */
export function labelled(label: string, text: string, columns: number, labelWidth = 8): readonly string[] {
  const head = `  ${pad(label, labelWidth)}`;
  return wrapAround(text, columns - lengthOf(head)).map((line, index) => (index === 0 ? head + line : " ".repeat(lengthOf(head)) + line));
}

/** Beside each other where there is room, else below each other. */
export function beside(texts: readonly string[], columns: number): readonly string[] {
  const line = texts.join("      ");
  return lengthOf(line) <= columns ? [line] : texts;
}

export interface Column {
  readonly title: string;
  readonly right?: boolean;
  /** Takes the room that is left, and is cut or wrapped when there is none. */
  readonly stretch?: boolean;
  /** Wrap instead of cutting. */
  readonly wraps?: boolean;
  /** Never wider than this. */
  readonly atMost?: number;
}
/** A table without lines: copied into a ticket it is still one. The first line is the head; each row may take several. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  indent = 2,
): { head: string; rows: readonly (readonly string[])[] } {
  const natural = columns.map((column, index) => {
    const widest = Math.max(lengthOf(column.title), ...rows.map((row) => lengthOf(row[index] ?? "")));
    return Math.min(column.atMost ?? Number.POSITIVE_INFINITY, widest);
  });
  const gaps = 2 * (columns.length - 1) + indent;
  const fixed = natural.reduce((sum, each, index) => sum + (columns[index]?.stretch === true ? 0 : each), 0);
  const stretching = columns.filter((column) => column.stretch === true).length;
  const room = Math.max(12 * stretching, width - gaps - fixed);
  let left = room;
  let open = stretching;
  const widths = natural.map((each, index) => {
    if (columns[index]?.stretch !== true) return each;
    const share = Math.min(each, Math.floor(left / open));
    left -= share;
    open--;
    return share;
  });
  const line = (cells: readonly string[]): string =>
    (
      " ".repeat(indent) +
      cells.map((cell, index) => (columns[index]?.right === true ? padStart(cell, widths[index] ?? 0) : pad(cell, widths[index] ?? 0))).join("  ")
    ).trimEnd();
  return {
    head: line(columns.map((column) => column.title)),
    rows: rows.map((row) => {
      const cells = columns.map((column, index): readonly string[] => {
        const [text, limit] = [row[index] ?? "", widths[index] ?? 0];
        return column.wraps === true && lengthOf(text) > limit ? wrapTo(text, limit) : [fit(text, limit)];
      });
      const height = Math.max(...cells.map((cell) => cell.length));
      return Array.from({ length: height }, (_, at) => line(cells.map((cell) => cell[at] ?? "")));
    }),
  };
}
