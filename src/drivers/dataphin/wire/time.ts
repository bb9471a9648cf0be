// Times as Dataphin writes them: `yyyy-MM-dd HH:mm:ss` by its own zone, and instants as everybody else counts them: ms since 1970.

export interface Zone {
  readonly name: string;
  /** Null: no time in it. Accepts a count of ms since 1970, too: some operations send that. */
  parse(text: string): number | null;
  /** `yyyy-MM-dd HH:mm:ss`. */
  format(at: number): string;
  /** yyyy-MM-dd of the day in which the instant lies. */
  day(at: number): string;
  /** The next instant after `at` at which the clock shows that time of day. */
  next(at: number, hour: number, minute: number): number;
}

/** Throws a RangeError for a zone that nobody knows. */
export function zone(name: string): Zone {
  const shown = new Intl.DateTimeFormat("en-CA", {
    timeZone: name,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  const partsAt = (at: number): Readonly<Record<string, string>> =>
    Object.fromEntries(shown.formatToParts(at).map(({ type, value }) => [type, value]));
  /** What the clock of the zone shows, read as if it were UTC. */
  const shownAsUtc = (at: number): number => {
    const { year = "", month = "", day = "", hour = "", minute = "", second = "" } = partsAt(at);
    return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  };
  /** Twice: the offset may be another one at the instant that the first guess gives (summer time). */
  const instantOf = (wall: number): number => {
    const guess = wall - (shownAsUtc(wall) - wall);
    return wall - (shownAsUtc(guess) - guess);
  };
  const format = (at: number): string => new Date(shownAsUtc(at)).toISOString().slice(0, 19).replace("T", " ");
  return {
    name,
    parse: (text) => {
      if (/^\d{12,14}$/.test(text)) return Number(text);
      const [, date, time = "00:00:00"] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?/.exec(text) ?? [];
      if (date === undefined) return null;
      const wall = Date.parse(`${date}T${time}Z`);
      return Number.isNaN(wall) ? null : instantOf(wall);
    },
    format,
    day: (at) => format(at).slice(0, 10),
    next: (at, hour, minute) => {
      const midnight = Date.parse(`${format(at).slice(0, 10)}T00:00:00Z`);
      const dayMs = 86_400_000;
      const wall = midnight + (hour * 60 + minute) * 60_000;
      const today = instantOf(wall);
      return today > at ? today : instantOf(wall + dayMs);
    },
  };
}
