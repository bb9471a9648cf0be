/** `word` keeps its spelling; keywords are compared without regard to case. */
export type Token =
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "sign"; readonly text: string };

/** The SQL cannot be read, or is none of the subset that the lab knows. */
export class SqlError extends Error {}

const PATTERN =
  /\s*(?:--[^\n]*\s*)*(?:(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_][A-Za-z0-9_]*)|`(?<quoted>[^`]*)`|'(?<single>(?:[^'\\]|\\.|'')*)'|"(?<double>(?:[^"\\]|\\.|"")*)"|(?<sign>[(),;*.=?]))/gy;

const unescape = (text: string, quote: string): string => text.replaceAll(quote + quote, quote).replaceAll(/\\(.)/gs, "$1");

export function tokens(sql: string): readonly Token[] {
  const found: Token[] = [];
  PATTERN.lastIndex = 0;
  let at = 0;
  while (sql.slice(at).trim() !== "") {
    PATTERN.lastIndex = at;
    const groups = PATTERN.exec(sql)?.groups;
    if (groups === undefined) throw new SqlError(`Syntax error: Illegal input character at ${at}: ${sql.slice(at, at + 20).trim()}`);
    at = PATTERN.lastIndex;
    const { number, word, quoted, single, double, sign } = groups;
    if (number !== undefined) found.push({ kind: "number", text: number });
    else if (word !== undefined) found.push({ kind: "word", text: word });
    else if (quoted !== undefined) found.push({ kind: "word", text: quoted });
    else if (single !== undefined) found.push({ kind: "text", text: unescape(single, "'") });
    else if (double !== undefined) found.push({ kind: "text", text: unescape(double, '"') });
    else found.push({ kind: "sign", text: sign ?? "" });
  }
  return found;
}
