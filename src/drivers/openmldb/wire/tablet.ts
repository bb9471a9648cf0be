// A tablet's rpcs (facts 2.6).
import type { z } from "zod";
import { Unreachable } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Json } from "../../../model/json.ts";
import { rpcCodes, RpcRefused, type TabletEffects, type TabletReads } from "../rpc.ts";
import type { Call, Exchange } from "./exchange.ts";
import { followersReply, nothing, tableStatusReply, termPairReply } from "./replies.ts";

const doesNotLead = new Set<number>([rpcCodes.tableDoesNotExist, rpcCodes.isFollower, rpcCodes.noFollower]);

/** The highest number that a table can have. */
const noTable = 4_294_967_295;

export class TabletClient implements TabletReads, TabletEffects {
  readonly #exchange: Exchange;
  readonly #where: () => Promise<{ readonly server: string; readonly address: string }>;
  constructor(exchange: Exchange, where: () => Promise<{ readonly server: string; readonly address: string }>) {
    this.#exchange = exchange;
    this.#where = where;
  }

  async tableStatus(): ReturnType<TabletReads["tableStatus"]> {
    return (await this.#read("GetTableStatus", {}, tableStatusReply)).all_table_status;
  }
  async followers(tid: number, pid: number): ReturnType<TabletReads["followers"]> {
    try {
      const { offset, follower_info: info } = await this.#read("GetTableFollower", { tid, pid }, followersReply);
      return { offset, followers: Object.fromEntries(info.map((each) => [each.endpoint, each.offset])) };
    } catch (error) {
      if (error instanceof RpcRefused && doesNotLead.has(error.rpcCode)) return null;
      throw error;
    }
  }
  async writeFenced(): Promise<boolean> {
    const where = { tid: noTable, pid: 0 };
    try {
      // Fields that a release requires beside these would be answered with HTTP status 400, never with a code.
      await this.#read("Put", { ...where, time: 0, value: "" }, nothing);
    } catch (error) {
      if (error instanceof RpcRefused && error.rpcCode === rpcCodes.followerCluster) return true;
      if (error instanceof RpcRefused && error.rpcCode === rpcCodes.tableDoesNotExist) return false;
      throw error;
    }
    throw new Unreachable(`whether the writes of a tablet are fenced cannot be told: it took a row for table ${String(noTable)}, which cannot exist`);
  }
  async termPair(tid: number, pid: number): ReturnType<TabletReads["termPair"]> {
    const { term, offset, has_table: present, is_leader: leads } = await this.#read("GetTermPair", { tid, pid }, termPairReply);
    return present ? { term, offset, leads } : null;
  }

  async setMode(fence: Fence, follower: boolean): Promise<void> {
    await this.#effect(fence, "SetMode", { follower });
  }
  async changeRole(
    fence: Fence,
    partition: Parameters<TabletEffects["changeRole"]>[1],
    to: Parameters<TabletEffects["changeRole"]>[2],
  ): Promise<void> {
    await this.#effect(fence, "ChangeRole", { tid: partition.tid, pid: partition.pid, ...to });
  }
  async recoverSnapshot(fence: Fence, { tid, pid }: Parameters<TabletEffects["recoverSnapshot"]>[1]): Promise<void> {
    await this.#effect(fence, "RecoverSnapshot", { tid, pid });
  }
  async loadTable(fence: Fence, table: Parameters<TabletEffects["loadTable"]>[1]): Promise<void> {
    const { storage, ...named } = table;
    // ttl and seg_cnt are required by the message and read from the tablet's own table_meta.txt (facts 1.7). As a follower: a leader that is loaded without
    // its followers accepts rows and replicates none of them, and ChangeRole refuses what leads already (102).
    await this.#effect(fence, "LoadTable", { table_meta: { ...named, mode: "kTableFollower", ttl: 0, seg_cnt: 8, storage_mode: storage } });
  }

  async #read<T>(method: string, body: Json, reply: z.ZodType<T>): Promise<T> {
    return this.#exchange.read(await this.#call(method, body, reply));
  }
  async #effect(fence: Fence, method: string, body: Json): Promise<void> {
    await this.#exchange.effect(fence, await this.#call(method, body, nothing));
  }
  async #call<T>(method: string, body: Json, reply: z.ZodType<T>): Promise<Call<T>> {
    return { ...(await this.#where()), service: "TabletServer", method, body, reply };
  }
}
