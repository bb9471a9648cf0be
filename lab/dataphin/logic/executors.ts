import type { Reply, Request } from "../../kit/network.ts";
import type { Surroundings } from "./cluster.ts";
import { bodyOf, json, target, words } from "./http.ts";

/** One run of a task, as the executor knows it. */
export interface Task {
  readonly id: string;
  readonly instanceId: string;
  readonly nodeId: string;
  readonly start: number;
  readonly durationMs: number;
  readonly fails: boolean;
  readonly appends: boolean;
  state: "RUNNING" | "SUCCESS" | "FAILED";
  end: number | null;
  killedBy: string | null;
}
/** What a run wrote: `all` for one that writes its partition anew, halves for one that appends. */
interface Output {
  readonly instanceId: string;
  readonly taskId: string;
  readonly part: "all" | "first half" | "second half";
  readonly at: number;
}
interface State {
  tasks: Record<string, Task>;
  outputs: Output[];
}

/**
 * Where offline tasks run. They go on when scheduler and application are gone, and keep how and when each task ended, so that whoever comes back can
 * find out (facts 5.1). A start is known by the id of the task run: sent twice, it runs once.
 */
export class Executors {
  readonly #surroundings: Surroundings;
  readonly #state: State;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const saved = surroundings.store?.load() ?? null;
    this.#state = saved === null ? { tasks: {}, outputs: [] } : (JSON.parse(saved) as State);
    // The processes of tasks died with this one: what ran is unknown from now on.
    for (const task of Object.values(this.#state.tasks)) if (task.state === "RUNNING") delete this.#state.tasks[task.id];
  }

  async start(): Promise<void> {
    await this.#surroundings.network.listen(this.#surroundings.endpoints.executors, (request) => Promise.resolve(this.#serve(request)));
  }

  #serve(request: Request): Reply {
    const { path, parts } = target(request);
    if (request.method === "POST" && path === "/tasks") return json(200, this.#begin(bodyOf(request) as unknown as Task));
    if (request.method === "POST" && path === "/tasks/query") {
      const { ids } = bodyOf(request) as { readonly ids: readonly string[] };
      return json(200, { tasks: ids.flatMap((id) => this.#state.tasks[id] ?? []) });
    }
    if (request.method === "POST" && parts[0] === "tasks" && parts[2] === "kill") {
      const task = this.#state.tasks[parts[1] ?? ""];
      if (task === undefined) return json(404, { message: "no such task" });
      if (task.state === "RUNNING") this.#end(task, "FAILED", words(bodyOf(request)["by"]));
      return json(200, task);
    }
    // Of the lab: what really happened, and a task that is lost with its machine.
    if (path === "/lab/executors") return json(200, this.#state);
    if (request.method === "POST" && path === "/lab/executors/lose") {
      const { instance } = bodyOf(request);
      const lost = Object.values(this.#state.tasks).filter((task) => task.state === "RUNNING" && (instance === "*" || task.instanceId === instance));
      for (const task of lost) delete this.#state.tasks[task.id];
      this.#save();
      return json(200, { lost: lost.map(({ instanceId }) => instanceId) });
    }
    return json(404, { message: `no ${path}` });
  }

  #begin(wanted: Task): Task {
    const { clock } = this.#surroundings;
    const known = this.#state.tasks[wanted.id];
    if (known !== undefined) return known;
    const { id, instanceId, nodeId, durationMs, fails, appends } = wanted;
    const task: Task = { id, instanceId, nodeId, durationMs, fails, appends, start: clock.now(), state: "RUNNING", end: null, killedBy: null };
    this.#state.tasks[id] = task;
    this.#save();
    if (appends)
      clock.after(durationMs / 2, () => {
        this.#write(task, "first half");
      });
    clock.after(durationMs, () => {
      if (task.state !== "RUNNING" || this.#state.tasks[id] !== task) return;
      if (!fails) this.#write(task, appends ? "second half" : "all");
      this.#end(task, fails ? "FAILED" : "SUCCESS", null);
    });
    return task;
  }

  #write({ id, state, instanceId }: Task, part: Output["part"]): void {
    if (state === "RUNNING" && this.#state.tasks[id] !== undefined)
      this.#state.outputs.push({ instanceId, taskId: id, part, at: this.#surroundings.clock.now() });
  }

  #end(task: Task, state: "SUCCESS" | "FAILED", killedBy: string | null): void {
    task.state = state;
    task.end = this.#surroundings.clock.now();
    task.killedBy = killedBy;
    this.#save();
  }

  #save(): void {
    this.#surroundings.store?.save(JSON.stringify(this.#state));
  }
}
