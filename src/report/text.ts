// Numbers and times as people read them. Pure.
export { count, plural } from "../model/count.ts";

/** `7 ms`, `0.38 s`, `12.3 s`, `00:01:38`. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 99.5) return `${Math.round(whole)} ms`;
  if (whole < 9_995) return `${trimmed((whole / 1000).toFixed(2))} s`;
  if (whole < 99_950) return `${trimmed((whole / 1000).toFixed(1))} s`;
  return clock(whole);
}
const trimmed = (digits: string): string => digits.replace(/\.?0+$/, "");

/** `00:01:38`. */
export function clock(ms: number): string {
  const seconds = Math.round(Math.max(0, ms) / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

/** Milliseconds since 1970 of a stored time. */
export const instant = (iso: string): number => Date.parse(iso);

/** Lines of at most `width` characters, the first one and the later ones each with their indent; a single longer word stays whole. */
export function wrap(text: string, width: number, indents: { readonly first: string; readonly rest: string }): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").filter((one) => one !== "")) {
    if (line === "") line = indents.first + word;
    else if (`${line} ${word}`.length > width) {
      lines.push(line);
      line = indents.rest + word;
    } else line = `${line} ${word}`;
  }
  return line === "" ? lines : [...lines, line];
}

/** Control characters could move the cursor of a terminal, or hide the rest of a line. The text keeps its length. */
// oxlint-disable-next-line no-control-regex
export const printable = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
