import type { Clock, Timer } from "./clock.ts";

export class RealClock implements Clock {
  now(): number {
    return Date.now();
  }

  after(ms: number, then: () => void): Timer {
    const timer = setTimeout(then, Math.max(0, ms));
    return {
      cancel: () => {
        clearTimeout(timer);
      },
    };
  }
}
