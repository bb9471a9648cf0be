// The site list of the vendor's API: which data node a new connection goes to (facts 3.6).
import type { Value } from "../rpc.ts";

interface Load {
  readonly load: number;
  /** Connections that we have opened since it was read. */
  opened: number;
}

export class Sites {
  readonly addresses: readonly string[];
  readonly #loads = new Map<string, Load>();
  readonly #now: () => number;
  #askedAt = Number.NEGATIVE_INFINITY;
  #next = 0;

  /** HOST:PORT each, at least one. `now`: monotonic milliseconds. */
  constructor(addresses: readonly string[], now: () => number) {
    this.addresses = addresses;
    this.#now = now;
  }
  /** The loads were asked for longer ago than this. */
  olderThan(ms: number): boolean {
    return this.#now() - this.#askedAt > ms;
  }
  asked(): void {
    this.#askedAt = this.#now();
  }

  /** The least loaded first; those whose load nobody told come after them, in turn. */
  inOrder(): readonly string[] {
    const start = this.#next++ % this.addresses.length;
    const turned = [...this.addresses.slice(start), ...this.addresses.slice(0, start)];
    return turned.toSorted((a, b) => this.#score(a) - this.#score(b));
  }
  #score(address: string): number {
    const known = this.#loads.get(address);
    return known === undefined ? Number.MAX_VALUE : known.load + known.opened;
  }
  opened(address: string): void {
    const known = this.#loads.get(address);
    if (known !== undefined) known.opened++;
  }
  /** It did not take a connection: what its load was says nothing now. */
  lost(address: string): void {
    this.#loads.delete(address);
  }

  /** The answer of getClusterPerf. What is no such table is passed over: the order is then by turns. */
  learn(perf: Value): void {
    if (perf === null || typeof perf !== "object" || !("is" in perf) || perf.is !== "table") return;
    const column = (name: string): readonly Value[] => perf.data[perf.columns.indexOf(name)] ?? [];
    const [hosts, ports, modes] = [column("host"), column("port"), column("mode")];
    const parts = ["connectionNum", "workerNum", "executorNum"].map(column);
    this.#loads.clear();
    for (const [row, host] of hosts.entries()) {
      // Data nodes only, as the vendor's API does.
      if (modes[row] !== 0 || (column("state")[row] ?? 1) !== 1) continue;
      const load = parts.reduce((sum, numbers) => sum + numeric(numbers[row]), 0) / parts.length;
      const names = [host, ...textOf(column("publicName")[row]).split(";")].map((name) => `${textOf(name)}:${textOf(ports[row])}`);
      for (const address of this.addresses) if (names.includes(address)) this.#loads.set(address, { load, opened: 0 });
    }
  }
}
const numeric = (value: Value | undefined): number => (typeof value === "number" ? value : 0);
const textOf = (value: Value | undefined): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");
