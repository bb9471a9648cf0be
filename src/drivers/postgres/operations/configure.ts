// Settings: postgresql.auto.conf through the fence, reload, and what the server then says of them.
import { StillwaterError, Unreachable } from "../../../model/errors.ts";
import { operation } from "../../../planner/kit.ts";
import { confDifference, editConf, readConf, type ConfChanges } from "../conf-file.ts";
import { sessionFor } from "../connections.ts";
import type { CatalogueEntry, PgFacts } from "../facts.ts";
import type { PgNode, Servers } from "../servers.ts";
import { steps, type SetParams, type SyncParams } from "../steps.ts";
import { sameValue } from "../settings/value.ts";
import { binaryRefuses } from "../settings/try-values.ts";
import { reload, sha256 } from "./follow.ts";
import { autoConf } from "./rejoin.ts";

interface SettingRow {
  readonly name: string;
  readonly setting: string;
  readonly context: string;
  readonly pending: boolean;
  /** The file that the running value was read from; null: none. */
  readonly sourcefile: string | null;
  readonly entry: CatalogueEntry;
}
const settingsSql = `select name, setting, context, pending_restart as pending, sourcefile,
 json_build_array(context, vartype, unit, min_val, max_val, enumvals, boot_val) as entry from pg_settings where lower(name) = any($1)`;

/** What the server would not take from its files: asked before anything is applied. A value that waits for a restart looks the same, so those are left out. */
const errorsSql = `select f.name, f.error from pg_file_settings f left join pg_settings s on lower(s.name) = lower(f.name)
 where f.error is not null and lower(f.name) = any($1) and f.sourcefile like '%postgresql.auto.conf' and s.context is distinct from 'postmaster'`;

async function rows(servers: Servers, node: string, keys: readonly string[]): Promise<readonly SettingRow[] | null> {
  try {
    return await servers.sql.read<SettingRow>(node, settingsSql, [keys.map((key) => key.toLowerCase())], { name: "settings", ...sessionFor(keys) });
  } catch (error) {
    if (error instanceof Unreachable && (await servers.onHost(node)).process === null) return null;
    throw error;
  }
}

/** An entry that the file has no more still holds in a server that was never told to read it again; one that only a restart takes out is pending then. */
const fromEntry = ({ sourcefile }: SettingRow): boolean => sourcefile?.endsWith("/postgresql.auto.conf") === true;

/** Null: the server runs with it, or will after its next start. */
function notYet(row: SettingRow, wanted: string | null): string | null {
  if (row.pending) return null;
  if (wanted === null) return fromEntry(row) ? `${row.name} to be read without its entry` : null;
  if (row.context === "postmaster" || row.context === "internal")
    return sameValue(row.name, row.setting, wanted, row.entry) ? null : `${row.name} to be read`;
  if (row.entry[1] === "string" ? row.setting === wanted : sameValue(row.name, row.setting, wanted, row.entry)) return null;
  return `${row.name} to be ${wanted}; it is ${row.setting}`;
}

export const setOperation = (servers: Servers) =>
  operation<PgFacts, SetParams, ConfChanges>("set", {
    fenced: "host",
    async prepare({ node, values }) {
      const conf = readConf((await servers.node(node).host.readText(autoConf(servers.node(node).dataDirectory))) ?? "");
      return Object.fromEntries(Object.keys(values).map((key) => [key, conf.get(key.toLowerCase()) ?? null]));
    },
    async look({ node, values }) {
      const server = servers.node(node);
      const text = await server.host.readText(autoConf(server.dataDirectory));
      const missing = confDifference(text, values);
      if (missing.length > 0) return { is: "open", why: `${missing.join(", ")} not written` };
      const found = await rows(servers, node, Object.keys(values));
      if (found === null) return { is: "done" };
      for (const [key, wanted] of Object.entries(values)) {
        const row = found.find(({ name }) => name.toLowerCase() === key.toLowerCase());
        const what = row === undefined ? null : notYet(row, wanted);
        if (what !== null) return { is: "open", why: `${node}: waiting for ${what}` };
      }
      const shown = found.map(({ name, setting, pending }): readonly [string, string] => [name, pending ? `${setting} until restart` : setting]);
      return { is: "done", proof: Object.fromEntries(shown) };
    },
    async act({ node, values }, _, context) {
      const server = servers.node(node);
      await write(servers, server, values, context.send.bind(context));
      return null;
    },
    undo: ({ node }, before) => [steps.set("put back", { node, values: before }, "restore")],
  });

/** After the start: what the server runs with, not what its file says. */
export const readBackOperation = (servers: Servers) =>
  operation<PgFacts, SetParams>("readBack", {
    async look({ node, values }) {
      const found = await rows(servers, node, Object.keys(values));
      if (found === null) return { is: "waiting", for: `${node} to run` };
      const proof: Record<string, string> = {};
      for (const [key, wanted] of Object.entries(values)) {
        const row = found.find(({ name }) => name.toLowerCase() === key.toLowerCase());
        if (row === undefined || row.pending || (wanted === null ? fromEntry(row) : !sameValue(row.name, row.setting, wanted, row.entry)))
          return { is: "waiting", for: `${node} to run with ${key} = ${wanted ?? "no entry"}; it has ${row?.setting ?? "no such setting"}` };
        proof[row.name] = row.setting;
      }
      return { is: "done", proof };
    },
  });

type Send = <T>(via: string | null, effect: (fence: Parameters<PgNode["host"]["run"]>[0]) => Promise<T>) => Promise<T>;

/** Writes and reloads; what the server would refuse is taken back before it is read. */
async function write(servers: Servers, server: PgNode, values: ConfChanges, send: Send): Promise<void> {
  const path = autoConf(server.dataDirectory);
  const text = await server.host.readText(path);
  const content = editConf(text, values);
  const objection = await binaryRefuses(server, values);
  if (objection !== null)
    throw new StillwaterError("SW6002", `${server.name}: ${objection}`, {
      object: server.name,
      remedy: "Nothing was changed. Abort, and plan again with another value.",
    });
  servers.seen.forget(server.name);
  await send(server.host.name, async (fence) => {
    if (content !== text) await server.host.writeFile(fence, path, content, { mode: "600", expected: text === null ? null : sha256(text) });
    const found = await rows(servers, server.name, []);
    if (found === null) return;
    const keys = Object.keys(values).map((key) => key.toLowerCase());
    const refused = await servers.sql.read<{ name: string; error: string }>(server.name, errorsSql, [keys]);
    if (refused.length > 0) {
      await server.host.writeFile(fence, path, text ?? "", { mode: "600", expected: sha256(content) });
      throw new StillwaterError("SW6002", `${server.name} refuses ${refused.map(({ name, error }) => `${name}: ${error}`).join("; ")}`, {
        object: server.name,
        remedy: "Nothing was applied: the file was put back before it was read. Abort, and plan again with another value.",
      });
    }
    await reload(server, fence);
  });
}

/** synchronous_standby_names of every node, because the primary's role moves and the value must hold where it goes. */
export const syncOperation = (servers: Servers) =>
  operation<PgFacts, SyncParams, { readonly [node: string]: string | null }>("sync", {
    fenced: "host",
    async prepare({ values }) {
      const entries = await Promise.all(
        Object.keys(values).map(async (node) => {
          const server = servers.node(node);
          const text = await server.host.readText(autoConf(server.dataDirectory));
          return [node, readConf(text ?? "").get(key) ?? null] as const;
        }),
      );
      return Object.fromEntries(entries);
    },
    async look({ values }) {
      const open = await Promise.all(Object.entries(values).map(async ([node, wanted]) => ((await has(servers, node, wanted)) ? null : node)));
      const due = open.filter((node) => node !== null);
      return due.length === 0 ? { is: "done" } : { is: "open", why: `not yet on ${due.join(", ")}` };
    },
    async act({ values }, _, context) {
      for (const [node, wanted] of Object.entries(values))
        if (!(await has(servers, node, wanted))) await write(servers, servers.node(node), { [key]: wanted }, context.send.bind(context));
      return null;
    },
    // Each node gets back what its file had; a key that was absent is taken out.
    undo: (_, before) => Object.entries(before).map(([node, value]) => steps.set(`restore ${node}`, { node, values: { [key]: value } }, "restore")),
  });
const key = "synchronous_standby_names";

async function has(servers: Servers, node: string, wanted: string): Promise<boolean> {
  const [row] = (await rows(servers, node, [key])) ?? [];
  if (row !== undefined) return row.setting === wanted;
  const server = servers.node(node);
  return readConf((await server.host.readText(autoConf(server.dataDirectory))) ?? "").get(key) === wanted;
}
