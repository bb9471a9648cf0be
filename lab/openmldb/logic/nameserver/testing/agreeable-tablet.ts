import type { Network } from "../../../../kit/network.ts";
import type { ZooKeeperPort } from "../../../../kit/zookeeper.ts";
import type { TaskInfo } from "../../tablet-messages.ts";

interface Call {
  readonly to: string;
  readonly method: string;
  readonly request: Readonly<Record<string, unknown>>;
}

/** A tablet that does nothing and says that it did: what a nameserver asks of tablets, without tablets. */
export class AgreeableTablet {
  readonly endpoint: string;
  readonly calls: Call[] = [];
  /** Of every partition. */
  offset = 0;
  /** Tasks that it says are done; others stay under way. */
  finishes = true;
  readonly #tasks = new Map<number, TaskInfo>();

  constructor(endpoint: string) {
    this.endpoint = endpoint;
  }

  async start(network: Network, zookeeper: ZooKeeperPort): Promise<void> {
    await network.listen(this.endpoint, (request) => {
      const method = request.path.slice(request.path.lastIndexOf("/") + 1);
      const body = JSON.parse(request.body) as Readonly<Record<string, unknown>>;
      this.calls.push({ to: this.endpoint, method, request: body });
      return Promise.resolve({ status: 200, body: JSON.stringify({ code: 0, ...this.#answer(method, body) }) });
    });
    const session = await zookeeper.connect(10_000);
    await session.ensure("/openmldb/nodes");
    await session.create(`/openmldb/nodes/${this.endpoint}`, `startup_${this.endpoint}`, { ephemeral: true });
  }

  #answer(method: string, request: Readonly<Record<string, unknown>>): object {
    const task = request["task_info"] as TaskInfo | undefined;
    if (task !== undefined) this.#tasks.set(task.op_id, { ...task, status: this.finishes ? "kDone" : "kDoing" });
    switch (method) {
      case "GetTaskStatus":
        return { task: [...this.#tasks.values()] };
      case "DeleteOPTask":
        for (const id of request["op_id"] as readonly number[]) this.#tasks.delete(id);
        return {};
      case "AppendEntries":
        return { logOffset: this.offset };
      case "GetTermPair":
        return { has_table: true, is_leader: true, term: 1, offset: this.offset };
      case "GetManifest":
        return { manifest: { offset: 0, name: "", count: 0, term: 0 } };
      default:
        return {};
    }
  }
}
