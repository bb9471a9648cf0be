/** What a fake system holds against whoever operates it. `lost`: an acknowledged write is gone; `double`: an effect that must not happen twice did; `unsafe`: the rest. */
export interface Charge {
  readonly kind: "lost" | "double" | "unsafe";
  readonly what: string;
}

/** The fake's own books: kept from the inside, never from what the engine says. */
export class Books {
  readonly charges: Charge[] = [];

  double(what: string): void {
    this.charges.push({ kind: "double", what });
  }
  unsafe(what: string): void {
    this.charges.push({ kind: "unsafe", what });
  }
}
