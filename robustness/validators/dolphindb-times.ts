// What a cluster's own logs say of time: which part of a stall its election forced, and how long its own stops, starts and elections took. Imports nothing.

/** `MILLISECONDS LEVEL text`, as the lab's nodes log. */
export interface NodeLog {
  readonly alias: string;
  readonly lines: readonly string[];
}
export interface Interval {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

const atOf = (line: string): number => Number(line.slice(0, line.indexOf(" ")));
const first = (lines: readonly string[], from: number, words: RegExp): number | null => {
  const found = lines.find((line) => atOf(line) >= from && words.test(line));
  return found === undefined ? null : atOf(found);
};

/** From the end of a leading controller until another one leads and is initialised: it waits for the data nodes and their transactions (S01076). */
export function elections(logs: readonly NodeLog[]): readonly Interval[] {
  const leads = logs
    .flatMap(({ alias, lines }) => lines.flatMap((line) => (line.includes(" leads term ") ? [{ alias, at: atOf(line) }] : [])))
    .toSorted((a, b) => a.at - b.at);
  return leads.flatMap((now, index) => {
    const before = leads[index - 1];
    const lines = logs.find(({ alias }) => alias === before?.alias)?.lines ?? [];
    const gone = before === undefined ? null : first(lines, before.at, /The socket server ended\.|EXIT|steps down/);
    const ready = first(logs.find(({ alias }) => alias === now.alias)?.lines ?? [], now.at, /Controller initialization completed/) ?? now.at;
    return gone === null || gone > ready ? [] : [{ from: gone, to: ready, what: `no leader between ${before?.alias ?? ""} and ${now.alias}` }];
  });
}

/** What of a stall its elections and the waits that the vendor's API prescribes account for; what overlaps counts once. */
export function judgeStall(
  logs: readonly NodeLog[],
  waits: readonly Interval[],
  { began, stallMs }: { readonly began: number; readonly stallMs: number },
): { readonly forcedMs: number; readonly parts: readonly string[] } {
  const end = began + stallMs;
  const forced = [...elections(logs), ...waits];
  const parts = forced.flatMap(({ from, to, what }) => {
    const ms = Math.min(to, end) - Math.max(from, began);
    return ms > 0 ? [`${String(Math.round(ms))} ms ${what}`] : [];
  });
  return { forcedMs: covered(forced, began, end), parts };
}

/** Tasks of recovery, from their begin to their end, as the controllers that led have logged them. */
function recoveries(logs: readonly NodeLog[]): readonly Interval[] {
  return logs.flatMap(({ lines }) =>
    lines.flatMap((line) => {
      const task = /recovery task (\S+) begins/.exec(line)?.[1];
      if (task === undefined) return [];
      const end = lines.find((each) => each.includes(`recovery task ${task} ends`));
      return end === undefined ? [] : [{ from: atOf(line), to: atOf(end), what: `recovery task ${task}` }];
    }),
  );
}
/** An agent's own log does not say when it can be used: the controllers' do. */
function knownAs(logs: readonly NodeLog[], alias: string, from: number): number | null {
  const times = logs.flatMap(({ lines }) => {
    const at = first(lines, from, new RegExp(`node ${alias} is online`));
    return at === null ? [] : [at];
  });
  return times.length === 0 ? null : Math.min(...times);
}

/** Stops (told to end until ended), starts (until initialised, of an agent until it is known), elections and recovery, each with its node. */
export function ownIntervals(logs: readonly NodeLog[]): readonly Interval[] {
  const intervals: Interval[] = [...elections(logs), ...recoveries(logs)];
  for (const { alias, lines } of logs)
    for (const line of lines) {
      const at = atOf(line);
      if (/graceful shutdown begins|STOP told/.test(line)) intervals.push({ from: at, to: first(lines, at, /EXIT/) ?? at, what: `${alias} stops` });
      if (line.includes("START process")) {
        const up = first(lines, at, /Job schedule(r initialization completed|  ?initialized successfully)|<Raft> Group \d+ initialized|READY/);
        intervals.push({ from: at, to: up ?? knownAs(logs, alias, at) ?? at, what: `${alias} starts` });
      }
    }
  return intervals;
}
/** Milliseconds that at least one of them covers: what could not have been shorter. */
export function covered(intervals: readonly Interval[], from: number, to: number): number {
  let [sum, reached] = [0, from];
  for (const each of intervals.toSorted((a, b) => a.from - b.from)) {
    const [begin, end] = [Math.max(each.from, reached), Math.min(each.to, to)];
    if (end > begin) {
      sum += end - begin;
      reached = end;
    }
  }
  return sum;
}
