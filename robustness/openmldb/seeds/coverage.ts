// Fault kind by drain step: how often each was hit by a seed that counts.
import type { DrainStep } from "../moves.ts";
import { faultKinds, type FaultKind } from "./faults.ts";

export class Coverage {
  readonly #counts = new Map<string, number>();
  readonly #steps: readonly DrainStep[];

  constructor(steps: readonly DrainStep[]) {
    this.#steps = steps;
  }
  add(kind: FaultKind, step: DrainStep): void {
    const key = `${kind} ${step}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
  of(kind: FaultKind, step: DrainStep): number {
    return this.#counts.get(`${kind} ${step}`) ?? 0;
  }
  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
  /** Kinds and steps that no seed has hit. */
  holes(): readonly string[] {
    return faultKinds.flatMap((kind) => this.#steps.flatMap((step) => (this.of(kind, step) === 0 ? [`${kind} at ${step}`] : [])));
  }
  lines(): readonly string[] {
    const row = (name: string, cells: readonly string[]): string => `  ${name.padEnd(24)}${cells.map((cell) => cell.padStart(12)).join("")}`;
    return [
      row("", this.#steps),
      ...faultKinds.map((kind) =>
        row(
          kind,
          this.#steps.map((step) => String(this.of(kind, step))),
        ),
      ),
    ];
  }
}
