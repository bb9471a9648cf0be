/**
 * What a fake system holds against whoever operates it. `lost`: an acknowledged write is gone; `double`: an effect that must not happen twice did;
 * `unavailable`: too few nodes were left to serve; `unguarded`: it went wrong because a lease did not hold; `unsafe`: the rest.
 */
export interface Charge {
  readonly kind: "lost" | "double" | "unavailable" | "unguarded" | "unsafe";
  readonly what: string;
  /** The node that was taken away, where one was. */
  readonly node?: string;
}

/** The fake's own books: kept from the inside, never from what the engine says. */
export class Books {
  readonly charges: Charge[] = [];

  double(what: string): void {
    this.charges.push({ kind: "double", what });
  }
  unavailable(what: string, node?: string): void {
    this.charges.push({ kind: "unavailable", what, ...(node === undefined ? {} : { node }) });
  }
  unguarded(what: string): void {
    this.charges.push({ kind: "unguarded", what });
  }
  unsafe(what: string): void {
    this.charges.push({ kind: "unsafe", what });
  }
}
