/** One at a time, in the order of asking: the nameserver's own lock. Not re-entrant. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();

  async run<T>(work: () => Promise<T> | T): Promise<T> {
    const before = this.#last;
    const mine = (async (): Promise<T> => {
      await before;
      return await work();
    })();
    // A failure is its caller's: whoever comes next goes on.
    this.#last = mine.catch(() => undefined);
    return await mine;
  }
}
