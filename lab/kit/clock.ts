/** Time as the lab's nodes see it: real in processes, virtual in memory. Milliseconds since 1970. */
export interface Clock {
  now(): number;
  after(ms: number, then: () => void): Timer;
}
export interface Timer {
  cancel(): void;
}
