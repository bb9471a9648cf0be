import type { FactTable, SettingView } from "../model/driver.ts";
import type { Facts, NodeView } from "../model/facts.ts";
import type { Workspace } from "./workspace.ts";

export interface Inspection {
  readonly cluster: string;
  readonly system: string;
  readonly lab?: true;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly nodes: readonly NodeView[];
  readonly settings: readonly SettingView[];
  /** What is no node: tables, partitions, operations, as the system has them. */
  readonly tables: readonly FactTable[];
  readonly facts: Facts;
}

export interface InspectRequest {
  /** Keys to read too. */
  readonly settings?: readonly string[];
  /** Only rows with a cell that says exactly this: `kFailed`, an endpoint, a table. */
  readonly filter?: string;
}

/** One observation of the running cluster; changes nothing. */
export async function inspectCluster(workspace: Workspace, request: InspectRequest = {}): Promise<Inspection> {
  const definition = await workspace.definition();
  const driver = await workspace.driver();
  const at = workspace.now();
  const facts = await driver.inspect({ now: at });
  const keys = request.settings ?? [];
  const settings = keys.length > 0 && driver.settings !== undefined ? await driver.settings(facts, keys) : [];
  return {
    cluster: definition.cluster,
    system: definition.system,
    ...(definition.lab === true ? { lab: true } : {}),
    at,
    nodes: driver.nodes(facts),
    settings,
    tables: filtered(driver.tables?.(facts) ?? [], request.filter),
    facts,
  };
}

const filtered = (tables: readonly FactTable[], filter: string | undefined): readonly FactTable[] =>
  filter === undefined ? tables : tables.map((table) => ({ ...table, rows: table.rows.filter(({ cells }) => cells.includes(filter)) }));
