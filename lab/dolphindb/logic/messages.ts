// Text of messages between the lab's nodes: JSON with LONG values.

const LONG = "$long";

export const encode = (value: unknown): string =>
  JSON.stringify(value ?? null, (_, each: unknown) => (typeof each === "bigint" ? { [LONG]: each.toString() } : each));

export const decode = (text: string): unknown =>
  JSON.parse(text, (_, each: unknown) => {
    if (typeof each !== "object" || each === null || !(LONG in each)) return each;
    return BigInt(String(each[LONG]));
  });
