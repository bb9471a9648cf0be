// The driver as the product uses it: everything that is planned is pure, everything that is asked or done goes through the cluster's ports.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { ContinuityClient, ContinuityOptions } from "../../model/continuity.ts";
import type { FactTable, Handles, SettingView, SystemDriver, Trouble } from "../../model/driver.ts";
import type { Check, NodeView } from "../../model/facts.ts";
import type { Artefact, Goal } from "../../model/goal.ts";
import { checks } from "./checks/checks.ts";
import { examine } from "./checks/examine.ts";
import { compare } from "./compare.ts";
import { factTables } from "./fact-tables.ts";
import type { DdFacts } from "./facts.ts";
import { goalBack } from "./goal-back.ts";
import { impact } from "./impact.ts";
import { Inspector } from "./inspect.ts";
import { invariants } from "./invariants.ts";
import { nodeViews } from "./node-views.ts";
import { openCluster, type OpenedCluster, type Ports } from "./open-cluster.ts";
import { operationsOf } from "./operations/table.ts";
import { modeVerdicts } from "./planning/modes.ts";
import { optionWords } from "./planning/options.ts";
import { plan } from "./planning/plan.ts";
import { prove } from "./prove.ts";
import { examineSettings, readSettings } from "./settings/read.ts";
import { troubles } from "./troubles.ts";
import { undoUntil } from "./undo-until.ts";

export class DolphindbDriver implements SystemDriver<DdFacts> {
  readonly system = "dolphindb";
  readonly planOptions = optionWords;
  readonly operations: SystemDriver<DdFacts>["operations"];
  readonly invariants: SystemDriver<DdFacts>["invariants"];
  readonly #cluster: OpenedCluster;
  readonly #inspector: Inspector;

  /** Error SW1102 for keys of the cluster file that are wrong. */
  constructor(definition: ClusterDefinition, handles: Handles, ports: Ports = {}) {
    const cluster = openCluster(definition, handles, ports);
    this.#cluster = cluster;
    this.#inspector = new Inspector(cluster);
    this.operations = operationsOf(cluster);
    this.invariants = invariants(cluster.maxUnavailable);
  }

  inspect(): Promise<DdFacts> {
    return this.#inspector.inspect();
  }
  plan(facts: DdFacts, goal: Goal): ReturnType<SystemDriver<DdFacts>["plan"]> {
    return plan(facts, goal, { nodes: this.#cluster.nodes, holdsTraffic: this.#cluster.traffic !== null });
  }
  nodes(facts: DdFacts): readonly NodeView[] {
    return nodeViews(facts);
  }
  tables(facts: DdFacts): readonly FactTable[] {
    return factTables(facts);
  }
  check(facts: DdFacts, goal: Goal): readonly Check[] {
    return checks(facts, goal);
  }
  modes(facts: DdFacts, goal: Goal): ReturnType<SystemDriver<DdFacts>["modes"]> {
    return modeVerdicts(facts, goal);
  }
  async examine(facts: DdFacts, goal: Goal): Promise<readonly Check[]> {
    const found = await Promise.all([examine(this.#cluster, facts, goal), examineSettings(this.#cluster, facts, goal)]);
    return found.flat();
  }
  impact: SystemDriver<DdFacts>["impact"] = impact;
  undoUntil: SystemDriver<DdFacts>["undoUntil"] = undoUntil;
  goalBack: SystemDriver<DdFacts>["goalBack"] = goalBack;
  async artefact(path: string): Promise<Artefact> {
    const { readArtefact } = await import("./local/artefact.ts");
    return readArtefact(path);
  }
  async complete(goal: Goal): Promise<Goal> {
    const { completeGoal } = await import("./local/complete-goal.ts");
    return completeGoal(this.#cluster, goal);
  }
  prove: SystemDriver<DdFacts>["prove"] = prove;
  readonly compare = compare;
  troubles(before: DdFacts, after: DdFacts): Promise<readonly Trouble[]> {
    return troubles(this.#cluster, before, after);
  }
  settings(facts: DdFacts, keys: readonly string[]): Promise<readonly SettingView[]> {
    return readSettings(this.#cluster, facts, keys);
  }
  async continuity(options: ContinuityOptions): Promise<ContinuityClient> {
    const { continuityClient } = await import("./continuity/client.ts");
    return continuityClient(this.#cluster, options);
  }
  close(): Promise<void> {
    return this.#cluster.rpc.close();
  }
}
