/** Minute, hour, day of the month, month, day of the week (0 and 7 are Sunday), in UTC: `*`, numbers, ranges, lists and steps. */
export interface Cron {
  /** The first instant after `now` that fits; null: within a year there is none. Ms since 1970. */
  next(now: number): number | null;
}
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const LIMITS = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [0, 7],
] as const;

/** Null: not such an expression. */
export function cronOf(expression: string): Cron | null {
  const words = expression.trim().split(/\s+/);
  if (words.length !== LIMITS.length) return null;
  const fields: ReadonlySet<number>[] = [];
  for (const [index, [low, high]] of LIMITS.entries()) {
    const field = fieldOf(words[index] ?? "", low, high);
    if (field === null) return null;
    fields.push(field);
  }
  const [minutes, hours, days, months, weekdays] = fields;
  if (!minutes || !hours || !days || !months || !weekdays) return null;
  const isDay = (at: Date): boolean => {
    const weekday = at.getUTCDay();
    const onWeekday = weekdays.has(weekday) || (weekday === 0 && weekdays.has(7));
    return months.has(at.getUTCMonth() + 1) && days.has(at.getUTCDate()) && onWeekday;
  };
  return {
    next(now) {
      let at = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
      const end = now + 366 * DAY_MS;
      while (at < end) {
        const date = new Date(at);
        if (!isDay(date)) at = Math.floor(at / DAY_MS) * DAY_MS + DAY_MS;
        else if (!hours.has(date.getUTCHours())) at = Math.floor(at / 3_600_000) * 3_600_000 + 3_600_000;
        else if (minutes.has(date.getUTCMinutes())) return at;
        else at += MINUTE_MS;
      }
      return null;
    },
  };
}

function fieldOf(word: string, low: number, high: number): ReadonlySet<number> | null {
  const found = new Set<number>();
  for (const part of word.split(",")) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (match === null) return null;
    const [, first, last, step] = match;
    const from = first === undefined ? low : Number(first);
    const to = last === undefined ? (first === undefined || step !== undefined ? high : from) : Number(last);
    if (from < low || to > high || from > to || step === "0") return null;
    for (let value = from; value <= to; value += Number(step ?? 1)) found.add(value);
  }
  return found;
}
