import type { Atom } from "../../value.ts";
import { ServerError } from "../node.ts";
import type { Value } from "../../script/values.ts";

/** Null: it was not given. */
export function atomAt(args: readonly Value[], at: number): Atom {
  const value = args[at];
  if (value === undefined) return null;
  if (value.form === "scalar") return value.value;
  throw new ServerError(`The argument ${String(at + 1)} must be a scalar.`);
}
export function textAt(args: readonly Value[], at: number, what: string): string {
  const value = atomAt(args, at);
  if (typeof value !== "string") throw new ServerError(`Usage: the argument ${what} must be a string.`);
  return value;
}
export function numberAt(args: readonly Value[], at: number, what: string): number {
  const value = atomAt(args, at);
  if (typeof value !== "number" && typeof value !== "bigint") throw new ServerError(`Usage: the argument ${what} must be a number.`);
  return Number(value);
}
export const flagAt = (args: readonly Value[], at: number): boolean => {
  const value = atomAt(args, at);
  return value === true || (typeof value === "number" && value !== 0);
};
/** A text, or a vector of texts. */
export function textsAt(args: readonly Value[], at: number, what: string): readonly string[] {
  const value = args[at];
  const items: readonly Atom[] = value?.form === "scalar" ? [value.value] : value?.form === "vector" ? value.items : [];
  const texts = items.filter((item) => typeof item === "string");
  if (value === undefined || texts.length !== items.length || texts.length === 0)
    throw new ServerError(`Usage: the argument ${what} must be a string or a vector of strings.`);
  return texts;
}
