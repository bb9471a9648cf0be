// Fault kind by drain step: how often each was hit by a seed that counts.
import { drainSteps, type DrainStep } from "../moves.ts";
import { faultKinds, type FaultKind } from "./faults.ts";

export class Coverage {
  readonly #counts = new Map<string, number>();

  add(kind: FaultKind, step: DrainStep): void {
    const key = `${kind} ${step}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
  of(kind: FaultKind, step: DrainStep): number {
    return this.#counts.get(`${kind} ${step}`) ?? 0;
  }
  merge(other: Readonly<Record<string, number>>): void {
    for (const [key, count] of Object.entries(other)) this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }
  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
  /** Kinds and steps that no seed has hit. */
  holes(): readonly string[] {
    return faultKinds.flatMap((kind) => drainSteps.flatMap((step) => (this.of(kind, step) === 0 ? [`${kind} at ${step}`] : [])));
  }
  lines(): readonly string[] {
    const row = (name: string, cells: readonly string[]): string => `  ${name.padEnd(24)}${cells.map((cell) => cell.padStart(12)).join("")}`;
    return [
      row("", drainSteps),
      ...faultKinds.map((kind) =>
        row(
          kind,
          drainSteps.map((step) => String(this.of(kind, step))),
        ),
      ),
    ];
  }
}
