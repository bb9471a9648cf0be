// Replies of ShowTable and GetTableStatus as they came, for the validator: polled, and once more right after each demotion.
import { NoReply } from "../../lab/kit/network.ts";
import type { MemoryCluster } from "../../lab/openmldb/memory/cluster.ts";
import type { Recorded } from "../validators/openmldb-loss.ts";
import { bodyOf, seeRequests } from "./tap.ts";

const OWN = "127.0.0.1:2";
const TIMEOUT_MS = 1_000;

export class Recorder {
  readonly recorded: Recorded[] = [];
  readonly #cluster: MemoryCluster;
  #running = false;

  constructor(cluster: MemoryCluster) {
    this.#cluster = cluster;
    // What an old leader has when it is told to follow is its last word: what comes later is the new leader's.
    for (const { endpoint } of cluster.of("nameserver"))
      seeRequests(cluster.network, endpoint, (method) => {
        if (!this.#running || method !== "TabletServer/ChangeRole") return;
        for (const tablet of cluster.of("tablet"))
          cluster.world.after(cluster.durations.roundTrip / 2 + 0.01, () => void this.#status(tablet.endpoint));
      });
  }
  start(everyMs: number): void {
    this.#running = true;
    const again = (): void => {
      if (!this.#running) return;
      void this.look();
      this.#cluster.world.after(everyMs, again);
    };
    again();
  }
  stop(): void {
    this.#running = false;
  }
  async look(): Promise<void> {
    const asked = this.#cluster.of("nameserver").map(({ endpoint }) => this.#ask(endpoint, "NameServer/ShowTable", { show_all: true }, "ShowTable"));
    await Promise.all([...asked, ...this.#cluster.of("tablet").map(({ endpoint }) => this.#status(endpoint))]);
  }
  #status(endpoint: string): Promise<void> {
    return this.#ask(endpoint, "TabletServer/GetTableStatus", {}, "GetTableStatus");
  }
  async #ask(endpoint: string, method: string, request: object, rpc: Recorded["rpc"]): Promise<void> {
    const { network, world } = this.#cluster;
    const headers = { authorization: "sdefault" };
    try {
      const { body } = await network.call(OWN, endpoint, { method: "POST", path: `/${method}`, headers, body: JSON.stringify(request) }, TIMEOUT_MS);
      const reply = bodyOf(body);
      if (reply["code"] === 0) this.recorded.push({ at: world.now(), endpoint, rpc, reply });
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
    }
  }
}
