// One observation of the installation. The application that is down, on purpose or not, is a fact; what it alone tells is null then.
import { Refused, Unreachable } from "../../model/errors.ts";
import type { HttpReply } from "../../model/http.ts";
import type { DpCluster, DpNode } from "./cluster.ts";
import type { ConsoleState, DpFacts, DpInstance, DpInstances, DpProject, DpState } from "./facts.ts";
import { readDataService, type DataServiceFacts } from "./inspect-data-service.ts";
import { readRealtime } from "./inspect-realtime.ts";
import { eachOf } from "./operations/batches.ts";
import { readConsole } from "./operations/console.ts";
import { ApiRefused, Malformed, NotReady } from "./wire/caller.ts";
import { listInstances, pendingStatuses, type Instance } from "./wire/operations/instances.ts";
import { listProjects } from "./wire/operations/projects.ts";
import { listStreamTasks } from "./wire/operations/streams.ts";
import { getServerVersion } from "./wire/operations/version.ts";

/** Milliseconds. */
const askTimeoutMs = 5_000;
/** APIs, grants and projects are asked for again after so long: people change them, not the run. */
const slowAgeMs = 60_000;
const minuteMs = 60_000;

interface Application {
  readonly state: DpState;
  readonly why: string | null;
  /** Null: it does not answer, or does not tell. */
  readonly version: string | null;
}

export class Inspector {
  readonly #cluster: DpCluster;
  #slow: { readonly at: number; readonly projects: readonly DpProject[]; readonly data: DataServiceFacts; readonly streamTasks: number } | null =
    null;
  readonly #classes: Parameters<typeof readDataService>[2] = new Map();
  #projects: readonly DpProject[] = [];

  constructor(cluster: DpCluster) {
    this.#cluster = cluster;
  }

  /** Throws Unreachable when nothing at all answers, ApiRefused for wrong keys, tenant or project. */
  async inspect(): Promise<DpFacts> {
    const cluster = this.#cluster;
    const [application, logon, others, realtime] = await Promise.all([
      this.#application(),
      this.#logon(),
      Promise.all([cluster.manager, cluster.gateway].flatMap((node) => (node === null ? [] : [this.#answers(node)]))),
      cluster.realtime === null ? null : readRealtime(cluster, cluster.realtime),
    ]);
    const states: Record<string, DpState> = { [cluster.application.name]: application.state };
    const why: Record<string, string> = application.why === null ? {} : { [cluster.application.name]: application.why };
    for (const { node, state, words } of others) {
      states[node.name] = state;
      if (words !== null) why[node.name] = words;
    }
    if (cluster.realtime !== null && realtime !== null) {
      states[cluster.realtime.name] = realtime.state;
      if (realtime.why !== null) why[cluster.realtime.name] = realtime.why;
    }
    if (logon === "unreachable" && Object.values(states).every((state) => state === "unreachable"))
      throw new Unreachable(`${cluster.cluster}: nothing of it answers`, { object: cluster.application.endpoint, why: Object.values(why) });
    const serving = application.state === "serving" ? await this.#serving() : null;
    return {
      structure: {
        version: application.version,
        timeZone: cluster.zone.name,
        nodes: Object.fromEntries(cluster.nodes.map(({ name, role, endpoint, hostName }) => [name, { role, endpoint, host: hostName }])),
        projects: serving?.projects ?? this.#projects,
        apis: serving?.data.apis ?? null,
        grants: serving?.data.grants ?? null,
      },
      now: {
        at: cluster.now(),
        states,
        why,
        console: logon,
        instances: serving?.instances ?? null,
        realtime: realtime?.jobs ?? null,
        streamTasks: serving?.streamTasks ?? null,
      },
    };
  }

  async #application(): Promise<Application> {
    const { api, declared } = this.#cluster;
    try {
      const told = await getServerVersion(api);
      return { state: "serving", why: null, version: (told ?? declared.version?.is)?.replace(/^v/i, "") ?? null };
    } catch (error) {
      if (error instanceof ApiRefused) throw error;
      // Whatever comes before the application answers for it while it is down.
      if (error instanceof NotReady) return { state: "starting", why: error.message, version: null };
      if (error instanceof Malformed) throw error;
      if (error instanceof Refused) return { state: "stopped", why: error.message, version: null };
      if (error instanceof Unreachable) return { state: "unreachable", why: error.message, version: null };
      throw error;
    }
  }

  async #get(url: string): Promise<HttpReply | "stopped" | Unreachable> {
    try {
      return await this.#cluster.http.request({ method: "GET", url, timeoutMs: askTimeoutMs });
    } catch (error) {
      if (error instanceof Refused) return "stopped";
      if (error instanceof Unreachable) return error;
      throw error;
    }
  }
  async #logon(): Promise<ConsoleState> {
    return (await readConsole(this.#cluster)).state;
  }
  async #answers(node: DpNode): Promise<{ readonly node: DpNode; readonly state: DpState; readonly words: string | null }> {
    const reply = await this.#get(node.url);
    if (reply === "stopped") return { node, state: "stopped", words: `nothing listens at ${node.endpoint}` };
    if (reply instanceof Unreachable) return { node, state: "unreachable", words: reply.message };
    const ready = reply.status < 500;
    return { node, state: ready ? "serving" : "starting", words: ready ? null : `status ${String(reply.status)}` };
  }

  /** What only an application that serves tells. It may go down meanwhile: then it was not seen, and that is said. */
  async #serving(): Promise<{
    readonly projects: readonly DpProject[];
    readonly data: DataServiceFacts;
    readonly streamTasks: number;
    readonly instances: DpInstances;
  }> {
    const cluster = this.#cluster;
    let slow = this.#slow;
    if (slow === null || cluster.now() - slow.at >= slowAgeMs) {
      const projects = await this.#wantedProjects();
      const [data, tasks] = await Promise.all([
        readDataService(cluster, projects, this.#classes),
        eachOf(projects, ({ id }) => listStreamTasks(cluster.api, { project: id, environment: cluster.environment })),
      ]);
      const published = tasks.flat().filter(({ status }) => status === "3").length;
      slow = { at: cluster.now(), projects, data, streamTasks: published };
      this.#slow = slow;
      this.#projects = projects;
    }
    return { projects: slow.projects, data: slow.data, streamTasks: slow.streamTasks, instances: await this.#instances(slow.projects) };
  }

  /** Of a project with two environments the list has two entries; the one of the other environment has no instances of ours. */
  async #wantedProjects(): Promise<readonly DpProject[]> {
    const { api, projects: wanted, environment } = this.#cluster;
    const all = (await listProjects(api)).filter(
      (project) => project.environment === null || project.environment === environment || project.mode === "BASIC",
    );
    const missing = (wanted ?? []).filter((each) => !all.some(({ id, name }) => each === id || each === name));
    if (missing.length > 0)
      throw new ApiRefused(
        "ListProjects",
        200,
        "DPN.OP.ProjectNotExist",
        `${missing.join(", ")}, named under options.projects`,
        "Mend options.projects.",
      );
    return all
      .filter(({ id, name }) => wanted === null || wanted.includes(id) || wanted.includes(name))
      .map(({ id, name }) => ({ id, name }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  async #instances(projects: readonly DpProject[]): Promise<DpInstances> {
    const { api, zone, environment } = this.#cluster;
    const listed = await eachOf(projects, ({ id: project }) =>
      Promise.all([
        listInstances(api, zone, { project, environment, statuses: ["RUNNING"] }),
        listInstances(api, zone, { project, environment, statuses: ["RUNNING"], scheduleType: "MANUAL" }),
        listInstances(api, zone, { project, environment, statuses: pendingStatuses }),
      ]),
    );
    const running = listed.flatMap(([normal, manual]) => [...normal, ...manual]).map(runningOf);
    const waiting = listed.flatMap(([, , pending]) => pending);
    const pending = waiting.filter(({ paused }) => !paused);
    const minutes = new Map<number, number>();
    for (const { dueAt } of pending) {
      if (dueAt === null) continue;
      const minute = Math.floor(dueAt / minuteMs) * minuteMs;
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    }
    return {
      running: running.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      due: [...minutes].toSorted(([a], [b]) => a - b),
      pending: pending.length,
      paused: waiting.length - pending.length,
    };
  }
}

const runningOf = ({ id, project, node, nodeId, startedAt, priority }: Instance): DpInstance => ({ id, project, node, nodeId, startedAt, priority });
