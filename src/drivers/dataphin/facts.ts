// One observation of a Dataphin installation. Structure is what makes a plan stale; what runs, waits and answers is `now`. Times are ms since 1970.
import type { Facts } from "../../model/facts.ts";

export const roles = ["application", "manager", "gateway", "realtime"] as const;
export type Role = (typeof roles)[number];

/** What the impact tables distinguish (facts D3a). `unknown`: neither its document nor the cluster file tells. */
export const apiClasses = [
  "direct",
  "serviceUnit",
  "composite",
  "registered",
  "logicalTable",
  "dataphinSource",
  "compositeLogical",
  "unknown",
] as const;
export type ApiClass = (typeof apiClasses)[number];

export type DpNodeStructure = {
  readonly role: Role;
  /** HOST:PORT. */
  readonly endpoint: string;
  /** Name of the host in the cluster file. */
  readonly host: string;
};
export type DpProject = {
  /** Up to 64 bits. */
  readonly id: string;
  readonly name: string;
};
export type DpApi = {
  readonly id: string;
  readonly name: string;
  readonly project: string;
  readonly version: string;
  readonly class: ApiClass;
  /** Where the class is known from: its document, or the source that the cluster file names. */
  readonly classFrom: string;
};
/** An application's right to call one API in production. */
export type DpGrant = {
  readonly api: string;
  readonly appKey: string;
  /** yyyy-MM-dd, the last day; null: it does not expire. */
  readonly expires: string | null;
  /** Fields of the answer that the application may read; null: all of them, there is no field-level grant. */
  readonly fields: readonly string[] | null;
  /** Fields that are withheld; empty without a field-level grant. */
  readonly withheld: readonly string[];
};
export type DpStructure = {
  /** By which Dataphin shows its times. */
  readonly timeZone: string;
  /** As GetServerVersion tells it, without its v; null while the application does not answer, or it is no release that tells (before 6.0). */
  readonly version: string | null;
  readonly nodes: Readonly<Record<string, DpNodeStructure>>;
  readonly projects: readonly DpProject[];
  /** Null: the application does not answer. */
  readonly apis: readonly DpApi[] | null;
  readonly grants: readonly DpGrant[] | null;
};

/** `stopped`: nothing listens there. `starting`: it answers that it is not ready, or that it is under maintenance. `unreachable`: no answer, nothing is known. */
export type DpState = "serving" | "starting" | "stopped" | "unreachable";
/** The page where users log on. */
export type ConsoleState = "accessible" | "maintenance" | "stopped" | "unreachable";

export type DpInstance = {
  /** `t_...`. */
  readonly id: string;
  readonly project: string;
  readonly node: string;
  readonly nodeId: string;
  /** Null: it has not started. */
  readonly startedAt: number | null;
  readonly priority: string | null;
};
export type DpInstances = {
  readonly running: readonly DpInstance[];
  /** Waiting for its time, its turn or its resources, by the minute (ms since 1970) in which it is due, sorted. Paused nodes' instances are not among them. */
  readonly due: readonly (readonly [minute: number, instances: number])[];
  /** Not running and not paused, of all days that are generated. */
  readonly pending: number;
  readonly paused: number;
};
export type DpJob = {
  readonly id: string;
  readonly name: string;
  /** As the runtime says it: RUNNING, RESTARTING, ... */
  readonly state: string;
  /** Null: none has been completed. */
  readonly lastCheckpointAt: number | null;
};
export type DpNow = {
  /** When it was observed. */
  readonly at: number;
  readonly states: Readonly<Record<string, DpState>>;
  readonly console: ConsoleState;
  /** What the answer was, in words, for each node that does not serve. */
  readonly why: Readonly<Record<string, string>>;
  /** Null: the application does not answer. */
  readonly instances: DpInstances | null;
  /** Jobs of the real-time runtime; null: the cluster file names no runtime, or it does not answer. */
  readonly realtime: readonly DpJob[] | null;
  /** Published real-time tasks as the application lists them; null: it does not answer. */
  readonly streamTasks: number | null;
};
export type DpFacts = Facts<DpStructure, DpNow>;

export const nodesOf = (facts: DpFacts, role: Role): readonly string[] =>
  Object.entries(facts.structure.nodes).flatMap(([name, node]) => (node.role === role ? [name] : []));
/** The application answers its OpenAPI. */
export const applicationServes = (facts: DpFacts): boolean => nodesOf(facts, "application").some((name) => facts.now.states[name] === "serving");
