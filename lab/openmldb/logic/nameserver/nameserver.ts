import { Lifetime } from "../../../kit/lifetime.ts";
import { ZooKeeperError } from "../../../kit/zookeeper.ts";
import type { Component, RunningNode, Surroundings } from "../node.ts";
import { background } from "./background.ts";
import type { Context } from "./context.ts";
import { Election } from "./election.ts";
import { NameserverFaults } from "./faults.ts";
import { flagsOf } from "./flags.ts";
import { Catalog } from "./metadata.ts";
import { Mutex } from "./mutex.ts";
import { Operations } from "./operations.ts";
import { runTask } from "./run-task.ts";
import { serve } from "./serve.ts";
import { Store } from "./store.ts";
import { makeSystemTables } from "./system-tables.ts";
import { TabletClient } from "./tablet-client.ts";
import { Tablets } from "./tablets.ts";

/** One nameserver process. */
export class Nameserver implements RunningNode {
  readonly faults = new NameserverFaults();
  readonly #component: Component;
  readonly #life: Lifetime;
  readonly #context: Context;
  readonly #operations: Operations;
  readonly #tablets: Tablets;
  readonly #election: Election;
  #connected = false;
  #registered = false;

  constructor(component: Component, surroundings: Surroundings) {
    this.#component = component;
    this.#life = new Lifetime(surroundings);
    const { clock, network, zookeeper } = this.#life;
    const own: Surroundings = {
      ...surroundings,
      clock,
      network,
      zookeeper,
      random: () => surroundings.random(),
      log: (level, line) => {
        if (!this.#life.over) surroundings.log(level, line);
      },
      exit: (code, why) => {
        if (this.#life.over) return;
        this.#life.end();
        surroundings.exit(code, why);
      },
    };
    const flags = flagsOf(component);
    const store = new Store(flags.zkRootPath);
    this.#context = {
      endpoint: component.endpoint,
      flags,
      surroundings: own,
      faults: this.faults,
      store,
      client: new TabletClient(own, component.endpoint, flags.requestTimeout),
      catalog: new Catalog(),
      lock: new Mutex(),
      tablets: new Map(),
      running: false,
      autoFailover: flags.autoFailover,
      tableIndex: 1,
      term: 1,
    };
    this.#operations = new Operations(this.#context, (task, operation) => runTask(this.#context, this.#operations, task, operation));
    this.#tablets = new Tablets(this.#context, this.#operations);
    this.#election = new Election(own, store, component.endpoint, {
      locked: () => this.#lead(),
      lost: () => {
        this.#context.running = false;
      },
    });
  }

  async start(): Promise<void> {
    await serve(this.#component, this.#context, this.#operations, {
      registered: () => this.#registered,
      connect: async () => {
        try {
          await this.#connect();
          return true;
        } catch (error) {
          if (error instanceof ZooKeeperError) return false;
          throw error;
        }
      },
      disconnect: () => {
        this.#context.store.session.abandon();
        this.#connected = false;
        this.#context.running = false;
      },
    });
    background(this.#context.surroundings, "fail to init zookeeper", () => this.#join());
  }

  kill(): void {
    this.#life.end();
  }

  async #join(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      if (!(error instanceof ZooKeeperError)) throw error;
      this.#context.surroundings.exit(1, `fail to init zookeeper: ${error.message}`);
      return;
    }
    this.#registered = true;
    this.#election.begin();
    this.#keepSession();
  }

  async #connect(): Promise<void> {
    const { store, surroundings, flags } = this.#context;
    const session = await surroundings.zookeeper.connect(flags.zkSessionTimeout);
    store.use(session);
    this.#connected = true;
    session.onExpired(() => {
      if (store.session !== session) return;
      this.#context.running = false;
      this.#connected = false;
      surroundings.log("WARNING", "zk session expired");
      background(surroundings, "reconnect zk", () => this.#connect());
    });
    await store.prepare();
    await this.#tablets.watch();
  }

  /** CheckZkClient: who has no ZooKeeper leads no more, but notices it only this late. A new session queues for the lock anew. */
  #keepSession(): void {
    const { surroundings, flags, store } = this.#context;
    surroundings.clock.after(flags.zkKeepAliveCheckInterval, () => {
      background(surroundings, "zk keep alive", async () => {
        try {
          if (this.#connected && (await this.#reaches())) return;
          this.#context.running = false;
          this.#connected = false;
          surroundings.log("WARNING", "reconnect zk");
          const old = store.session;
          await this.#connect();
          await old.close();
        } finally {
          this.#keepSession();
        }
      });
    });
  }

  async #reaches(): Promise<boolean> {
    const { store } = this.#context;
    try {
      await store.session.get(store.path("nodes"));
      return true;
    } catch (error) {
      if (error instanceof ZooKeeperError) return false;
      throw error;
    }
  }

  /** OnLocked: recovers what ZooKeeper has, makes what is missing, and answers from then on. */
  async #lead(): Promise<void> {
    const context = this.#context;
    const { store, catalog, flags, lock, surroundings } = context;
    surroundings.log("INFO", "become the leader name server");
    await lock.run(async () => {
      context.tableIndex = await store.counter("table/table_index", 1);
      context.term = await store.counter("table/term", 1);
      await store.counter("table/notify", 1);
      context.autoFailover = await store.autoFailover(flags.autoFailover);
      catalog.clear();
      for (const db of await store.databases()) catalog.databases.add(db);
      for (const table of await store.tables()) if (catalog.databases.has(table.db)) catalog.set(table);
    });
    await this.#tablets.readTableStatus();
    await lock.run(() => this.#operations.recover());
    await this.#operations.poll(true);
    if (!(await makeSystemTables(context))) return;
    context.running = true;
    this.#operations.begin();
    this.#tablets.begin();
  }
}
