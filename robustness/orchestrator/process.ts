// One process of Stillwater in virtual time: it can be killed at any instant, and then nothing of it goes on, whatever it was waiting for.
import type { Clock } from "../../lab/kit/clock.ts";

export class Mortal {
  #dead = false;
  readonly #clock: Clock;
  #onDeath: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }
  get dead(): boolean {
    return this.#dead;
  }
  /** kill -9. What was sent is under way; no answer is read any more. */
  kill(): void {
    if (this.#dead) return;
    this.#dead = true;
    for (const told of this.#onDeath) told();
  }
  /** Resolves when it is killed. */
  async death(): Promise<void> {
    if (this.#dead) return;
    await new Promise<void>((resolve) => this.#onDeath.push(resolve));
  }
  /** Its work: never begun by the dead, never answered to them. */
  live<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#dead) return;
      work().then(
        (value) => {
          if (!this.#dead) resolve(value);
        },
        (error: unknown) => {
          if (!this.#dead) reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }
  sleep(ms: number): Promise<void> {
    return this.live(
      () =>
        new Promise((resolve) => {
          this.#clock.after(ms, resolve);
        }),
    );
  }
}
