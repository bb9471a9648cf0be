import type { Clock } from "../../../kit/clock.ts";
import type { Database } from "../database.ts";
import type { Input } from "./parameters.ts";

export interface Installation {
  readonly database: Database;
  readonly clock: Clock;
  /** Of the pod that answers. */
  readonly version: string;
  /** Into the operation log. */
  readonly note: (what: string, object: string) => void;
}
/** What the envelope carries beside its own words. Throws ApiError. */
export type Operation = (input: Input, installation: Installation) => object;

/** `number` from 1 on. */
export function pageOf<T>(all: readonly T[], number: number, size: number): { readonly page: readonly T[]; readonly total: number } {
  const from = (Math.max(1, number) - 1) * size;
  return { page: all.slice(from, from + size), total: all.length };
}
