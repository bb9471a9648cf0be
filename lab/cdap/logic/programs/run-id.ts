/** A version 1 UUID as CDAP's run ids are: it begins with the time, which the server reads from it. `now` in ms since 1970. */
export function runIdAt(now: number, random: () => number): string {
  // Intervals of 100 ns since 15 October 1582.
  const intervals = (BigInt(Math.floor(now)) + 12_219_292_800_000n) * 10_000n + BigInt(Math.floor(random() * 10_000));
  const hex = intervals.toString(16).padStart(15, "0");
  const digits = (count: number): string => Array.from({ length: count }, () => Math.floor(random() * 16).toString(16)).join("");
  return `${hex.slice(-8)}-${hex.slice(-12, -8)}-1${hex.slice(-15, -12)}-8${digits(3)}-${digits(12)}`;
}
export const isRunId = (text: string): boolean => /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text);
