import { parseArgs } from "node:util";

export interface Options {
  readonly names: readonly string[];
  readonly json: boolean;
  /** One of so many is tried. */
  readonly every: number;
  readonly seed: number;
  readonly only: RegExp | null;
  readonly workers: number;
  /** How many seeds of a part that counts in seeds; null: the part's own number. */
  readonly seeds: number | null;
  /** The first of them. */
  readonly first: number;
  /** Of leader moves, as the system's own option is called; null: the part's own choice. */
  readonly fence: string | null;
  /** On processes and files instead of in memory. */
  readonly processes: boolean;
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
      seeds: { type: "string" },
      first: { type: "string", default: "1" },
      fence: { type: "string" },
      processes: { type: "boolean", default: false },
    },
  });
  const whole = (name: "every" | "seed" | "workers" | "seeds" | "first", least: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < least) throw new TypeError(`--${name} ${String(values[name])}: want a whole number from ${least}`);
    return value;
  };
  return {
    names: positionals,
    json: values.json,
    every: whole("every", 1),
    seed: whole("seed", 0),
    only: values.only === undefined ? null : new RegExp(values.only),
    workers: whole("workers", 1),
    seeds: values.seeds === undefined ? null : whole("seeds", 1),
    first: whole("first", 1),
    fence: values.fence ?? null,
    processes: values.processes,
  };
}
