import { parseArgs } from "node:util";

export interface Options {
  readonly names: readonly string[];
  readonly json: boolean;
  /** One of so many is tried. */
  readonly every: number;
  readonly seed: number;
  readonly only: RegExp | null;
  readonly workers: number;
}

/** Throws a TypeError for what it does not understand. */
export function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      every: { type: "string", default: "1" },
      seed: { type: "string", default: "0" },
      only: { type: "string" },
      workers: { type: "string", default: "2" },
    },
  });
  const whole = (name: "every" | "seed" | "workers", least: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least) throw new TypeError(`--${name} ${values[name]}: want a whole number from ${least}`);
    return value;
  };
  return {
    names: positionals,
    json: values.json,
    every: whole("every", 1),
    seed: whole("seed", 0),
    only: values.only === undefined ? null : new RegExp(values.only),
    workers: whole("workers", 1),
  };
}
