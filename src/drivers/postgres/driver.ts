// The driver as the product uses it: everything that is planned is pure, everything that is asked or done goes through `Servers`.
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { ContinuityClient, ContinuityOptions } from "../../model/continuity.ts";
import type { Handles, SettingView, SystemDriver } from "../../model/driver.ts";
import type { Check, NodeView } from "../../model/facts.ts";
import type { Goal } from "../../model/goal.ts";
import { operationTable } from "../../planner/kit.ts";
import { readArtefact } from "./local/artefact.ts";
import { movingChecks } from "./checks/logs-and-slots.ts";
import { releaseChecks } from "./checks/release.ts";
import { topologyChecks } from "./checks/topology.ts";
import { examine } from "./checks/examine.ts";
import { nodeNames, nowOf, primaries, structureOf, type PgFacts } from "./facts.ts";
import { goalBack, undoUntil } from "./goal-back.ts";
import { impact } from "./impact.ts";
import { Inspector } from "./inspect.ts";
import { invariants } from "./invariants.ts";
import { readBackOperation, setOperation, syncOperation } from "./operations/configure.ts";
import { followOperation, wakeOperation } from "./operations/follow.ts";
import { swapOperation, unpackOperation, uploadOperation } from "./operations/install.ts";
import { readyOperation, startOperation, stopOperation } from "./operations/lifecycle.ts";
import { leftSlotOperation } from "./operations/left-slot.ts";
import { rewindOperation } from "./operations/rewind.ts";
import { checkpointOperation, moveAwayOperation, promoteOperation, slotOperation, tidyOperation } from "./operations/switchover.ts";
import { trafficOperation } from "./operations/traffic.ts";
import { modeVerdicts } from "./planning/modes.ts";
import { plan } from "./planning/plan.ts";
import { prove } from "./prove.ts";
import { Servers } from "./servers.ts";
import { readSettings } from "./settings/read.ts";

/** Asked of the vendor's own numbers: a lag in bytes, a timeline. */
function viewOf(facts: PgFacts, servers: Servers): readonly NodeView[] {
  return nodeNames(facts).map((name) => {
    const now = nowOf(facts, name);
    const detail = (): string => {
      if (!now.up) return now.state === "crashed" ? "crashed: not shut down in order" : now.state;
      const timeline = `timeline ${String(now.timeline ?? "?")}`;
      if (now.role === "primary") return `${timeline}, at ${now.position ?? "?"}`;
      return now.streaming ? `streaming, ${String(now.lagBytes ?? 0)} B behind, ${timeline}` : `not streaming, received ${now.position ?? "nothing"}`;
    };
    return {
      name,
      role: now.role ?? (now.standbySignal ? "standby" : "-"),
      endpoint: servers.node(name).endpoint,
      version: now.running,
      installed: structureOf(facts, name).installed,
      state: now.up ? "serving" : "down",
      detail: detail(),
    };
  });
}

export class PostgresDriver implements SystemDriver<PgFacts> {
  readonly system = "postgres";
  readonly operations: SystemDriver<PgFacts>["operations"];
  readonly invariants: SystemDriver<PgFacts>["invariants"];
  readonly #servers: Servers;
  readonly #inspector: Inspector;

  constructor(definition: ClusterDefinition, handles: Handles) {
    const servers = new Servers(definition, handles);
    const inspector = new Inspector(servers);
    this.#servers = servers;
    this.#inspector = inspector;
    this.invariants = invariants(servers.maxUnavailable);
    this.operations = operationTable<PgFacts>(
      uploadOperation(servers),
      unpackOperation(servers),
      syncOperation(servers),
      setOperation(servers),
      readBackOperation(servers),
      moveAwayOperation(servers, inspector),
      checkpointOperation(servers),
      slotOperation(servers),
      stopOperation(servers),
      trafficOperation(servers),
      promoteOperation(servers),
      followOperation(servers),
      swapOperation(servers),
      startOperation(servers),
      rewindOperation(servers),
      wakeOperation(servers),
      readyOperation(servers),
      tidyOperation(servers),
      leftSlotOperation(servers),
    );
  }

  inspect(): Promise<PgFacts> {
    return this.#inspector.inspect();
  }
  plan(facts: PgFacts, goal: Goal): ReturnType<SystemDriver<PgFacts>["plan"]> {
    return plan(facts, goal, this.#servers.nodes);
  }
  nodes(facts: PgFacts): readonly NodeView[] {
    return viewOf(facts, this.#servers);
  }
  check(facts: PgFacts, goal: Goal): readonly Check[] {
    return [...topologyChecks(facts, goal), ...movingChecks(facts, goal), ...releaseChecks(facts, goal)];
  }
  modes(facts: PgFacts, goal: Goal): ReturnType<SystemDriver<PgFacts>["modes"]> {
    return modeVerdicts(facts, goal);
  }
  examine(facts: PgFacts, goal: Goal): Promise<readonly Check[]> {
    return examine(this.#servers, facts, goal);
  }
  impact: SystemDriver<PgFacts>["impact"] = impact;
  undoUntil: SystemDriver<PgFacts>["undoUntil"] = undoUntil;
  goalBack: SystemDriver<PgFacts>["goalBack"] = goalBack;
  artefact: SystemDriver<PgFacts>["artefact"] = readArtefact;
  prove: SystemDriver<PgFacts>["prove"] = prove;
  settings(facts: PgFacts, keys: readonly string[]): Promise<readonly SettingView[]> {
    return readSettings(this.#servers, primaries(facts)[0] ?? nodeNames(facts)[0] ?? "", keys);
  }

  async continuity({ definition, name }: ContinuityOptions): Promise<ContinuityClient> {
    const { PostgresContinuity } = await import("./continuity.ts");
    const { user, password, database, tls } = this.#servers.options;
    return new PostgresContinuity({
      nodes: this.#servers.nodes.map((node) => ({ name: node.name, host: node.address, port: node.port })),
      route: definition.route,
      user,
      password: password === undefined ? null : await this.#servers.secret(password),
      database,
      tls,
      name: name.replaceAll(/[^A-Za-z0-9_]/g, "_").slice(0, 40),
    });
  }
  close(): Promise<void> {
    return this.#servers.close();
  }
}
