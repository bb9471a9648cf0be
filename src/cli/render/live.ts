// Draws frames over each other on a terminal. Knows nothing of what they show.
import type { Output } from "../io.ts";
import { lengthOf } from "./text.ts";

/** Control sequences of colour take no room. */
// oxlint-disable-next-line no-control-regex
const visible = (line: string): number => lengthOf(line.replace(/\u001B\[[0-9;]*m/g, ""));

export class LiveScreen {
  readonly #out: Output;
  #last: readonly string[] = [];

  constructor(out: Output) {
    this.#out = out;
  }

  /** Replaces the last frame. Written in one piece, so that a slow terminal never shows half of it. */
  draw(lines: readonly string[]): void {
    const same = lines.length === this.#last.length && lines.every((line, index) => line === this.#last[index]);
    if (same) return;
    this.#out.write(`${this.#erase()}${lines.join("\n")}\n`);
    this.#last = lines;
  }
  /** Writes above the frame: it stays in the terminal's history. */
  print(lines: readonly string[]): void {
    const frame = this.#last;
    const erase = this.#erase();
    this.#last = [];
    this.#out.write(`${erase}${lines.map((line) => `${line}\n`).join("")}`);
    if (frame.length > 0) this.draw(frame);
  }
  /** Takes the frame away. */
  clear(): void {
    this.#out.write(this.#erase());
    this.#last = [];
  }

  #erase(): string {
    // After the window was made narrower a line of the last frame may take several rows now.
    const columns = this.#out.columns() ?? Number.POSITIVE_INFINITY;
    const rows = this.#last.reduce((sum, line) => sum + Math.max(1, Math.ceil(visible(line) / columns)), 0);
    return rows === 0 ? "" : `\u001B[${rows}A\u001B[0J`;
  }
}
