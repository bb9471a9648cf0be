// Faults as typed after `lab fault`: a kind, then words and NAME=VALUE.

export interface FaultShape<Fault> {
  readonly usage: string;
  /** Of the words after the kind. Null: not understood. */
  parse(words: readonly string[], named: ReadonlyMap<string, string>): Fault | null;
}
export type FaultShapes<Fault extends { readonly kind: string }> = Readonly<Record<Fault["kind"], FaultShape<Fault>>>;

/** Error with the usage when they are not understood. */
export function parseFaultWords<Fault extends { readonly kind: string }>(shapes: FaultShapes<Fault>, [kind = "", ...rest]: readonly string[]): Fault {
  const found = Object.entries<FaultShape<Fault>>(shapes).find(([name]) => name === kind)?.[1];
  if (found === undefined)
    throw new Error(
      `${kind === "" ? "no fault is named" : `there is no fault ${JSON.stringify(kind)}`}; there are:\n${usagesOf(shapes)
        .map((usage) => `  ${usage}`)
        .join("\n")}`,
    );
  const named = new Map(
    rest.filter((word) => word.includes("=")).map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );
  const fault = found.parse(
    rest.filter((word) => !word.includes("=")),
    named,
  );
  if (fault === null) throw new Error(`usage: ${found.usage}`);
  return fault;
}
export const usagesOf = <Fault extends { readonly kind: string }>(shapes: FaultShapes<Fault>): readonly string[] =>
  Object.values<FaultShape<Fault>>(shapes).map(({ usage }) => usage);
/** At least 0; null: absent, or no such number. */
export function numberIn(named: ReadonlyMap<string, string>, name: string): number | null {
  const value = Number(named.get(name) ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? value : null;
}
