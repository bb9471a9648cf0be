// cluster.nodes, cluster.cfg and site lists (facts 1.5).
import type { LabRole } from "./node.ts";

export interface Site {
  readonly host: string;
  readonly port: number;
  readonly alias: string;
  /** HOST:PORT. */
  readonly endpoint: string;
}
export interface NodeRow extends Site {
  readonly role: LabRole;
  readonly computeGroup: string;
  readonly zone: string;
}

/** Null: not `host:port:alias`. */
export function siteOf(text: string): Site | null {
  const [host = "", port = "", alias = ""] = text.trim().split(":");
  const number = Number(port);
  if (host === "" || alias === "" || !Number.isInteger(number) || number < 1) return null;
  return { host, port: number, alias, endpoint: `${host}:${port}` };
}

const roleOf = (text: string): LabRole | null =>
  text === "controller" || text === "agent" || text === "datanode" || text === "computenode" ? text : null;

/** Error with the server's words: an empty first line, a header that is none, a row that is none. */
export function parseClusterNodes(text: string): readonly NodeRow[] {
  const lines = text.split(/\r?\n/);
  if ((lines[0] ?? "").trim() === "") throw new Error("The input file is empty.");
  const header = (lines[0] ?? "").split(",").map((name) => name.trim());
  if (header[0] !== "localSite" || header[1] !== "mode") throw new Error(`Invalid header of the nodes file: ${lines[0] ?? ""}`);
  return lines.slice(1).flatMap((line) => {
    if (line.trim() === "") return [];
    const fields = line.split(",").map((field) => field.trim());
    const site = siteOf(fields[0] ?? "");
    const role = roleOf(fields[1] ?? "");
    if (site === null || role === null) throw new Error(`Invalid row of the nodes file: ${line}`);
    return [{ ...site, role, computeGroup: fields[header.indexOf("computeGroup")] ?? "", zone: fields[header.indexOf("zone")] ?? "" }];
  });
}

export const formatClusterNodes = (rows: readonly NodeRow[]): string => {
  const groups = rows.some((row) => row.computeGroup !== "" || row.zone !== "");
  const zones = rows.some((row) => row.zone !== "");
  const header = `localSite,mode${groups ? ",computeGroup" : ""}${zones ? ",zone" : ""}`;
  return [
    header,
    ...rows.map((row) => `${row.endpoint}:${row.alias},${row.role}${groups ? `,${row.computeGroup}` : ""}${zones ? `,${row.zone}` : ""}`),
    "",
  ].join("\n");
};

/** `key=value` lines; # begins a comment. Error: the first line is empty although the file is not. */
export function parseSettings(text: string): Readonly<Record<string, string>> {
  const lines = text.split(/\r?\n/);
  if (text.trim() !== "" && (lines[0] ?? "").trim() === "") throw new Error("The input file is empty.");
  const settings: Record<string, string> = {};
  for (const line of lines) {
    const equals = line.indexOf("=");
    if (line.trim().startsWith("#") || equals < 1) continue;
    settings[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  return settings;
}

/**
 * What cluster.cfg says for one node: plain keys, then `%8821.key` (by port) and `DFSnode?.key` (by pattern), then `ALIAS.key`. `<ALIAS>` is put in
 * everywhere but behind an alias prefix.
 */
export function settingsFor(cluster: Readonly<Record<string, string>>, site: Site): Readonly<Record<string, string>> {
  const general: Record<string, string> = {};
  const byPattern: Record<string, string> = {};
  const byAlias: Record<string, string> = {};
  for (const [name, value] of Object.entries(cluster)) {
    const dot = name.indexOf(".");
    if (dot < 0) {
      general[name] = value.replaceAll("<ALIAS>", site.alias);
      continue;
    }
    const [prefix, key] = [name.slice(0, dot), name.slice(dot + 1)];
    if (prefix === site.alias) byAlias[key] = value;
    else if (matches(prefix, site)) byPattern[key] = value.replaceAll("<ALIAS>", site.alias);
  }
  return { ...general, ...byPattern, ...byAlias };
}

function matches(prefix: string, site: Site): boolean {
  if (prefix.startsWith("%")) return prefix.slice(1) === String(site.port);
  if (!/[?%*]/.test(prefix)) return false;
  const pattern = prefix
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll("?", ".")
    .replaceAll(/[%*]/g, ".*");
  return new RegExp(`^${pattern}$`).test(site.alias);
}

/** Of `sites` in agent.cfg and on a data node's command line: every controller. */
export const controllerSites = (settings: Readonly<Record<string, string>>): readonly Site[] => {
  const rows = (settings["sites"] ?? "").split(",").flatMap((part) => {
    const [host, port, alias, role] = part.trim().split(":");
    const site = siteOf(`${host ?? ""}:${port ?? ""}:${alias ?? ""}`);
    return site === null || role !== "controller" ? [] : [site];
  });
  const single = siteOf(settings["controllerSite"] ?? "");
  return rows.length > 0 || single === null ? rows : [single];
};
