// Fields of an answer. Absent and null are the same here: the vendor leaves out what it has not.
import type { Json } from "../../../model/json.ts";

export type JsonObject = { readonly [key: string]: Json };
export const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

export const objectIn = (from: JsonObject, key: string): JsonObject | null => {
  const value = from[key];
  return isObject(value) ? value : null;
};
export const objectsIn = (from: JsonObject | null, key: string): readonly JsonObject[] => {
  const value = from?.[key];
  return Array.isArray(value) ? value.filter((each: Json): each is JsonObject => isObject(each)) : [];
};
export const textsIn = (from: JsonObject | null, key: string): readonly string[] => {
  const value = from?.[key];
  return Array.isArray(value)
    ? value.flatMap((each: Json) => (typeof each === "string" ? [each] : typeof each === "number" ? [String(each)] : []))
    : [];
};
/** A text, or a number as text: the vendor sends some ids as the one and some as the other. */
export const textIn = (from: JsonObject | null, key: string): string | null => {
  const value = from?.[key];
  if (typeof value === "string") return value === "" ? null : value;
  return typeof value === "number" ? String(value) : null;
};
export const numberIn = (from: JsonObject | null, key: string): number | null => {
  const value = from?.[key];
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : null;
};
export const trueIn = (from: JsonObject | null, key: string): boolean => from?.[key] === true || from?.[key] === 1 || from?.[key] === "true";
