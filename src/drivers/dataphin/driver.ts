// The driver as the product uses it: everything that is planned is pure, everything that is asked or done goes through the installation's ports.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { FactTable, Handles, SystemDriver } from "../../model/driver.ts";
import { StillwaterError } from "../../model/errors.ts";
import type { Check, NodeView } from "../../model/facts.ts";
import type { Artefact, Goal, Mode } from "../../model/goal.ts";
import type { ImpactForecast } from "../../model/impact.ts";
import type { Turn } from "../../model/step.ts";
import type { Watches } from "../../model/watch.ts";
import { checks } from "./checks/checks.ts";
import { examine } from "./checks/examine.ts";
import type { DpCluster } from "./cluster.ts";
import { count } from "./count.ts";
import { modeVerdicts } from "./eligibility.ts";
import { factTables } from "./fact-tables.ts";
import type { DpFacts } from "./facts.ts";
import { impact } from "./impact/impact.ts";
import { watched } from "./impact/features.ts";
import { triedFeatures } from "./impact/tried.ts";
import { Inspector } from "./inspect.ts";
import { invariants } from "./invariants.ts";
import { nodeViews } from "./node-views.ts";
import { openCluster, type Ports } from "./open-cluster.ts";
import { operationsOf } from "./operations/table.ts";
import { optionWords } from "./plan-options.ts";
import { plan } from "./planning/plan.ts";
import { prove } from "./prove.ts";
import { undoUntil } from "./undo-until.ts";

type Of<Key extends keyof SystemDriver<DpFacts>> = NonNullable<SystemDriver<DpFacts>[Key]>;

export class DataphinDriver implements SystemDriver<DpFacts> {
  readonly system = "dataphin";
  readonly provedByWork = true;
  readonly planOptions = optionWords;
  readonly operations: SystemDriver<DpFacts>["operations"];
  readonly invariants = invariants;
  readonly #cluster: DpCluster;
  readonly #inspector: Inspector;
  readonly #tried: ReadonlySet<string>;

  /** Error SW1102 for keys of the cluster file that are wrong. */
  constructor(definition: ClusterDefinition, handles: Handles, ports: Ports = {}) {
    this.#cluster = openCluster(definition, handles, ports);
    this.#inspector = new Inspector(this.#cluster);
    this.operations = operationsOf(this.#cluster);
    this.#tried = triedFeatures(this.#cluster);
  }

  inspect(): Promise<DpFacts> {
    return this.#inspector.inspect();
  }
  plan(facts: DpFacts, goal: Goal): ReturnType<Of<"plan">> {
    return plan(facts, goal, { by: this.#cluster.upgrade.by });
  }
  nodes(facts: DpFacts): readonly NodeView[] {
    return nodeViews(facts);
  }
  tables(facts: DpFacts): readonly FactTable[] {
    return factTables(facts);
  }
  check(facts: DpFacts, goal: Goal): readonly Check[] {
    const draft = this.plan(facts, goal);
    const untried = Object.values(watched).filter((feature) => !this.#tried.has(feature));
    return checks(facts, goal, { declared: this.#cluster.declared, turns: "turns" in draft ? draft.turns : [], untried });
  }
  modes(facts: DpFacts, goal: Goal): ReturnType<Of<"modes">> {
    return modeVerdicts(facts, goal);
  }
  examine(): Promise<readonly Check[]> {
    return examine(this.#cluster);
  }
  impact(facts: DpFacts, goal: Goal, mode: Mode, turns: readonly Turn[]): readonly ImpactForecast[] {
    return impact(facts, goal, mode, turns, { declared: this.#cluster.declared, tried: this.#tried });
  }
  readonly undoUntil = undoUntil;
  /** The vendor describes no way back to an older version (facts 1.6): planning it is refused, with the way that there is. */
  goalBack(before: DpFacts, goal: Goal): Goal {
    return { ...goal, version: before.structure.version, artefact: null, mode: "auto" };
  }
  artefact(path: string): Promise<Artefact> {
    return Promise.reject(
      new StillwaterError(
        "SW1205",
        "Dataphin is upgraded from images and a configuration file that Dataphin Manager has: there is no artefact to give.",
        {
          object: path,
          remedy: "Give the version alone (--to VERSION), and upload its configuration in Dataphin Manager.",
        },
      ),
    );
  }
  readonly prove = prove;
  readonly count = count;
  async watches(): Promise<Watches> {
    const { watchesOf } = await import("./watches/watches.ts");
    return watchesOf(this.#cluster);
  }
  async close(): Promise<void> {
    // Connections are the library's own, and end with the process.
  }
}
