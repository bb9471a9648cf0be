// Fault kind by step of the turn: how often each was hit by a seed that counts.
import { columns, type Column } from "./columns.ts";
import { faultKinds, type FaultKind } from "./faults.ts";

export class Coverage {
  readonly #counts = new Map<string, number>();

  add(kind: FaultKind, at: Column): void {
    const key = `${kind} ${at}`;
    this.#counts.set(key, this.of(kind, at) + 1);
  }
  of(kind: FaultKind, at: Column): number {
    return this.#counts.get(`${kind} ${at}`) ?? 0;
  }
  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
  /** Kinds and steps that no seed has hit. */
  holes(): readonly string[] {
    return faultKinds.flatMap((kind) => columns.flatMap((at) => (this.of(kind, at) === 0 ? [`${kind} at ${at}`] : [])));
  }
  lines(): readonly string[] {
    const row = (name: string, cells: readonly string[]): string => `  ${name.padEnd(34)}${cells.map((cell) => cell.padStart(5)).join("")}`;
    return [
      ...columns.map((at, index) => `  ${String(index + 1).padStart(2)}: ${at}`),
      row(
        "",
        columns.map((_, index) => String(index + 1)),
      ),
      ...faultKinds.map((kind) =>
        row(
          kind,
          columns.map((at) => String(this.of(kind, at))),
        ),
      ),
    ];
  }
}
