import type { SettingView } from "../model/driver.ts";
import type { Facts, NodeView } from "../model/facts.ts";
import type { Workspace } from "./workspace.ts";

export interface Inspection {
  readonly cluster: string;
  readonly system: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly nodes: readonly NodeView[];
  readonly settings: readonly SettingView[];
  readonly facts: Facts;
}

/** One observation of the running cluster; changes nothing. `settings`: keys to read too. */
export async function inspectCluster(workspace: Workspace, request: { readonly settings?: readonly string[] } = {}): Promise<Inspection> {
  const definition = await workspace.definition();
  const driver = await workspace.driver();
  const at = workspace.now();
  const facts = await driver.inspect({ now: at });
  const keys = request.settings ?? [];
  const settings = keys.length > 0 && driver.settings !== undefined ? await driver.settings(facts, keys) : [];
  return { cluster: definition.cluster, system: definition.system, at, nodes: driver.nodes(facts), settings, facts };
}
