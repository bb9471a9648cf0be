// Which nameserver leads now: every one is asked, because a standby answers code 300 (facts 2.3).
import { Refused, Unreachable } from "../../../model/errors.ts";
import { rpcCodes, RpcRefused } from "../rpc.ts";
import type { Exchange } from "./exchange.ts";
import { confReply } from "./replies.ts";

export interface Nameserver {
  /** As people know it. */
  readonly server: string;
  readonly endpoint: string;
  readonly address: string;
}
type Said =
  | { readonly is: "leads" | "standby" | "nobody-listens"; readonly nameserver: Nameserver; readonly words: string }
  | { readonly is: "silent"; readonly nameserver: Nameserver; readonly words: string; readonly remedy: string };

const askTimeoutMs = 3_000;

export class LeadingNameserver {
  readonly #exchange: Exchange;
  readonly #nameservers: () => Promise<readonly Nameserver[]>;
  #known: Nameserver | null = null;

  /** `nameservers`: whom to ask; may read ZooKeeper when the cluster file names none. */
  constructor(exchange: Exchange, nameservers: () => Promise<readonly Nameserver[]>) {
    this.#exchange = exchange;
    this.#nameservers = nameservers;
  }

  forget(): void {
    this.#known = null;
  }

  /** The one that led when it was last asked. Throws Unreachable with what each said when none leads. */
  async current(): Promise<Nameserver> {
    if (this.#known !== null) return this.#known;
    const said = await this.#askAll();
    const leader = leaderOf(said);
    if (leader === null)
      // Nothing has been sent to anybody but questions.
      throw new Refused("no nameserver leads the cluster now", {
        object: "nameserver",
        why: said.map(({ words }) => words),
        remedy: "Look at the nameservers' logs and at ZooKeeper; after a nameserver was stopped another takes over within zk_session_timeout.",
      });
    this.#known = leader;
    return leader;
  }

  /** Asked anew; null: none leads. Throws Unreachable when one is silent and so could lead. */
  async ask(): Promise<Nameserver | null> {
    const said = await this.#askAll();
    const leader = leaderOf(said);
    this.#known = leader;
    const silent = said.find((each): each is Extract<Said, { readonly is: "silent" }> => each.is === "silent");
    if (leader === null && silent)
      throw new Unreachable(`which nameserver leads is not known: ${silent.words}`, { object: silent.nameserver.server, remedy: silent.remedy });
    return leader;
  }

  async #askAll(): Promise<readonly Said[]> {
    const nameservers = await this.#nameservers();
    return Promise.all(nameservers.map((nameserver) => this.#askOne(nameserver)));
  }

  async #askOne(nameserver: Nameserver): Promise<Said> {
    const { server, address } = nameserver;
    try {
      await this.#exchange.read({ address, server, service: "NameServer", method: "ConfGet", body: {}, reply: confReply }, askTimeoutMs);
      return { is: "leads", nameserver, words: `${server} leads` };
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (error instanceof RpcRefused && error.rpcCode === rpcCodes.notLeadingNameserver)
        return { is: "standby", nameserver, words: `${server} is a standby` };
      if (error instanceof Refused && !(error instanceof RpcRefused)) return { is: "nobody-listens", nameserver, words: error.message };
      return { is: "silent", nameserver, words: error.message, remedy: error.remedy };
    }
  }
}

function leaderOf(said: readonly Said[]): Nameserver | null {
  const leaders = said.filter(({ is }) => is === "leads");
  if (leaders.length > 1)
    throw new Unreachable(`two nameservers say that they lead: ${leaders.map(({ nameserver }) => nameserver.server).join(" and ")}`, {
      object: "nameserver",
      remedy: "One of them has lost its ZooKeeper session and does not know it yet; it gives up within zk_session_timeout.",
    });
  return leaders[0]?.nameserver ?? null;
}
