// Whose standby a node is: postgresql.auto.conf and standby.signal, through the fence of its host.
import { createHash } from "node:crypto";
import { Refused, StillwaterError, Unreachable } from "../../../model/errors.ts";
import { operation } from "../../../planner/kit.ts";
import { editConf, readConf } from "../conf-file.ts";
import { followConnInfo, parseConnInfo, type ConnInfo } from "../conninfo.ts";
import type { PgFacts } from "../facts.ts";
import type { PgNode, Servers } from "../servers.ts";
import { HandOver } from "../hand-over.ts";
import { awaitIn } from "./await-in.ts";
import { steps, type FollowParams, type OnNode } from "../steps.ts";
import { nameLike } from "../slots.ts";
import { autoConf } from "./rejoin.ts";

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

interface RunningRow {
  readonly version: number;
  readonly recovery: boolean;
  readonly conninfo: string;
  readonly slot: string;
  readonly status: string | null;
  readonly sender_host: string | null;
  readonly sender_port: number | null;
}
const runningSql = `select current_setting('server_version_num')::int as version, pg_is_in_recovery() as recovery, current_setting('primary_conninfo') as conninfo,
 current_setting('primary_slot_name') as slot, w.status, w.sender_host, w.sender_port
 from (select 1) one left join pg_stat_wal_receiver w on true`;

/** Null: it does not run. */
async function running(servers: Servers, node: string): Promise<RunningRow | null> {
  try {
    return await servers.sql.one<RunningRow>(node, runningSql, [], { name: "follows" });
  } catch (error) {
    if (error instanceof Unreachable && (await servers.onHost(node)).process === null) return null;
    throw error;
  }
}

interface Template {
  readonly info: ConnInfo;
  /** Null: as the template says it. */
  readonly name: string | null;
}

/**
 * How this standby connects: as it did until now, else as another standby does under its own name, else as the cluster file says. One that names no user
 * (libpq takes the one that the server runs as) comes last.
 */
async function templateFor(servers: Servers, node: PgNode, own: string | undefined): Promise<Template> {
  let nameless = templateOf(own, () => null);
  if (nameless?.info.has("user") === true) return nameless;
  for (const other of servers.others(node.name)) {
    const found = templateOf((await running(servers, other.name))?.conninfo, (named) => nameLike(node.name, other.name, named));
    if (found?.info.has("user") === true) return found;
    nameless ??= found;
  }
  const user = servers.options.replicationUser;
  if (user !== undefined) return { info: new Map([["user", user]]), name: node.name };
  if (nameless !== null) return nameless;
  throw new StillwaterError("SW2110", `how ${node.name} would connect as a standby is not known`, {
    object: node.name,
    remedy: "No standby has a primary_conninfo that can be read: add replicationUser (and replicationPassword) to the cluster file's options.",
  });
}
/** Null: it says nothing, or cannot be read. */
function templateOf(conninfo: string | undefined, rename: (named: string) => string | null): Template | null {
  const info = parseConnInfo(conninfo ?? "");
  if (info === null || info.size === 0) return null;
  const named = info.get("application_name");
  return { info, name: named === undefined ? null : rename(named) };
}

const pointsTo = (servers: Servers, conninfo: string | undefined, to: string): boolean => {
  const info = parseConnInfo(conninfo ?? "");
  return info !== null && servers.at(info.get("host") ?? "", Number(info.get("port") ?? 5432))?.name === to;
};

interface Following {
  readonly text: string | null;
  readonly signalled: boolean;
  readonly row: RunningRow | null;
}
async function following(servers: Servers, node: string): Promise<Following> {
  const { host, dataDirectory } = servers.node(node);
  const [text, signal, row] = await Promise.all([
    host.readText(autoConf(dataDirectory)),
    host.stat(`${dataDirectory}/standby.signal`),
    running(servers, node),
  ]);
  return { text, signalled: signal.kind !== "absent", row };
}

export const followOperation = (servers: Servers) => {
  const seen = new HandOver<Following>(servers.now);
  return operation<PgFacts, FollowParams>("follow", {
    fenced: "host",
    async look({ node, to, slot }) {
      const { text, signalled, row } = seen.give(node, await seen.ask(() => following(servers, node)));
      // Somebody has promoted it, or a person's word of another promotion was wrong: its signal file would make it throw its own writes away at its next start.
      if (row !== null && !row.recovery)
        return {
          is: "unclear",
          known: [`${node} serves as a primary`],
          unknown: [`whether what was written to it is needed: it was to follow ${to}`],
        };
      const conf = readConf(text ?? "");
      const written = pointsTo(servers, conf.get("primary_conninfo"), to) && (slot === null || conf.get("primary_slot_name") === slot);
      if (!written || !signalled) return { is: "open" };
      if (row === null) return { is: "done" };
      const applied = pointsTo(servers, row.conninfo, to) && (slot === null || row.slot === slot);
      // Before 13 a standby reads its connection at the start only.
      if (!applied && row.version < 130_000) return { is: "expand", into: [steps.stop("stop", { node }), steps.start("start", { node })] };
      if (!applied) return { is: "open", why: `${node} has not read its new connection yet` };
      if (row.status === "streaming" && servers.at(row.sender_host ?? "", row.sender_port ?? 0)?.name === to)
        return { is: "done", proof: { primary: to } };
      return { is: "waiting", for: `${node} to stream from ${to}` };
    },
    async act({ node, to, slot }, _, context) {
      const server = servers.node(node);
      const path = autoConf(server.dataDirectory);
      const { text, signalled, row } = seen.take(node) ?? (await following(servers, node));
      servers.seen.forget(node);
      const own = readConf(text ?? "").get("primary_conninfo");
      const { info, name } = await templateFor(servers, server, own ?? row?.conninfo);
      const password = info.has("passfile") ? null : await servers.replicationPassword();
      const primary = servers.node(to).replication;
      const conninfo = followConnInfo(info, { ...primary, user: servers.options.replicationUser ?? null, password, applicationName: name });
      const content = editConf(text, { primary_conninfo: conninfo, ...(slot === null ? {} : { primary_slot_name: slot }) });
      await context.send(server.host.name, async (fence) => {
        // The signal first: a server that somebody starts now must come up as a standby.
        const signal = `${server.dataDirectory}/standby.signal`;
        if (!signalled) await server.host.writeFile(fence, signal, "", { mode: "600" });
        if (content !== text) await server.host.writeFile(fence, path, content, { mode: "600", expected: text === null ? null : sha256(text) });
        if (row !== null) await reload(server, fence);
      });
      return null;
    },
  });
};

export async function reload(server: PgNode, fence: Parameters<PgNode["host"]["run"]>[0]): Promise<void> {
  const result = await server.host.run(fence, [`${server.installation}/bin/pg_ctl`, "reload", "-s", "-D", server.dataDirectory]);
  if (result.code !== 0) throw new Refused(`pg_ctl reload of ${server.name}: ${result.stderr.trim()}`, { code: "SW3004", object: server.name });
}

/**
 * A standby whose primary went away asks again only every `wal_retrieve_retry_interval` (5 s), and synchronous commits wait that long. A reload wakes it.
 * Done when the node is no primary: then there is nobody to wake.
 */
export const wakeOperation = (servers: Servers) =>
  operation<PgFacts, OnNode>("wake", {
    fenced: "host",
    async look({ node }) {
      const asleep = await sleeping(servers, node);
      return asleep.length === 0 ? { is: "done" } : { is: "open", why: `${asleep.join(", ")} not streaming from ${node} yet` };
    },
    async act({ node }, _, context) {
      for (const name of await sleeping(servers, node)) {
        const standby = servers.node(name);
        await context.send(standby.host.name, async (fence) => reload(standby, fence));
      }
      // Time for the answer of those that were woken, so that they are not woken again.
      await context.send(servers.node(node).host.name, async (fence) => {
        await awaitIn(fence, async () => (await sleeping(servers, node)).length === 0);
      });
      return null;
    },
  });

async function sleeping(servers: Servers, primary: string): Promise<readonly string[]> {
  if ((await servers.role(primary)).recovery) return [];
  const rows = await Promise.all(servers.others(primary).map(async ({ name }) => ({ name, row: await running(servers, name) })));
  return rows.flatMap(({ name, row }) => (row !== null && row.conninfo !== "" && row.recovery && row.status !== "streaming" ? [name] : []));
}
