import type { ClusterDefinition } from "./cluster.ts";
import type { ContinuityClient, ContinuityOptions } from "./continuity.ts";
import type { DemoOptions, DemoStage } from "./demo.ts";
import type { Check, Facts, Invariant, NodeView } from "./facts.ts";
import type { Fence } from "./fence.ts";
import type { Artefact, Goal, Maintenance, Mode, ModeVerdict } from "./goal.ts";
import type { Host } from "./host.ts";
import type { HttpClient } from "./http.ts";
import type { ImpactForecast } from "./impact.ts";
import type { Json } from "./json.ts";
import type { Item, Turn } from "./step.ts";
import type { SystemKeys } from "./system-keys.ts";
import type { Watched, Watches } from "./watch.ts";

/** What a look says. A look that throws says nothing: the engine looks again until the deadline, then asks. */
export type Look =
  /** What the step wants holds now; the proof goes into the report. */
  | { readonly is: "done"; readonly proof?: Json }
  /** It does not hold and nothing is under way: act may be called. */
  | { readonly is: "open"; readonly why?: string }
  /** It is under way, or a condition is not met yet. */
  | { readonly is: "waiting"; readonly for: string }
  /** These first, then look again. */
  | { readonly is: "expand"; readonly into: readonly Item[] }
  /** No observation can decide: a person is asked, with what is known and what is not. */
  | { readonly is: "unclear"; readonly known: readonly string[]; readonly unknown: readonly string[] };

/** What the journal kept of a step. `before` is the first one, for ever; `receipt` is the last answer that we lived to write down. */
export interface Memory<Before extends Json, Receipt extends Json> {
  readonly before: Before;
  readonly receipt: Receipt | null;
}

export interface Reading {
  /** Milliseconds since 1970, by the orchestrator's clock. */
  readonly now: number;
}
export interface Acting extends Reading {
  /** The same over every attempt of this step and unique to it: names units, files and runs so that a look can find them again. */
  readonly token: string;
  /** The only way to change anything: proves the claim, sets the deadline, and passes the fence of the host named by `via` when the effect goes through it; null: over the network. */
  send<T>(via: string | null, effect: (fence: Fence) => T | Promise<T>): Promise<T>;
}

export interface Operation<F extends Facts, Params extends Json, Before extends Json, Receipt extends Json> {
  /** Read-only; journaled together with the first `acting`. What an undo will need: original values, arguments. */
  prepare?(params: Params, context: Reading): Promise<Before>;
  /** Read-only. Judges the state of the system, not our deeds: it decides before the first act, after every act and after a crash. */
  look(params: Params, memory: Memory<Before, Receipt>, context: Reading): Promise<Look>;
  /** At most one effect that must not happen twice. Absent: a condition, or a step that only a person can do. */
  act?(params: Params, memory: Memory<Before, Receipt>, context: Acting): Promise<Receipt>;
  /** Longest time in milliseconds after an act in which its effect may still arrive or be invisible: `open` is believed, and anything else sent, only after it. */
  readonly settleMs?: number;
  /** Every effect of an act is answered once it holds, or is refused: after an answer `open` is believed at once, and `settleMs` counts only for answers that were lost. */
  readonly answersSettle?: true;
  /** Shown in the plan. `host`: the helper refuses an old epoch. `unfenced`: a frozen orchestrator that wakes up late can still do it. */
  readonly fenced?: "host" | "compare-and-set" | "unfenced";
  /** Pure. The steps that put back what was acted, from `before` alone: the outcome may never have been recorded. Absent: left as it is. */
  undo?(params: Params, before: Before): readonly Item[];
  /** Pure. The facts once the step is done. Checked over the whole plan before it is shown, and from fresh facts before every act. */
  predict?(facts: F, params: Params): F;
}
/** An operation as the engine sees it: whatever crosses this line went through the journal as JSON. */
export type AnyOperation<F extends Facts> = Operation<F, Json, Json, Json>;

export interface Draft {
  readonly turns: readonly Turn[];
}
/** Why there is no plan: a stable code, the object, what would clear it and who can, and the price of going on anyway. */
export interface Refusal {
  readonly refused: string;
  readonly clear: string;
  readonly code?: string;
  readonly object?: string;
  readonly why?: readonly string[];
  /** What an override would cost; absent: it cannot be overridden. */
  readonly price?: string;
}

/** What is needed to plan and run: required of every driver, real or fake. */
export interface Driver<F extends Facts, G = Goal> {
  readonly system: string;
  readonly operations: Readonly<Record<string, AnyOperation<F>>>;
  readonly invariants: readonly Invariant<F>[];
  /** Throws when it cannot see: unreachable is never an answer. */
  inspect(context: Reading): Promise<F>;
  /** Pure. */
  plan(facts: F, goal: G): Draft | Refusal;
}

/** The evidence about all user data, from the proofs that steps left in the journal and the facts before and after. Pure. */
export interface SystemProof {
  /** What it covers, in words: `shutdown position of pg1 received by pg2`; null: not proved. */
  readonly coverage: string | null;
  readonly objects: readonly { readonly object: string; readonly evidence: string }[];
  readonly violations: readonly { readonly object: string; readonly what: string }[];
}
export interface StepEvidence {
  readonly step: string;
  readonly do: string;
  readonly params: Json;
  readonly proof: Json;
}

/** Something that went wrong in the system itself since a baseline, with what its own logs say of it. */
export interface Trouble {
  readonly object: string;
  readonly what: string;
  /** Each begins with the node that wrote it. */
  readonly lines: readonly string[];
}
/** What `verify` compares with the run's baseline. */
export interface Comparison {
  readonly object: string;
  readonly what: string;
  readonly verdict: "passed" | "failed" | "not-measured";
  readonly evidence: string;
}

/** One setting as the running system has it. */
export interface SettingView {
  readonly key: string;
  /** Absent: of the cluster, or of whichever node was asked. */
  readonly node?: string;
  readonly value: string | null;
  readonly apply: "dynamic" | "reload" | "restart" | "fixed";
  readonly secret: boolean;
  /** Where the value was read, and on which node; absent: the system itself said it. */
  readonly evidence?: string;
  /** False: the value stands in a file, and the running system does not tell what it has. Absent: proved. */
  readonly proved?: boolean;
}

/** Objects of the cluster that are no nodes (tables, partitions, operations, ...), as `inspect` shows them. */
export interface FactTable {
  /** In one word: `partitions`. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly cells: readonly string[]; readonly sick: boolean }[];
}

/** What a command of the vendor's own tool means here. */
export type CommandMeaning =
  | { readonly is: "maintenance"; readonly maintenance: "recover" }
  | { readonly is: "maintenance"; readonly maintenance: "drain" | "restore"; readonly endpoints: readonly string[] }
  | { readonly is: "tables"; readonly name: string; readonly filter: string | null };

/** A command of the vendor's own tool with the vendor's flags, for people and scripts that know them. It goes through plan and journal like any verb. */
export interface SystemCommand {
  readonly name: string;
  readonly summary: string;
  readonly example: string;
  /** `value`: what follows the flag, as help names it; null: the flag stands alone. */
  readonly flags: readonly { readonly name: string; readonly value: string | null; readonly says: string }[];
  /** Pure. Error SW1001 for flags that contradict or are missing. */
  means(flags: Readonly<Record<string, string | true>>): {
    readonly meaning: CommandMeaning;
    /** Options of the plan. */
    readonly options: Readonly<Record<string, string>>;
    /** How to find the cluster where there is no cluster file; null: the flags do not say. */
    readonly discover: { readonly target: string; readonly options: Readonly<Record<string, string>> } | null;
    /** What of the flags has no effect here, in words. */
    readonly notes: readonly string[];
  };
}

/** A dependency of an application on the system's client, as a file names it. */
export interface SdkFinding {
  readonly file: string;
  readonly line: number;
  readonly artefact: string;
  /** Null: the file names none. */
  readonly found: string | null;
  readonly wanted: string;
  readonly verdict: "current" | "behind" | "not-decidable";
  readonly what: string;
}
export interface SdkChecker {
  /** Names of files that it reads. */
  reads(name: string): boolean;
  /** Pure. `edited`: the text with every finding that is behind mended and every other byte as it was; null: nothing to edit. */
  check(
    file: { readonly name: string; readonly text: string },
    version: string,
  ): { readonly findings: readonly SdkFinding[]; readonly edited: string | null };
}

/** A measured amount of an impact row, with where it was seen. */
export interface Counted {
  readonly value: number;
  readonly evidence: string;
}

/** A driver as the product uses it: everything a verb of the command line asks of a system. */
export interface SystemDriver<F extends Facts = Facts> extends Driver<F, Goal> {
  nodes(facts: F): readonly NodeView[];
  /** Prechecks; pure, from facts alone. */
  check(facts: F, goal: Goal): readonly Check[];
  modes(facts: F, goal: Goal): readonly ModeVerdict[];
  /** Options of its plans that people may give, with what they mean; absent: none. Any other is refused before it reaches the driver. */
  readonly planOptions?: Readonly<Record<string, string>>;
  /** Prechecks that must ask the cluster about this goal (is a value accepted, is there room); read-only, asked for once when planning. */
  examine?(facts: F, goal: Goal): Promise<readonly Check[]>;
  impact(facts: F, goal: Goal, mode: Mode, turns: readonly Turn[]): readonly ImpactForecast[];
  /** The point up to which a rollback returns every node, in words for the plan. */
  undoUntil(facts: F, goal: Goal): string;
  /** The goal that returns to where this run began, from the facts before it. Artefacts are those kept on the hosts. */
  goalBack(before: F, goal: Goal): Goal;
  /** Reads the version inside an artefact (a local file). Error SW1205 when it is not one of this system's. */
  artefact(path: string): Promise<Artefact>;
  /** What of a goal only local files tell, put into it before it is judged: a second artefact among its options, an edited file of settings. Absent: nothing. */
  complete?(goal: Goal): Promise<Goal>;
  /** Which maintenance goals it can plan; absent: none, and the verbs say so. */
  readonly maintenance?: readonly Maintenance["is"][];
  /** Pure. */
  tables?(facts: F): readonly FactTable[];
  settings?(facts: F, keys: readonly string[]): Promise<readonly SettingView[]>;
  prove(evidence: readonly StepEvidence[], before: F, after: F): SystemProof;
  /** Pure: what of `after` is compared with the facts that a run began with, beside versions, invariants and settings. Absent: nothing. */
  compare?(before: F, after: F, goal: Goal): readonly Comparison[];
  /** Absent: this system keeps no record of its own failures. */
  troubles?(before: F, after: F): Promise<readonly Trouble[]>;
  /** Clients of the system's features, and watchers of what it would have told; `name` is the same over a resume. Absent: none. */
  watches?(name: string): Promise<Watches>;
  /** Pure: the rows of the forecast that are counted, from what was seen. A `what` that is missing in the answer was not measured. */
  count?(evidence: readonly StepEvidence[], watched: Watched | null, before: F, after: F | null): Readonly<Record<string, Counted>>;
  /** Its users' work is proved by the ledger and the watches alone: no client of it writes records that could be lost. With it there is no `continuity`. */
  readonly provedByWork?: true;
  /** A real client with its own records; absent: the report says that continuity was not measured. */
  continuity?(options: ContinuityOptions): Promise<ContinuityClient>;
  close(): Promise<void>;
}

/** A node's service, as the cluster file names it. Start and stop only ask the manager: what came of it, the driver observes. */
export interface NodeService {
  start(fence: Fence): Promise<void>;
  stop(fence: Fence): Promise<void>;
}

/** Error `Refused` with SW3004 when the command ends with another exit code than 0. */
export interface TrafficHooks {
  pause(fence: Fence): Promise<void>;
  resume(fence: Fence): Promise<void>;
}

/** What a driver is given to reach its cluster. */
export interface Handles {
  /** Error SW1107 for a name that the cluster file does not have. */
  host(name: string): Host;
  /** Null, or the method absent: the cluster file names no service for the node, and the driver starts and stops it by itself. */
  service?(node: string): NodeService | null;
  /** The operator's commands around a role move, run on the machine of Stillwater; null: not configured. They may be run twice, so they must bear it. */
  traffic?(): TrafficHooks | null;
  /** To the cluster's own servers. An effect goes `through` a host and is fenced there, or it is `unfenced` in the plan. Absent in tests of systems that need none. */
  http?(): HttpClient;
  /** On the machine of Stillwater, for what a driver keeps there. Absent: the driver keeps nothing, or is told where. */
  readonly stateDirectory?: string;
  /** The value behind `@env:`, `@file:` or `@command:`; a text without such a prefix is returned as it is. Error SW1104 when it is missing. */
  secret(reference: string): Promise<string>;
  /** Milliseconds since 1970. */
  now(): number;
}

/** What the registry knows of a system before a cluster is opened. */
export interface SystemModule {
  readonly system: string;
  readonly title: string;
  /** Checked when the cluster file is read, with line and column; absent: only `open` checks them. */
  readonly keys?: SystemKeys;
  /** Throws ClusterFileProblem for keys and types that this system does not have (see `cluster/`). */
  open(definition: ClusterDefinition, handles: Handles): Promise<SystemDriver>;
  /** Reads a running cluster and returns its definition. `target`: what the user gave, e.g. HOST:PORT. */
  discover(target: string, options: Readonly<Record<string, string>>, handles: Handles): Promise<ClusterDefinition>;
  readonly commands?: readonly SystemCommand[];
  sdk?(): Promise<SdkChecker>;
  /** Makes a cluster to try Stillwater on; absent: there is none for this system. */
  demo?(options: DemoOptions): Promise<DemoStage>;
  /** Its demo has the example of the vendor's page, too. */
  readonly tutorial?: true;
}
