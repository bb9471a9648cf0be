// Numbers and times as people read them. Pure.

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

/** `19,604`. */
export const count = (value: number): string => String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");

/** `1 restart`, `2 restarts`. */
export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

/** Times in one zone, which is named once. `zone` is an IANA name; error RangeError for one that does not exist. */
export interface LocalTime {
  /** `2026-11-20 02:29:31`. */
  full(ms: number): string;
  /** `02:29:31`, with `digits` of a second. */
  time(ms: number, digits?: 0 | 1 | 2 | 3): string;
  /** `Europe/Berlin, UTC+01:00`. */
  readonly zone: string;
}
export function localTime(zone: string, at: number): LocalTime {
  // Made once: making a formatter costs more than many uses of it.
  const day = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" } as const;
  const format = (options: Intl.DateTimeFormatOptions): ((ms: number) => string) => {
    const made = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, hour12: false, ...options });
    return (ms) => made.format(ms).replace(",", ".");
  };
  const precise = ([1, 2, 3] as const).map((digits) => format({ ...time, fractionalSecondDigits: digits }));
  const full = format({ ...day, ...time });
  const whole = format(time);
  const offset = new Intl.DateTimeFormat("en-GB", { timeZone: zone, timeZoneName: "longOffset" })
    .formatToParts(at)
    .find((part) => part.type === "timeZoneName")
    ?.value.replace("GMT", "UTC");
  return {
    full,
    time: (ms, digits = 0) => (precise[digits - 1] ?? whole)(ms),
    zone: zone === "UTC" ? "UTC" : `${zone}, ${offset === "UTC" ? "UTC+00:00" : (offset ?? "")}`,
  };
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
