/** What a leader had when its follower was first seen alive: later writes are no part of the promise, or a busy table would never be done. */
export class Goals {
  readonly #goals = new Map<string, number>();
  of(replica: string, leaderOffset: number): number {
    const goal = this.#goals.get(replica) ?? leaderOffset;
    this.#goals.set(replica, goal);
    return goal;
  }
  /** It is sick again: the next time counts anew. */
  forget(replica: string): void {
    this.#goals.delete(replica);
  }
}
