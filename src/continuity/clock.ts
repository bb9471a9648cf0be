// Durations come from a clock that only goes forward; the journal's times come from the wall clock. The probe keeps both side by side.
export interface Clock {
  /** Milliseconds since this clock was made; goes on while the process is stopped. */
  mono(): number;
  /** Milliseconds since 1970. */
  wall(): number;
}

export function systemClock(): Clock {
  const zero = performance.now();
  return { mono: () => performance.now() - zero, wall: Date.now };
}

/** A wall clock is read in whole milliseconds and drifts slowly: only a difference above this is followed. */
const toleratedMs = 2;

/** Keeps the wall time of the monotonic zero, and follows a wall clock that drifts or is set. */
export class ClockPair {
  readonly #clock: Clock;
  #zero: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#zero = clock.wall() - clock.mono();
  }
  get wallAtZero(): number {
    return this.#zero;
  }
  /** Both clocks now. */
  read(): { readonly at: number; readonly wall: number } {
    const at = this.#clock.mono();
    const wall = this.#clock.wall();
    if (Math.abs(wall - (this.#zero + at)) > toleratedMs) this.#zero = wall - at;
    return { at, wall: this.#zero + at };
  }
}
