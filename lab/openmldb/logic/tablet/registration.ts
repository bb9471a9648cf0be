import { ZooKeeperError, type ZooKeeperSession } from "../../../kit/zookeeper.ts";
import type { TabletContext } from "./context.ts";

/** The tablet's session with ZooKeeper and its node below `nodes` (facts 2.4). */
export class Registration {
  readonly #context: TabletContext;
  readonly #path: string;
  #session: ZooKeeperSession | null = null;
  /** Under way: two at once would be in each other's way. */
  #registering: Promise<boolean> | null = null;

  constructor(context: TabletContext) {
    this.#context = context;
    this.#path = `${context.flags.zkRootPath}/nodes/${context.component.endpoint}`;
  }

  /** False: the process has to end. An older session's node that is still there is such a case (facts 3.2, upstream issue 2439). */
  async first(): Promise<boolean> {
    if (await this.#register(`startup_${this.#context.component.endpoint}`)) {
      this.#keepAlive();
      return true;
    }
    this.#context.surroundings.log("ERROR", "Fail to register zk");
    return false;
  }

  /** ConnectZK. The plain endpoint tells the nameserver that the process is the same. */
  async connect(): Promise<boolean> {
    if (this.#session !== null) return true;
    this.#registering ??= this.#register(this.#context.component.endpoint).finally(() => {
      this.#registering = null;
    });
    return await this.#registering;
  }

  /** DisConnectZK. */
  async disconnect(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close();
  }

  async #register(data: string): Promise<boolean> {
    const { surroundings, flags } = this.#context;
    let session: ZooKeeperSession | null = null;
    try {
      const connected = await surroundings.zookeeper.connect(flags.zkSessionTimeout);
      session = connected;
      await connected.ensure(`${flags.zkRootPath}/nodes`);
      await connected.create(this.#path, data, { ephemeral: true });
      this.#session = connected;
      connected.onExpired(() => {
        if (this.#session === connected) this.#session = null;
        surroundings.log("WARNING", "zookeeper session expired");
      });
      await this.#watchCatalog(connected);
      return true;
    } catch (error) {
      if (!(error instanceof ZooKeeperError)) throw error;
      const why = error.code === "NODE_EXISTS" ? "-110 (node exists)" : error.code;
      surroundings.log("ERROR", `create node ${this.#path} failed: ${why}`);
      this.#session = null;
      session?.abandon();
      return false;
    }
  }

  #keepAlive(): void {
    const { surroundings, flags } = this.#context;
    surroundings.clock.after(flags.zkKeepAliveCheckInterval, () => {
      void this.connect();
      this.#keepAlive();
    });
  }

  async #watchCatalog(session: ZooKeeperSession): Promise<void> {
    const { surroundings, flags, component } = this.#context;
    await session.get(`${flags.zkRootPath}/table/notify`, () => {
      surroundings.clock.after(component.durations.catalogRefresh, () => {
        this.#context.catalogVersion += 1;
      });
      this.#watchCatalog(session).catch((error: unknown) => {
        surroundings.log("WARNING", `catalog is not watched: ${error instanceof Error ? error.message : String(error)}`);
      });
    });
  }
}
