// Runs a plan of this driver through the real engine, with a journal in memory and no claims: for this driver's own tests.
import { setTimeout as pause } from "node:timers/promises";
import type { Signal } from "../../../journal/store.ts";
import { run } from "../../../engine/run.ts";
import type { Outcome } from "../../../engine/run-request.ts";
import type { Surroundings } from "../../../engine/surroundings.ts";
import type { ClusterDefinition } from "../../../model/cluster.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { RunEvent } from "../../../model/event.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Goal } from "../../../model/goal.ts";
import type { StepEvidence } from "../../../model/driver.ts";
import { isUndo, type Item, type Step, type Turn } from "../../../model/step.ts";
import { makePlan } from "../../../planner/plan.ts";
import type { Plan } from "../../../model/plan.ts";
import type { DemoCluster } from "../demo/demo-cluster.ts";
import { PostgresDriver } from "../driver.ts";
import { openHost, type HostConnection } from "../../../hosts/connection.ts";

export interface Trial {
  readonly driver: PostgresDriver;
  readonly definition: ClusterDefinition;
  readonly hosts: ReadonlyMap<string, HostConnection>;
  close(): Promise<void>;
}

export function definitionOf(demo: DemoCluster): ClusterDefinition {
  return {
    version: 1,
    cluster: demo.name,
    system: "postgres",
    hosts: demo.nodes.map((node) => ({
      name: node.hostName,
      transport: "local",
      address: null,
      user: demo.serverUser?.name ?? null,
      stateDirectory: node.stateDirectory,
      domain: null,
    })),
    nodes: demo.nodes.map((node) => ({
      name: node.name,
      host: node.hostName,
      endpoint: node.endpoint,
      service: null,
      options: { dataDirectory: node.dataDirectory, installation: node.installation, logFile: node.logFile },
    })),
    policy: { maxUnavailable: 1 },
    hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
    continuity: { enabled: true, route: { hosts: demo.nodes.map(({ endpoint }) => endpoint) }, rate: 200, minAcks: 20, verifyAfterS: 1 },
    options: { user: demo.user, password: "secret", database: "postgres" },
  };
}

export function openTrial(demo: DemoCluster, definition: ClusterDefinition = definitionOf(demo)): Trial {
  const hosts = new Map(definition.hosts.map((host) => [host.name, openHost(host, definition.cluster)]));
  const driver = new PostgresDriver(definition, {
    host: (name) => {
      const host = hosts.get(name);
      if (host === undefined) throw new RangeError(name);
      return host;
    },
    secret: async () => demo.password,
    now: () => Date.now(),
  });
  const close = async (): Promise<void> => {
    await driver.close();
    await Promise.all([...hosts.values()].map((host) => host.close()));
  };
  return { driver, definition, hosts, close };
}

export const goal = (part: Partial<Goal>): Goal => ({
  version: null,
  artefact: null,
  settings: {},
  restart: false,
  mode: "auto",
  only: null,
  options: {},
  ...part,
});

/** With the reasons in the message, for whoever reads a failed test. */
export async function planOf(trial: Trial, wanted: Goal, overrides: Plan["overrides"] = []): Promise<Plan> {
  try {
    return await makePlanOf(trial, wanted, overrides);
  } catch (error) {
    if (error instanceof StillwaterError) error.message += `\n${error.why.join("\n")}`;
    throw error;
  }
}
async function makePlanOf(trial: Trial, wanted: Goal, overrides: Plan["overrides"]): Promise<Plan> {
  return makePlan(trial.driver, {
    cluster: trial.definition.cluster,
    goal: wanted,
    facts: await trial.driver.inspect(),
    overrides,
    rollsBack: null,
    createdAt: new Date().toISOString(),
    createdBy: "test",
  });
}

export interface Ran {
  readonly turns: readonly Turn[];
  readonly outcome: Outcome;
  readonly events: readonly (RunEvent & { readonly when: number })[];
}

/** `stopWhen`: asked after every event; true aborts, "pause" stands still there. */
export async function carryOut(
  trial: Trial,
  turns: readonly Turn[],
  {
    events: former = [],
    watch = () => "run",
    kill = () => null,
    abort = false,
  }: {
    events?: Ran["events"];
    watch?: (event: RunEvent) => Signal["desired"];
    /** Ends the run as a kill would: before the events are durable, or after. */
    kill?: (event: RunEvent) => "before" | "after" | null;
    abort?: boolean;
  } = {},
): Promise<Ran> {
  const events: (RunEvent & { when: number })[] = [...former];
  let signal: Signal = { desired: abort ? "abort" : "run", by: "test", reason: "test" };
  const epoch = Date.now();
  for (const host of trial.hosts.values())
    await host.claim({ store: "trial", run: "1", epoch, holder: "test", verb: "apply", expires: Date.now() + 600_000 });
  const fence = (): Fence => ({ run: "1", epoch, connection: 1, signal: AbortSignal.timeout(30_000) });
  const surroundings: Surroundings = {
    now: () => Date.now(),
    sleep: (ms) => pause(ms),
    append: async (added) => {
      const end = added.map((event) => kill(event)).find((each) => each !== null) ?? null;
      if (end === "before") throw new Killed(events);
      for (const event of added) {
        events.push({ ...(JSON.parse(JSON.stringify(event)) as RunEvent), when: performance.now() });
        const desired = watch(event);
        if (desired !== "run") signal = { desired, by: "test", reason: "test" };
      }
      if (end === "after") throw new Killed(events);
    },
    signal: () => signal,
    send: async (_, effect) => effect(fence()),
    raiseFences: async () => undefined,
    progress: () => undefined,
  };
  const outcome = await run({ id: "trial", driver: trial.driver, turns, events: former, surroundings });
  return { outcome, events, turns };
}

export class Killed extends Error {
  readonly events: Ran["events"];
  constructor(events: Ran["events"]) {
    super("killed");
    this.events = events;
  }
}

export const describeRun = ({ events }: Ran): string =>
  events
    .map(
      (event) =>
        `${(event.when - (events[0]?.when ?? 0)).toFixed(0).padStart(6)} ${event.is} ${"step" in event ? String(event.step) : ""} ${"proof" in event ? JSON.stringify(event.proof) : "why" in event ? event.why : ""}`,
    )
    .join("\n");

/** What the steps left in the journal, as `prove` gets it. */
export function evidenceOf({ events, turns }: Ran): readonly StepEvidence[] {
  const steps = new Map<string, Step>();
  const learn = (items: readonly Item[]): void => {
    for (const item of items) if (!isUndo(item)) steps.set(item.id, item);
  };
  for (const turn of turns) learn(turn.items);
  return events.flatMap((event): readonly StepEvidence[] => {
    if (event.is === "expanded") learn(event.into);
    if (event.is !== "done") return [];
    const step = steps.get(event.step);
    return step === undefined ? [] : [{ step: step.id, do: step.do, params: step.params, proof: event.proof }];
  });
}
