import type { Clock } from "../../kit/clock.ts";
import { RealClock } from "../../kit/real-clock.ts";

/** The time of day that a person wants it to be: as fast as this machine's clock, and so far ahead of it. */
export class ShiftedClock implements Clock {
  readonly #real = new RealClock();
  readonly #aheadMs: number;

  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }
  now(): number {
    return this.#real.now() + this.#aheadMs;
  }
  after(ms: number, then: () => void): ReturnType<Clock["after"]> {
    return this.#real.after(ms, then);
  }
}

/** Milliseconds from `now` to the next instant at which a clock in UTC shows that time. Error when it is no HH:MM. */
export function aheadOf(time: string, now: number): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(time) ?? [];
  if (hours === undefined || minutes === undefined) throw new Error(`at: a time such as 22:58 is wanted, not ${time}`);
  const day = 86_400_000;
  const wanted = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return (((wanted - (now % day)) % day) + day) % day;
}
