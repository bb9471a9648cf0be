// How a line may look. One accent colour for "look here", green only for what was proved; without colour nothing is lost.
import type { Output } from "../io.ts";

export interface Style {
  /** Width to write for; at least 40. */
  readonly columns: number;
  /** Look here. */
  readonly accent: (text: string) => string;
  /** Proved. */
  readonly proved: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
}

const plain = (text: string): string => text;
const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    text === "" ? "" : `\u001B[${on}m${text}\u001B[${off}m`;

export const plainStyle = (columns: number): Style => ({ columns, accent: plain, proved: plain, strong: plain, quiet: plain });

export function styleFor(output: Output, environment: Readonly<Record<string, string | undefined>>): Style {
  const stated = Number.parseInt(environment["COLUMNS"] ?? "", 10);
  const columns = Math.max(40, output.columns() ?? (Number.isFinite(stated) ? stated : 80));
  const noColour = (environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb";
  if (!output.isTty || noColour) return plainStyle(columns);
  return { columns, accent: sgr(33, 39), proved: sgr(32, 39), strong: sgr(1, 22), quiet: sgr(2, 22) };
}
