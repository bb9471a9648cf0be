// Text of messages between the lab's nodes and of its files: JSON with LONG values.

const LONG = "$long";

/** Most hold no LONG, and are large: a function for each value costs ten times as much. */
export function encode(value: unknown): string {
  const given = value ?? null;
  try {
    return JSON.stringify(given);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return JSON.stringify(given, (_, each: unknown) => (typeof each === "bigint" ? { [LONG]: each.toString() } : each));
  }
}

export function decode(text: string): unknown {
  if (!text.includes(`"${LONG}"`)) return JSON.parse(text);
  return JSON.parse(text, (_, each: unknown) => {
    if (typeof each !== "object" || each === null || !(LONG in each)) return each;
    return BigInt(String(each[LONG]));
  });
}
