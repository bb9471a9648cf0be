import type { LabRole, Launch } from "../logic/node.ts";

const roles: readonly LabRole[] = ["controller", "agent", "datanode", "computenode"];

/** `-mode controller -config config/controller.cfg ...`, in pairs. Error for a word without a value. */
export function parseCommandLine(words: readonly string[]): Readonly<Record<string, string>> {
  const options: Record<string, string> = {};
  for (let at = 0; at < words.length; at += 2) {
    const [name = "", value] = words.slice(at, at + 2);
    if (!name.startsWith("-") || value === undefined) throw new Error(`not an option with a value: ${name}`);
    options[name.slice(1)] = value;
  }
  return options;
}

/** Null: it is none of a cluster. */
export const roleOf = (mode: string | undefined): LabRole | null => roles.find((role) => role === mode) ?? null;

/** How an agent starts a node. Its settings go by the environment: they are long. */
export const commandLineOf = ({ role, alias, endpoint }: Launch): readonly string[] => [
  "-console",
  "0",
  "-mode",
  role,
  "-home",
  `data/${alias}`,
  "-script",
  "dolphindb.dos",
  "-localSite",
  `${endpoint}:${alias}`,
  "-logFile",
  `log/${alias}.log`,
];
/** JSON: settings of a node that an agent has started. */
export const SETTINGS = "LAB_NODE_SETTINGS";
