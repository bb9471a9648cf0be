// The driver as the product uses it: everything that is planned is pure, everything that is asked or done goes through the cluster's ports.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { ContinuityClient, ContinuityOptions } from "../../model/continuity.ts";
import type { FactTable, Handles, SettingView, SystemDriver, Trouble } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { Check, NodeView } from "../../model/facts.ts";
import type { Artefact, Goal } from "../../model/goal.ts";
import { clusterChecks } from "./checks/cluster.ts";
import { examine } from "./checks/examine.ts";
import { releaseChecks } from "./checks/release.ts";
import { tableChecks } from "./checks/tables.ts";
import { compare } from "./compare.ts";
import { factTables } from "./fact-tables.ts";
import type { OmFacts } from "./facts.ts";
import { goalBack, undoUntil } from "./goal-back.ts";
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

export class OpenmldbDriver implements SystemDriver<OmFacts> {
  readonly system = "openmldb";
  readonly planOptions = optionWords;
  readonly maintenance = ["recover", "drain", "restore"] as const;
  readonly operations: SystemDriver<OmFacts>["operations"];
  readonly invariants: SystemDriver<OmFacts>["invariants"];
  readonly #cluster: OpenedCluster;
  readonly #handles: Handles;
  readonly #inspector: Inspector;

  /** Error SW1102 for keys of the cluster file that are wrong. */
  constructor(definition: ClusterDefinition, handles: Handles, ports: Ports = {}) {
    const cluster = openCluster(definition, handles, ports);
    this.#cluster = cluster;
    this.#handles = handles;
    this.#inspector = new Inspector(cluster);
    this.operations = operationsOf(cluster);
    this.invariants = invariants(cluster.maxUnavailable);
  }

  inspect(): Promise<OmFacts> {
    return this.#inspector.inspect();
  }
  plan(facts: OmFacts, goal: Goal): ReturnType<SystemDriver<OmFacts>["plan"]> {
    return plan(facts, goal, { nodes: this.#cluster.nodes, holdsTraffic: this.#cluster.traffic !== null });
  }
  nodes(facts: OmFacts): readonly NodeView[] {
    return nodeViews(facts, (name) => this.#cluster.node(name).address);
  }
  tables(facts: OmFacts): readonly FactTable[] {
    return factTables(facts);
  }
  check(facts: OmFacts, goal: Goal): readonly Check[] {
    return [...clusterChecks(facts, goal), ...tableChecks(facts, goal), ...releaseChecks(facts, goal)];
  }
  modes(facts: OmFacts, goal: Goal): ReturnType<SystemDriver<OmFacts>["modes"]> {
    return modeVerdicts(facts, goal);
  }
  async examine(facts: OmFacts, goal: Goal): Promise<readonly Check[]> {
    const found = await Promise.all([examine(this.#cluster, facts, goal), examineSettings(this.#cluster, facts, goal)]);
    return found.flat();
  }
  impact: SystemDriver<OmFacts>["impact"] = impact;
  undoUntil: SystemDriver<OmFacts>["undoUntil"] = undoUntil;
  goalBack: SystemDriver<OmFacts>["goalBack"] = goalBack;
  async artefact(path: string): Promise<Artefact> {
    const { readArtefact } = await import("./local/artefact.ts");
    return readArtefact(path);
  }
  async complete(goal: Goal): Promise<Goal> {
    const { completeGoal } = await import("./local/complete-goal.ts");
    return completeGoal(this.#cluster, goal);
  }
  prove: SystemDriver<OmFacts>["prove"] = prove;
  readonly compare = compare;
  troubles(before: OmFacts, after: OmFacts): Promise<readonly Trouble[]> {
    return troubles(this.#cluster, before, after);
  }
  settings(facts: OmFacts, keys: readonly string[]): Promise<readonly SettingView[]> {
    return readSettings(this.#cluster, facts, keys);
  }

  /** Error SW5001 when no APIServer is named: only one takes rows over HTTP. */
  async continuity({ definition, name }: ContinuityOptions): Promise<ContinuityClient> {
    const http = this.#handles.http?.();
    if (!http) throw new StillwaterError("SW9999", "the driver was given no way to speak HTTP");
    const { OpenmldbContinuity } = await import("./continuity.ts");
    return new OpenmldbContinuity({
      http,
      rpc: this.#cluster.rpc,
      // Nameservers and tablets hang up on such a request, which would leave open what became of the row.
      route: definition.route ?? { hosts: this.#cluster.nodes.filter(({ role }) => role === "apiserver").map(({ address }) => address) },
      database: this.#cluster.probeDatabase,
      name: name.replaceAll(/[^A-Za-z0-9_]/g, "_").slice(0, 40),
    });
  }
  /** Nothing is kept open between two questions. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
