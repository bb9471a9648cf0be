// Fault kind by the place that it hit: how often each pair was hit by a seed that counts.

export class Coverage {
  readonly #counts = new Map<string, number>();
  readonly #kinds: readonly string[];
  readonly #places: readonly string[];

  constructor(kinds: readonly string[], places: readonly string[]) {
    this.#kinds = kinds;
    this.#places = places;
  }
  add(kind: string, at: string): void {
    const key = `${kind} ${at}`;
    this.#counts.set(key, this.#of(kind, at) + 1);
  }
  #of(kind: string, at: string): number {
    return this.#counts.get(`${kind} ${at}`) ?? 0;
  }
  toJSON(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
  /** Kinds and places that no seed has hit. */
  holes(): readonly string[] {
    return this.#kinds.flatMap((kind) => this.#places.flatMap((at) => (this.#of(kind, at) === 0 ? [`${kind} at ${at}`] : [])));
  }
  /** A table; its columns have numbers, which are told first. */
  lines(): readonly string[] {
    const row = (name: string, cells: readonly string[]): string => `  ${name.padEnd(34)}${cells.map((cell) => cell.padStart(5)).join("")}`;
    return [
      ...this.#places.map((at, index) => `  ${String(index + 1).padStart(2)}: ${at}`),
      row(
        "",
        this.#places.map((_, index) => String(index + 1)),
      ),
      ...this.#kinds.map((kind) =>
        row(
          kind,
          this.#places.map((at) => String(this.#of(kind, at))),
        ),
      ),
    ];
  }
}
