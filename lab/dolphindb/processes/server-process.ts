// Which process of this machine is which node of a lab.
import { processesBelow, type LabProcess } from "../../kit/process-table.ts";
import { clusterDirectoryOf, type LabNode } from "./lab-file.ts";

/** Null: it does not run. */
export function processOfNode(node: LabNode): LabProcess | null {
  const { role, name } = node;
  const mark = role === "controller" || role === "agent" ? ` -mode ${role} ` : `:${name} `;
  const isServer = ({ command }: LabProcess): boolean => ` ${command} `.includes(" -mode ");
  return processesBelow(clusterDirectoryOf(node)).find((one) => isServer(one) && ` ${one.command} `.includes(mark)) ?? null;
}
