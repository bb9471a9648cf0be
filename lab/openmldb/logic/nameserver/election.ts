import { ZooKeeperError, type ZooKeeperSession } from "../../../kit/zookeeper.ts";
import type { Surroundings } from "../node.ts";
import { background } from "./background.ts";
import { Mutex } from "./mutex.ts";
import type { Store } from "./store.ts";

/** How often it looks whether it has to queue (again), in milliseconds. */
const INTERVAL_MS = 1_000;

/**
 * The lock under /leader: the first of the sorted nodes leads. A first node with its own endpoint as value counts as its own, even one that an
 * earlier process of the same endpoint left behind: when that node's session ends, leadership may go to another nameserver (facts 2.3, upstream issue 2927).
 */
export class Election {
  readonly #surroundings: Surroundings;
  readonly #store: Store;
  readonly #endpoint: string;
  readonly #locked: () => Promise<void>;
  readonly #lost: () => void;
  readonly #mutex = new Mutex();
  #state: "lost" | "trying" | "locked" = "lost";
  #assigned = "";
  #session: ZooKeeperSession | null = null;
  /** Watches of an earlier candidacy do nothing. */
  #candidacy = 0;

  constructor(surroundings: Surroundings, store: Store, endpoint: string, on: { readonly locked: () => Promise<void>; readonly lost: () => void }) {
    this.#surroundings = surroundings;
    this.#store = store;
    this.#endpoint = endpoint;
    this.#locked = on.locked;
    this.#lost = on.lost;
  }

  begin(): void {
    this.#surroundings.clock.after(INTERVAL_MS, () => {
      background(this.#surroundings, "election", async () => {
        try {
          await this.#queue();
        } finally {
          this.begin();
        }
      });
    });
  }

  async #queue(): Promise<void> {
    const { session } = this.#store;
    if (this.#state !== "lost" && session === this.#session) return;
    await this.#mutex.run(async () => {
      const path = await session.create(this.#store.path("leader", "lock_request"), this.#endpoint, { ephemeral: true, sequence: true });
      this.#assigned = path.slice(path.lastIndexOf("/") + 1);
      this.#state = "trying";
      this.#session = session;
      this.#candidacy += 1;
      await this.#look(this.#candidacy);
    });
  }

  /** Reads the queue now and at each change. */
  async #look(candidacy: number): Promise<void> {
    const { session } = this.#store;
    const leader = this.#store.path("leader");
    const names = await session.children(leader, () => {
      background(this.#surroundings, "election", async () => {
        await this.#mutex.run(async () => {
          if (candidacy === this.#candidacy) await this.#look(candidacy);
        });
      });
    });
    const first = names[0];
    if (first === undefined) return;
    const value = first === this.#assigned ? this.#endpoint : await this.#valueOf(session, `${leader}/${first}`);
    if (first !== this.#assigned && this.#state === "locked") {
      this.#state = "lost";
      this.#surroundings.log("INFO", "lock lost. wait a chance to get a lock");
      this.#lost();
    } else if (this.#state === "trying" && value === this.#endpoint) {
      this.#surroundings.log("INFO", `get lock with assigned_path ${this.#assigned}, first child ${first}`);
      this.#state = "locked";
      await this.#locked();
    }
  }

  async #valueOf(session: ZooKeeperSession, path: string): Promise<string | null> {
    try {
      return await session.get(path);
    } catch (error) {
      if (error instanceof ZooKeeperError) return null;
      throw error;
    }
  }
}
