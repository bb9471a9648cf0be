import type { PartitionLevel } from "../controller/metadata.ts";
import type { Atom } from "../../value.ts";
import { dayOf, formatDay } from "../../script/temporal.ts";

/** `absent`: the value lies in no partition; VALUE partitions can be added for it (newValuePartitionPolicy). */
export type PartitionKey = { readonly is: "present" | "absent"; readonly key: string; readonly value: string };

/** The partition of one level for a value, as it appears in paths. Domains hold values as the wire has them, as text. */
export function partitionOf(level: PartitionLevel, value: Atom, columnType: string): PartitionKey {
  const converted = level.valueType === "date" && columnType !== "date" ? dayOf(value, columnType) : value;
  const text = converted === null ? "" : String(converted);
  switch (level.type) {
    case "VALUE":
      return { is: level.domain.includes(text) ? "present" : "absent", key: pathText(level, text), value: text };
    case "RANGE": {
      const at = level.domain.findIndex((bound, index) => index > 0 && isBelow(text, bound) && !isBelow(text, level.domain[index - 1] ?? ""));
      if (at < 1) return { is: "absent", key: "", value: text };
      return { is: "present", key: `${pathText(level, level.domain[at - 1] ?? "")}_${pathText(level, level.domain[at] ?? "")}`, value: text };
    }
    case "HASH": {
      const buckets = Number(level.domain[0] ?? "1");
      return { is: "present", key: `Key${String(bucketOf(text, buckets))}`, value: text };
    }
    case "LIST": {
      const at = level.domain.findIndex((members) => members.split(",").includes(text));
      return { is: at < 0 ? "absent" : "present", key: `List${String(at)}`, value: text };
    }
  }
}

const pathText = (level: PartitionLevel, text: string): string =>
  level.valueType === "date" && text !== "" ? formatDay(Number(text)).replaceAll(".", "") : text;

function isBelow(text: string, bound: string): boolean {
  const [a, b] = [Number(text), Number(bound)];
  return Number.isNaN(a) || Number.isNaN(b) ? text < bound : a < b;
}
/** Whole numbers by remainder, texts by FNV-1a. */
function bucketOf(text: string, buckets: number): number {
  if (/^-?\d+$/.test(text)) return Number(((BigInt(text) % BigInt(buckets)) + BigInt(buckets)) % BigInt(buckets));
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) % buckets;
}
