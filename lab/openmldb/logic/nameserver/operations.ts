import type { TaskInfo } from "../tablet-messages.ts";
import { healthyTablets, isHealthy, type Context } from "./context.ts";
import { tabletOf, type Operation, type OpInfo, type OpWork, type Task } from "./operation.ts";
import { NoTasks, tasksOf } from "./task-sequences.ts";

/** Queues for replica clusters, which the lab has none of; they count where a queue is chosen by the number of them. */
const QUEUES_FOR_REPLICA_CLUSTERS = 2;
/** A task that its tablet does not know is given up after more polls than this. */
const POLLS_BEFORE_GIVING_UP = 5;
/** Tablets that did not confirm that an operation may be forgotten are asked again after this, in milliseconds; everything else waits meanwhile. */
const ASK_AGAIN_MS = 100;

export interface Target {
  readonly name: string;
  readonly db: string;
  readonly pid: number;
}
export interface Placement {
  /** Queue = pid modulo this; default: name_server_task_concurrency. */
  readonly concurrency?: number;
  /** The operation that it follows at once, in the same queue. */
  readonly parent?: number;
}
/** Codes 304, 305 and 306 of facts 2.7. */
export type CreateFailure = "set-zk-failed" | "create-op-failed" | "add-op-data-failed";

/** The operations of the nameserver that leads: queues, one operation at a time in each, tasks one after the other (facts 2.8). */
export class Operations {
  readonly #context: Context;
  readonly #run: (task: Task, operation: Operation) => Promise<void>;
  #queues: Operation[][] = [];
  /** Done and canceled ones live only here; failed ones in ZooKeeper too. */
  readonly #done: Operation[] = [];
  /** Last one given. */
  #index = 0;
  /** A new one for each time that this nameserver leads. */
  #turn = 0;
  #rpcVersion = 0;
  #signalled = false;
  #wake: (() => void) | null = null;

  constructor(context: Context, run: (task: Task, operation: Operation) => Promise<void>) {
    this.#context = context;
    this.#run = run;
  }

  get size(): number {
    return this.#context.flags.taskMaxConcurrency + QUEUES_FOR_REPLICA_CLUSTERS;
  }

  /** Sorted by id. */
  list(): readonly Operation[] {
    return [...this.#done, ...this.#queues.flat()].toSorted((a, b) => a.info.op_id - b.info.op_id);
  }

  /** Null: not at the head of a queue. */
  current(id: number): Operation | null {
    return this.#queues.flatMap(([first]) => first ?? []).find(({ info }) => info.op_id === id) ?? null;
  }

  /** Under the lock. */
  async create(work: OpWork, { name, db, pid }: Target, { concurrency, parent }: Placement = {}): Promise<Operation | CreateFailure> {
    const { store, catalog, flags, surroundings } = this.#context;
    if (!(await store.write("op/op_index", String(this.#index + 1)))) return "set-zk-failed";
    this.#index += 1;
    const table = catalog.find(db, name);
    if (table === null) return "create-op-failed";
    const queues = concurrency ?? flags.taskConcurrency;
    const queue = pid % (queues > 0 && queues < this.size ? queues : this.size);
    const info: OpInfo = {
      op_id: this.#index,
      name,
      db,
      pid,
      parent_id: parent ?? null,
      vec_idx: queue,
      task_index: 0,
      task_status: "kInited",
      start_time: 0,
      end_time: 0,
      work,
    };
    const tasks = this.#tasks(info);
    if (tasks === null) return "create-op-failed";
    const operation: Operation = { info, tasks };
    if (!(await store.addOperation(info))) return "add-op-data-failed";
    const waiting = this.#queues[queue] ?? [];
    if (parent === undefined) waiting.push(operation);
    else {
      const at = waiting.findIndex((one) => one.info.op_id === parent);
      if (at < 0) {
        surroundings.log(
          "WARNING",
          `not found parent_id ${String(parent)} with index ${String(queue)}. add op ${String(info.op_id)} failed, op_type ${work.op_type}`,
        );
        return "add-op-data-failed";
      }
      waiting.splice(at + 1, 0, operation);
    }
    this.#queues[queue] = waiting;
    surroundings.log("INFO", `add op ok. op_id ${String(info.op_id)} op_type ${work.op_type} name ${name} pid ${String(pid)}`);
    await this.#forgetOldest();
    this.signal();
    return operation;
  }

  /** Under the lock. What the predecessor left: operations under way go on at their task, failed ones are kept. */
  async recover(): Promise<void> {
    const { store, surroundings } = this.#context;
    this.#index = await store.counter("op/op_index", 0);
    this.#queues = Array.from({ length: this.size }, () => []);
    for (const info of await store.operations()) {
      if (info.task_status === "kDone" || info.task_status === "kCanceled") continue;
      const tasks = this.#tasks(info);
      if (tasks === null) continue;
      // All of its tasks were done and it was not yet deleted: it is left lying in ZooKeeper, and no list has it any more.
      if (info.task_status !== "kInited" && info.task_index > tasks.length - 1) {
        surroundings.log("WARNING", `skip task failed. op_id ${String(info.op_id)} task_index ${String(info.task_index)}`);
        continue;
      }
      const operation: Operation = { info, tasks: info.task_status === "kInited" ? tasks : resumed(info, tasks.slice(info.task_index)) };
      if (info.task_status === "kFailed") {
        if (!this.#done.some((one) => one.info.op_id === info.op_id)) this.#done.push(operation);
      } else this.#queues[Math.min(info.vec_idx, this.size - 1)]?.push(operation);
    }
    const order = ({ info }: Operation): readonly [number, number] => [info.parent_id ?? Number.MAX_SAFE_INTEGER, info.op_id];
    for (const queue of this.#queues) queue.sort((a, b) => order(a)[0] - order(b)[0] || order(a)[1] - order(b)[1]);
  }

  /** From now on until this nameserver leads no more. */
  begin(): void {
    this.#turn += 1;
    const turn = this.#turn;
    void this.#process(turn);
    const poll = (): void => {
      this.#context.surroundings.clock.after(this.#context.flags.getTaskStatusInterval, () => {
        if (!this.#leads(turn)) return;
        void this.poll(false).then(poll);
      });
    };
    poll();
  }

  signal(): void {
    this.#signalled = true;
    this.#wake?.();
  }

  /** UpdateTaskStatus: what tablets say of the tasks they were given. `recovering`: a task that its tablet does not know has failed at once. */
  async poll(recovering: boolean): Promise<void> {
    const { tablets, flags, client, surroundings } = this.#context;
    for (const [endpoint, { state, since }] of tablets) {
      if (state === "kHealthy" || surroundings.clock.now() < since + flags.tabletHeartbeatTimeout) continue;
      for (const task of this.#doing()) if (tabletOf(task.work) === endpoint) task.status = "kFailed";
    }
    const version = this.#rpcVersion;
    for (const endpoint of healthyTablets(this.#context)) {
      const known = await client.taskStatus(endpoint);
      if (known === null) continue;
      // A task was sent meanwhile: what the tablet said may be older than it.
      if (version !== this.#rpcVersion) break;
      for (const queue of this.#queues) {
        const first = queue[0];
        const task = first?.tasks[0];
        if (first === undefined || task?.status !== "kDoing") continue;
        judge(task, first.info.op_id, endpoint, known, recovering);
      }
    }
    this.signal();
  }

  /** False: no operation of that id is waiting or under way. */
  async cancel(id: number): Promise<boolean> {
    const operation = this.#queues.flat().find(({ info }) => info.op_id === id && (info.task_status === "kInited" || info.task_status === "kDoing"));
    if (operation === undefined) return false;
    operation.info.task_status = "kCanceled";
    for (const task of operation.tasks) task.status = "kCanceled";
    this.signal();
    for (const endpoint of healthyTablets(this.#context)) await this.#context.client.does(endpoint, "CancelOP", { op_id: id });
    return true;
  }

  /** Under the lock. `missing`: none matches; `zk`: could not be deleted there. */
  async remove(matches: (info: OpInfo) => boolean): Promise<"ok" | "missing" | "zk"> {
    let found: "ok" | "missing" = "missing";
    for (const list of [this.#done, ...this.#queues])
      for (const operation of list.filter(({ info }) => matches(info))) {
        if (operation.info.task_status !== "kDone" && !(await this.#context.store.removeOperation(operation.info.op_id))) return "zk";
        list.splice(list.indexOf(operation), 1);
        found = "ok";
      }
    return found;
  }

  /** The task was sent to its tablet, or could not be. */
  noteSent(task: Task): void {
    this.#rpcVersion += 1;
    task.sent = true;
  }

  #leads(turn: number): boolean {
    return this.#context.running && turn === this.#turn;
  }

  #doing(): readonly Task[] {
    return this.#queues.flatMap(([first]) => first?.tasks[0] ?? []).filter(({ status }) => status === "kDoing");
  }

  #tasks({ work, db, name, pid, op_id }: OpInfo): Task[] | null {
    const { catalog, flags, surroundings } = this.#context;
    const table = catalog.find(db, name);
    try {
      if (table === null) throw new NoTasks(`table ${name} does not exist`);
      return tasksOf(work, table, pid, (tablet) => isHealthy(this.#context, tablet), flags.checkBinlogSyncProgressDelta);
    } catch (error) {
      if (!(error instanceof NoTasks)) throw error;
      surroundings.log("WARNING", `create ${work.op_type} task failed. op_id ${String(op_id)}: ${error.message}`);
      return null;
    }
  }

  async #process(turn: number): Promise<void> {
    while (this.#leads(turn)) {
      this.#signalled = false;
      await this.#context.lock.run(() => this.#start());
      const advanced = await this.#context.lock.run(() => this.#advance());
      const ended = await this.#end();
      if (ended === "again") this.#context.surroundings.clock.after(ASK_AGAIN_MS, () => this.signal());
      if (advanced || ended === "some" || this.#signalled) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = null;
    }
  }

  async #start(): Promise<void> {
    for (const [first] of this.#queues) {
      const task = first?.tasks[0];
      if (first === undefined || task === undefined) continue;
      const { info } = first;
      if (info.task_status === "kFailed" || info.task_status === "kCanceled") continue;
      if (info.task_status === "kInited") {
        info.start_time = this.#seconds();
        info.task_status = "kDoing";
        if (!(await this.#context.store.writeOperation(info))) {
          info.task_status = "kInited";
          continue;
        }
      }
      if (task.status !== "kInited") continue;
      task.status = "kDoing";
      this.#context.surroundings.log("INFO", `run task. opid ${String(info.op_id)} op_type ${info.work.op_type} task_type ${task.work.type}`);
      void this.#run(task, first).then(() => this.signal());
    }
  }

  async #advance(): Promise<boolean> {
    let advanced = false;
    for (const [first] of this.#queues) {
      if (first?.tasks[0]?.status !== "kDone") continue;
      first.info.task_index += 1;
      if (await this.#context.store.writeOperation(first.info)) {
        first.tasks = first.tasks.slice(1);
        advanced = true;
      } else first.info.task_index -= 1;
    }
    return advanced;
  }

  /** `again`: a tablet did not confirm, so nothing was deleted. */
  async #end(): Promise<"none" | "some" | "again"> {
    const over = this.#queues.flatMap(([first]) => {
      if (first === undefined) return [];
      const task = first.tasks[0];
      return task === undefined || task.status === "kFailed" || first.info.task_status === "kCanceled" ? [first] : [];
    });
    if (over.length === 0) return "none";
    let confirmed = true;
    for (const endpoint of healthyTablets(this.#context))
      if (!(await this.#context.client.does(endpoint, "DeleteOPTask", { op_id: over.map(({ info }) => info.op_id) }))) confirmed = false;
    if (!confirmed) return "again";
    await this.#context.lock.run(async () => {
      for (const operation of over) await this.#close(operation);
    });
    return "some";
  }

  async #close(operation: Operation): Promise<void> {
    const { info, tasks } = operation;
    const { store, surroundings } = this.#context;
    const queue = this.#queues[info.vec_idx];
    const at = queue?.indexOf(operation) ?? -1;
    if (queue === undefined || at < 0) return;
    if (tasks[0]?.status === "kFailed") {
      info.task_status = "kFailed";
      info.end_time = this.#seconds();
      surroundings.log("WARNING", `set op ${info.work.op_type} status failed. op_id ${String(info.op_id)} task ${tasks[0].work.type}`);
      await store.writeOperation(info);
    } else {
      if (!(await store.removeOperation(info.op_id))) return;
      info.end_time = this.#seconds();
      if (info.task_status === "kDoing") {
        info.task_status = "kDone";
        operation.tasks = [];
      }
    }
    queue.splice(at, 1);
    this.#done.push(operation);
  }

  async #forgetOldest(): Promise<void> {
    while (this.#done.length > this.#context.flags.maxOpNum) {
      const [oldest] = this.#done;
      if (oldest === undefined) return;
      if (oldest.info.task_status === "kFailed" && !(await this.#context.store.removeOperation(oldest.info.op_id))) return;
      this.#done.shift();
    }
  }

  #seconds(): number {
    return Math.floor(this.#context.surroundings.clock.now() / 1_000);
  }
}

/** Where a new nameserver takes it up: what it does itself it does again; of a tablet's task it assumes that it was begun. ChangeLeader is taken for a tablet's task, and nobody answers for it. */
function resumed(info: OpInfo, tasks: Task[]): Task[] {
  const task = tasks[0];
  if (task === undefined) return tasks;
  if (info.task_status === "kFailed") {
    task.status = "kFailed";
    return tasks;
  }
  switch (task.work.type) {
    case "kSelectLeader":
    case "kUpdateLeaderInfo":
    case "kUpdatePartitionStatus":
    case "kUpdateTableInfo":
    case "kRecoverTable":
    case "kAddTableInfo":
    case "kCheckBinlogSyncProgress":
      task.status = "kInited";
      break;
    case "kChangeLeader":
    case "kDelTableInfo":
    case "kMakeSnapshot":
    case "kPauseSnapshot":
    case "kRecoverSnapshot":
    case "kSendSnapshot":
    case "kLoadTable":
    case "kAddReplica":
    case "kDelReplica":
    case "kDropTable":
      task.status = "kDoing";
      break;
  }
  return tasks;
}

function judge(task: Task, opId: number, endpoint: string, known: readonly TaskInfo[], recovering: boolean): void {
  const own = tabletOf(task.work) === endpoint ? known.find((one) => one.op_id === opId && one.task_type === task.work.type) : undefined;
  if (own !== undefined && own.status !== "kInited") task.status = own.status;
  const lost = tabletOf(task.work) === endpoint && own === undefined && (recovering || (task.sent && task.polls > POLLS_BEFORE_GIVING_UP));
  if (lost) task.status = "kFailed";
  task.polls += 1;
}
