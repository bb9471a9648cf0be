import { NoReply } from "../../../kit/network.ts";
import type { Surroundings } from "../node.ts";
import type {
  AppendEntriesReply,
  AppendEntriesRequest,
  GetTableStatusReply,
  GetTaskStatusReply,
  ManifestReply,
  TableStatusRow,
  TaskInfo,
  TermPairReply,
} from "../tablet-messages.ts";

export interface TabletAnswer {
  readonly code: number;
  readonly msg?: string;
}

/** The nameserver's calls of tablets, each at the endpoint that the metadata names. */
export class TabletClient {
  readonly #surroundings: Surroundings;
  readonly #from: string;
  readonly #timeoutMs: number;

  constructor(surroundings: Surroundings, from: string, timeoutMs: number) {
    this.#surroundings = surroundings;
    this.#from = from;
    this.#timeoutMs = timeoutMs;
  }

  /** Null: no answer, or one that is no answer of a tablet. */
  async ask<Answer extends TabletAnswer>(endpoint: string, method: string, request: object): Promise<Answer | null> {
    try {
      const reply = await this.#surroundings.network.call(
        this.#from,
        endpoint,
        {
          method: "POST",
          path: `/TabletServer/${method}`,
          headers: { "content-type": "application/json", authorization: "sdefault" },
          body: JSON.stringify(request),
        },
        this.#timeoutMs,
      );
      return reply.status === 200 ? (JSON.parse(reply.body) as Answer) : null;
    } catch (error) {
      if (error instanceof NoReply) return null;
      throw error;
    }
  }

  /** False: refused, or not answered. */
  async does(endpoint: string, method: string, request: object): Promise<boolean> {
    const answer = await this.ask(endpoint, method, request);
    if (answer?.code === 0) return true;
    const why = answer === null ? "no answer" : `code ${String(answer.code)} ${answer.msg ?? ""}`;
    this.#surroundings.log("WARNING", `${method} at ${endpoint} failed: ${why}`);
    return false;
  }

  /** Null: no answer. */
  async tableStatus(endpoint: string): Promise<readonly TableStatusRow[] | null> {
    const answer = await this.ask<GetTableStatusReply>(endpoint, "GetTableStatus", {});
    return answer?.code === 0 ? (answer.all_table_status ?? []) : null;
  }

  /** Null: no answer. */
  async taskStatus(endpoint: string): Promise<readonly TaskInfo[] | null> {
    const answer = await this.ask<GetTaskStatusReply>(endpoint, "GetTaskStatus", {});
    return answer?.code === 0 ? (answer.task ?? []) : null;
  }

  async termPair(endpoint: string, tid: number, pid: number, storageMode: string): Promise<TermPairReply | null> {
    const answer = await this.ask<TermPairReply>(endpoint, "GetTermPair", { tid, pid, storage_mode: storageMode });
    return answer?.code === 0 ? answer : null;
  }

  async manifest(endpoint: string, tid: number, pid: number, storageMode: string): Promise<ManifestReply["manifest"] | null> {
    const answer = await this.ask<ManifestReply>(endpoint, "GetManifest", { tid, pid, storage_mode: storageMode });
    return answer?.code === 0 ? answer.manifest : null;
  }

  /** The follower takes the higher term, and no entry of an older one from then on; it answers its offset. Null: refused, or no answer. */
  async followOfNoOne(endpoint: string, tid: number, pid: number, term: number): Promise<number | null> {
    const request: AppendEntriesRequest = { tid, pid, term, preLogIndex: 0, preLogTerm: 0, entries: [] };
    const answer = await this.ask<AppendEntriesReply>(endpoint, "AppendEntries", request);
    return answer?.code === 0 ? (answer.logOffset ?? 0) : null;
  }
}
