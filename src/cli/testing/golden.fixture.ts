// A screen as a golden file that was looked at.
import { expect } from "vitest";
import { lengthOf } from "../render/text.ts";

export const widths = [80, 160] as const;
export async function golden(name: string, width: number, lines: readonly string[]): Promise<void> {
  for (const line of lines) expect(lengthOf(line), line).toBeLessThanOrEqual(width);
  for (const line of lines) expect(line, "blanks at the end").toBe(line.trimEnd());
  await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`../render/golden/${name}.${width}.golden.txt`);
}
