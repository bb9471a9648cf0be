// A command of a vendor's own tool: the vendor's words and flags, our plan, journal and exit codes.
import { access } from "node:fs/promises";
import { httpClient } from "../hosts/http-client.ts";
import type { ClusterDefinition } from "../model/cluster.ts";
import type { FactTable, SystemCommand, SystemModule } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";
import { inspectCluster } from "./inspect.ts";
import { planMaintenance } from "./maintenance.ts";
import { defaultParts } from "./parts.ts";
import type { Plan } from "../model/plan.ts";
import { openWorkspace, type Workspace, type WorkspaceParts } from "./workspace.ts";

export interface CommandRequest {
  readonly module: SystemModule;
  readonly command: SystemCommand;
  readonly flags: Readonly<Record<string, string | true>>;
  readonly workspace: Workspace;
  readonly parts: Partial<WorkspaceParts>;
  readonly note: (line: string) => void;
}
/** `plan`: carries out one plan and returns its exit code. The workspace is the one that knows the cluster. */
export interface CommandOutcome {
  tables(tables: readonly FactTable[]): Promise<number>;
  plan(plan: Plan, workspace: Workspace): Promise<number>;
}

/**
 * Runs the command. Plans are made and carried out one after the other, and the first that does not end well ends the command, with its exit code.
 * Errors SW1001 (flags), SW1101 (no cluster file, and the flags do not say where the cluster is), and those of `planMaintenance`.
 */
export async function runSystemCommand(request: CommandRequest, outcome: CommandOutcome): Promise<number> {
  const { meaning, options, discover, notes } = request.command.means(request.flags);
  for (const note of notes) request.note(note);
  const workspace = await workspaceFor(request, discover);
  try {
    switch (meaning.is) {
      case "tables": {
        const { tables } = await inspectCluster(workspace, meaning.filter === null ? {} : { filter: meaning.filter });
        return await outcome.tables(tables.filter(({ name }) => name === meaning.name));
      }
      case "maintenance": {
        if (meaning.maintenance === "recover") {
          const plan = await recoveryPlan(workspace, options, request.note);
          return plan === null ? 0 : await outcome.plan(plan, workspace);
        }
        for (const endpoint of meaning.endpoints) {
          const node = await nodeAt(workspace, endpoint);
          const { plan } = await planMaintenance(workspace, { is: meaning.maintenance, node, options });
          const code = await outcome.plan(plan, workspace);
          if (code !== 0) return code;
        }
        return 0;
      }
      default:
        return neverMeant(meaning);
    }
  } finally {
    if (workspace !== request.workspace) await workspace.close();
  }
}

/** Null: nothing is sick, which a script that heals after every start must not take for a failure. */
async function recoveryPlan(workspace: Workspace, options: Readonly<Record<string, string>>, note: CommandRequest["note"]): Promise<Plan | null> {
  try {
    return (await planMaintenance(workspace, { is: "recover", options })).plan;
  } catch (error) {
    if (!(error instanceof StillwaterError) || error.code !== "SW2109") throw error;
    note(error.message);
    return null;
  }
}

const neverMeant = (meaning: never): never => {
  throw new StillwaterError("SW9999", `A command means ${JSON.stringify(meaning)}.`);
};

async function nodeAt(workspace: Workspace, endpoint: string): Promise<string> {
  const { nodes } = await workspace.definition();
  const found = nodes.find((node) => node.endpoint === endpoint || node.name === endpoint);
  if (found) return found.name;
  throw new StillwaterError("SW1001", `The cluster has no node at ${endpoint}.`, {
    object: endpoint,
    remedy: `Its endpoints are: ${nodes.map((node) => node.endpoint).join(", ")}.`,
  });
}

/** The cluster file where there is one; else what the flags lead to. */
async function workspaceFor(request: CommandRequest, discover: ReturnType<SystemCommand["means"]>["discover"]): Promise<Workspace> {
  const { workspace, module, parts } = request;
  const there = await access(workspace.clusterFile).then(
    () => true,
    () => false,
  );
  if (there || parts.readCluster || discover === null) return workspace;
  const http = httpClient();
  let found: ClusterDefinition;
  try {
    found = await module.discover(discover.target, discover.options, {
      host: (name) => {
        throw new StillwaterError("SW1107", `There is no cluster file, and so no host ${name}.`, { object: name });
      },
      http: () => http,
      secret: (reference) => ({ ...defaultParts, ...parts }).secret(reference),
      now: () => workspace.now(),
    });
  } finally {
    http.close();
  }
  return openWorkspace({
    stateDirectory: workspace.stateDirectory,
    clusterFile: workspace.clusterFile,
    parts: { ...parts, readCluster: () => Promise.resolve(found) },
  });
}
