// Held steps that somebody else takes away again and again.

const FIGHT_LOSSES = 10;
const FIGHT_MS = 60_000;

/** When each held step was seen to be lost, in this process. Times in ms. */
export class Losses {
  readonly #seen = new Map<string, readonly number[]>();

  /** Notes that it was lost now. True: so often in a short time that setting it once more is a fight with somebody, which would never end. */
  isFight(step: string, now: number): boolean {
    const recent = (this.#seen.get(step) ?? []).filter((at) => now - at < FIGHT_MS);
    this.#seen.set(step, [...recent, now]);
    return recent.length >= FIGHT_LOSSES;
  }
}
