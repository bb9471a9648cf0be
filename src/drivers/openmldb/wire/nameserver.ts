// The nameserver's rpcs (facts 2.5), always to the one that leads.
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Json } from "../../../model/json.ts";
import type { z } from "zod";
import { rpcCodes, RpcRefused, type NameserverEffects, type NameserverReads, type PartitionName, type TabletRow } from "../rpc.ts";
import type { Call, Exchange } from "./exchange.ts";
import type { LeadingNameserver } from "./leader.ts";
import { confReply, databasesReply, nothing, operationsReply, tablesReply, tabletsReply } from "./replies.ts";

export class NameserverClient implements NameserverReads, NameserverEffects {
  readonly #exchange: Exchange;
  readonly #leader: LeadingNameserver;
  readonly #seen: (tablets: readonly TabletRow[]) => void;
  /** `seen`: told of every row of ShowTablet, for the real endpoints in it. */
  constructor(exchange: Exchange, leader: LeadingNameserver, seen: (tablets: readonly TabletRow[]) => void) {
    this.#exchange = exchange;
    this.#leader = leader;
    this.#seen = seen;
  }

  async showTablet(): ReturnType<NameserverReads["showTablet"]> {
    const { tablets } = await this.#read("ShowTablet", {}, tabletsReply);
    this.#seen(tablets);
    return tablets;
  }
  async showDatabase(): Promise<readonly string[]> {
    return (await this.#read("ShowDatabase", {}, databasesReply)).db;
  }
  async showTables(): ReturnType<NameserverReads["showTables"]> {
    return (await this.#read("ShowTable", { show_all: true }, tablesReply)).table_info;
  }
  async showTable(db: string, name: string): ReturnType<NameserverReads["showTable"]> {
    const { table_info: found } = await this.#read("ShowTable", { db, name }, tablesReply);
    return found.find((table) => table.name === name && table.db === db) ?? null;
  }
  async autoFailover(): Promise<boolean> {
    const { conf } = await this.#read("ConfGet", {}, confReply);
    const value = conf["auto_failover"];
    if (value === "true" || value === "false") return value === "true";
    throw new Unreachable(`the nameserver does not say whether auto_failover is on: ${JSON.stringify(conf)}`, { object: "auto_failover" });
  }
  async showOpStatus(
    filter: { readonly db?: string; readonly name?: string; readonly pid?: number } = {},
  ): ReturnType<NameserverReads["showOpStatus"]> {
    return (await this.#read("ShowOPStatus", filter, operationsReply)).op_status;
  }

  async setAutoFailover(fence: Fence, value: boolean): Promise<void> {
    await this.#effect(fence, "ConfSet", { conf: { key: "auto_failover", value: String(value) } });
  }
  async changeLeader(fence: Fence, partition: PartitionName, candidate: string | null): Promise<void> {
    await this.#effect(fence, "ChangeLeader", { ...partition, ...(candidate === null ? {} : { candidate_leader: candidate }) });
  }
  async recoverTable(fence: Fence, partition: PartitionName, endpoint: string): Promise<void> {
    await this.#effect(fence, "RecoverTable", { ...partition, endpoint });
  }
  async addReplica(fence: Fence, partition: PartitionName, endpoint: string): Promise<void> {
    await this.#effect(fence, "AddReplicaNS", { ...partition, endpoint, pid_group: [partition.pid] });
  }
  async delReplica(fence: Fence, partition: PartitionName, endpoint: string): Promise<void> {
    await this.#effect(fence, "DelReplicaNS", { ...partition, endpoint, pid_group: [partition.pid] });
  }
  async updateTableAlive(fence: Fence, partition: PartitionName, endpoint: string, alive: boolean): Promise<void> {
    await this.#effect(fence, "UpdateTableAliveStatus", { ...partition, endpoint, is_alive: alive });
  }
  async cancelOp(fence: Fence, id: number): Promise<void> {
    await this.#effect(fence, "CancelOP", { op_id: id });
  }

  #read<T>(method: string, body: Json, reply: z.ZodType<T>): Promise<T> {
    return this.#toLeader(method, body, reply, (call) => this.#exchange.read(call));
  }
  #effect(fence: Fence, method: string, body: Json): Promise<unknown> {
    return this.#toLeader(method, body, nothing, (call) => this.#exchange.effect(fence, call));
  }

  /** Tried once more, at another nameserver, only when the first one did nothing. */
  async #toLeader<T>(method: string, body: Json, reply: z.ZodType<T>, send: (call: Call<T>) => Promise<T>): Promise<T> {
    const attempt = async (): Promise<T> => {
      const { server, address } = await this.#leader.current();
      return send({ server, address, service: "NameServer", method, body, reply });
    };
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (error instanceof RpcRefused && error.rpcCode !== rpcCodes.notLeadingNameserver) throw error;
      this.#leader.forget();
      if (!(error instanceof Refused)) throw error;
      return attempt();
    }
  }
}
