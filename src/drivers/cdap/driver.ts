// The driver as the product uses it: everything that is planned is pure, everything that is asked or done goes through the router's API.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { FactTable, Handles, SystemDriver } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { Check, NodeView } from "../../model/facts.ts";
import type { Artefact, Goal } from "../../model/goal.ts";
import type { Watches } from "../../model/watch.ts";
import { checks } from "./checks/checks.ts";
import { examine } from "./checks/examine.ts";
import { compare } from "./compare.ts";
import { count } from "./count.ts";
import { factTables } from "./fact-tables.ts";
import type { CdapFacts } from "./facts.ts";
import { impact } from "./impact.ts";
import { Inspector } from "./inspect.ts";
import { invariants } from "./invariants.ts";
import { nodeViews } from "./node-views.ts";
import { sightOf } from "./observe/sight.ts";
import { openCluster, type CdapCluster, type Ports } from "./open-cluster.ts";
import { operationsOf } from "./operations/table.ts";
import { modeVerdicts } from "./planning/modes.ts";
import { completed, optionWords, planOptions } from "./planning/options.ts";
import { plan } from "./planning/plan.ts";
import { prove } from "./prove.ts";
import { watches } from "./watches.ts";
import { goalBack, undoUntil } from "./way-back.ts";

export class CdapDriver implements SystemDriver<CdapFacts> {
  readonly system = "cdap";
  readonly planOptions = optionWords;
  readonly maintenance = ["stop-programs", "start-programs", "backup", "restore-backup"] as const;
  readonly provedByWork = true;
  readonly operations: SystemDriver<CdapFacts>["operations"];
  readonly invariants = invariants;
  readonly #cluster: CdapCluster;
  readonly #inspector: Inspector;

  /** Error SW1102 for keys of the cluster file that are wrong. */
  constructor(definition: ClusterDefinition, handles: Handles, ports: Ports = {}) {
    const cluster = openCluster(definition, handles, ports);
    this.#cluster = cluster;
    const sight = sightOf(cluster);
    this.#inspector = new Inspector(cluster, sight);
    this.operations = operationsOf(cluster, sight);
  }

  inspect(): Promise<CdapFacts> {
    return this.#inspector.inspect();
  }
  plan(facts: CdapFacts, goal: Goal): ReturnType<SystemDriver<CdapFacts>["plan"]> {
    const { namespaces, upgrade, backups, checkpoints } = this.#cluster;
    return plan(facts, goal, { namespaces, upgrade, backups, checkpoints });
  }
  nodes(facts: CdapFacts): readonly NodeView[] {
    return nodeViews(facts);
  }
  tables(facts: CdapFacts): readonly FactTable[] {
    return factTables(facts);
  }
  check(facts: CdapFacts, goal: Goal): readonly Check[] {
    return checks(facts, goal);
  }
  modes(facts: CdapFacts, goal: Goal): ReturnType<SystemDriver<CdapFacts>["modes"]> {
    return modeVerdicts(facts, goal);
  }
  examine(facts: CdapFacts, goal: Goal): Promise<readonly Check[]> {
    return examine(this.#cluster, facts, goal);
  }
  impact: SystemDriver<CdapFacts>["impact"] = impact;
  undoUntil: SystemDriver<CdapFacts>["undoUntil"] = undoUntil;
  goalBack(before: CdapFacts, goal: Goal): Goal {
    return goalBack(this.#cluster.backups, before, goal);
  }
  async artefact(path: string): Promise<Artefact> {
    throw new StillwaterError("SW1205", "CDAP is not upgraded from a file that Stillwater would stage.", {
      object: path,
      remedy: "Plan with --to VERSION alone: how CDAP is replaced stands under `upgrade` in the cluster file.",
    });
  }
  /** Error SW1001 for an option whose value is wrong. */
  async complete(goal: Goal): Promise<Goal> {
    const whole = completed(goal);
    const options = planOptions(whole);
    if ("refused" in options)
      throw new StillwaterError("SW1001", `${options.refused}.`, { object: options.object ?? "options", remedy: options.clear });
    return whole;
  }
  prove: SystemDriver<CdapFacts>["prove"] = prove;
  readonly compare = compare;
  count(evidence: Parameters<NonNullable<SystemDriver["count"]>>[0], _: unknown, before: CdapFacts): ReturnType<NonNullable<SystemDriver["count"]>> {
    return count(evidence, before);
  }
  async watches(): Promise<Watches> {
    return watches(this.#cluster);
  }
  async close(): Promise<void> {
    // Connections are the handles' own.
  }
}
