import { NoReply } from "../../../kit/network.ts";
import type { ZooKeeperSession } from "../../../kit/zookeeper.ts";
import { call, type Answer, type Caller } from "./rpc.ts";

const NOT_LEADER = 300;

/** Endpoint as it is dialled: a server name stands for the real endpoint below /map/names (facts 2.4). */
export async function realEndpoint(session: ZooKeeperSession, root: string, endpoint: string): Promise<string> {
  return (await session.get(`${root}/map/names/${endpoint}`)) ?? endpoint;
}

/** The nameserver that holds the oldest lock below /leader (facts 2.3); null: nobody does. */
export async function nameserverLeader(session: ZooKeeperSession, root: string): Promise<string | null> {
  const [first] = (await session.children(`${root}/leader`)).filter((name) => name.startsWith("lock_request")).toSorted();
  return first === undefined ? null : await session.get(`${root}/leader/${first}`);
}

export class NoLeader extends Error {
  constructor() {
    super("no nameserver leads");
  }
}

/** Calls the nameserver that leads. */
export class NameserverClient {
  readonly #caller: Caller;
  readonly #session: () => Promise<ZooKeeperSession>;
  readonly #root: string;
  #leader: string | null = null;

  constructor(caller: Caller, session: () => Promise<ZooKeeperSession>, root: string) {
    this.#caller = caller;
    this.#session = session;
    this.#root = root;
  }

  /** Throws NoLeader, and ZooKeeperError when nobody can be asked who leads. */
  async leader(): Promise<string> {
    const session = await this.#session();
    const name = await nameserverLeader(session, this.#root);
    if (name === null) throw new NoLeader();
    this.#leader = await realEndpoint(session, this.#root, name);
    return this.#leader;
  }

  /** The answer is the caller's to judge. Who leads is asked again once: after code 300, and when nobody listened. Throws NoLeader, NoReply, RpcFailure, ZooKeeperError. */
  async call<T extends Answer>(method: string, request: object): Promise<T> {
    if (this.#leader !== null) {
      try {
        const answer = await call<T>(this.#caller, this.#leader, "NameServer", method, request);
        if (answer.code !== NOT_LEADER) return answer;
      } catch (error) {
        if (!(error instanceof NoReply) || error.failure !== "refused") throw error;
      }
    }
    return await call<T>(this.#caller, await this.leader(), "NameServer", method, request);
  }
}
