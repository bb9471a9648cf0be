// Before a start: whose standby is it, can it follow, and does it have its slot there?
import type { Look } from "../../../model/driver.ts";
import { StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { Item } from "../../../model/step.ts";
import { readConf } from "../conf-file.ts";
import type { ControlData } from "../control-file.ts";
import { parseConnInfo } from "../conninfo.ts";
import { historyFile, kinship, parseHistory, type Kinship } from "../history.ts";
import type { ServerOnHost } from "../host-snapshot.ts";
import type { Servers } from "../servers.ts";
import { namedSlot, slotNameOf } from "../slots.ts";
import { steps } from "../steps.ts";

export const autoConf = (dataDirectory: string): string => `${dataDirectory}/postgresql.auto.conf`;

/** Null: it may be started as it is. */
export async function beforeStart(servers: Servers, node: string, snapshot: ServerOnHost): Promise<Look | null> {
  const server = servers.node(node);
  const [leader, text] = await Promise.all([servers.leader(node), snapshot.autoConf ?? server.host.readText(autoConf(server.dataDirectory))]);
  if (leader === null) return snapshot.standbySignal ? null : mayLead(servers, node, snapshot);
  const conf = readConf(text ?? "");
  const slot = await slotFor(servers, node, namedSlot(text), leader);
  const into: Item[] = [];
  if (slot !== null && !(await hasSlot(servers, leader, slot))) into.push(steps.slot(`slot ${slot}`, { on: leader, name: slot, wanted: true }));
  const kin = snapshot.standbySignal ? { is: "follows" as const } : await kinshipOf(servers, node, snapshot, leader);
  if (kin.is === "undecided")
    return {
      is: "unclear",
      known: [kin.why],
      unknown: [`whether ${node} has writes that ${leader} does not have: if they are not needed, copy ${node} anew by hand (pg_basebackup)`],
    };
  if (kin.is === "diverged") {
    const tool = await server.host.stat(`${server.installation}/bin/pg_rewind`);
    if (tool.kind === "absent")
      return {
        is: "unclear",
        known: [`${node} cannot follow ${leader}: ${kin.why}`, `there is no ${server.installation}/bin/pg_rewind`],
        unknown: [`which of its last writes are needed: rewind or copy ${node} by hand (pg_basebackup), nothing is overwritten silently`],
      };
    const { timeline } = await servers.sql.one<{ timeline: number }>(leader, timelineSql);
    // Without the checkpoint the new primary's control file still shows the old timeline, and pg_rewind finds nothing to do.
    into.push(steps.checkpoint(`checkpoint ${leader}`, { node: leader }), steps.rewind(`rewind ${node}`, { node, from: leader, timeline }));
  }
  const told = parseConnInfo(conf.get("primary_conninfo") ?? "");
  // An address that is no node's may be a virtual one in front of the primary: left as it is.
  const source = servers.at(told?.get("host") ?? "", Number(told?.get("port") ?? 5432));
  const right = told?.get("host") !== undefined && (source === null || source.name === leader);
  if (!snapshot.standbySignal || !right || (slot !== null && conf.get("primary_slot_name") !== slot))
    into.push(steps.follow(`follow ${leader}`, { node, to: leader, slot }));
  return into.length === 0 ? null : { is: "expand", into };
}

/** No primary serves, and this one was the primary: another that went further must not be forgotten. */
async function mayLead(servers: Servers, node: string, own: ServerOnHost): Promise<Look | null> {
  const all = await Promise.all(
    servers.others(node).map(async ({ name }) => {
      const { control } = await servers.onHost(name);
      if (control === null) throw new Unreachable(`the control file of ${name} cannot be read`, { object: name });
      return rivalry(name, control, node, own.control);
    }),
  );
  const rivals = all.filter((each) => each !== null);
  if (rivals.length === 0) return null;
  return { is: "unclear", known: rivals, unknown: [`which server was the primary last: starting ${node} as one could lose writes`] };
}

/** Why the other may have been the primary after this one; null: it cannot. */
function rivalry(other: string, { state, timeline }: ControlData, node: string, own: ControlData | null): string | null {
  if (own === null || timeline > own.timeline) return `${other} is on timeline ${String(timeline)}, ${node} on ${String(own?.timeline ?? 0)}`;
  switch (state) {
    case "shut down in recovery":
    case "in archive recovery":
      return null;
    case "shut down":
      // A primary that stopped in order names its own timeline, so one on an earlier timeline was followed by this one.
      return timeline < own.timeline ? null : `${other} was stopped as a primary on timeline ${String(timeline)}, on which ${node} was one, too`;
    case "starting up":
    case "shutting down":
    case "in crash recovery":
    case "in production":
      // Its control file has the timeline of its last checkpoint: one that was promoted and crashed before the next one has gone further than it says.
      return `${other} was a primary, and did not stop in order (${state})`;
  }
}

const timelineSql = "select ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int as timeline";

async function kinshipOf(servers: Servers, node: string, { control }: ServerOnHost, leader: string): Promise<Kinship> {
  if (control === null) throw new StillwaterError("SW3005", `the control file of ${node} cannot be read`, { object: node });
  const { timeline } = await servers.sql.one<{ timeline: number }>(leader, timelineSql);
  // Both wrote on one timeline as primaries: a copy that was never promoted, or two primaries. pg_rewind does nothing there, and ends as if it had.
  if (control.timeline === timeline)
    return {
      is: "undecided",
      why: `${node} was a primary on the timeline ${String(timeline)} on which ${leader} leads, so where they parted cannot be seen`,
    };
  if (control.state !== "shut down") return { is: "diverged", why: `it did not stop in order (${control.state}), so where it ended is not known` };
  const leading = servers.node(leader);
  const history = await leading.host.readText(`${leading.dataDirectory}/pg_wal/${historyFile(timeline)}`);
  if (history === null) return { is: "diverged", why: `${leader} has no ${historyFile(timeline)}` };
  return kinship(control.timeline, control.checkpointEnd, timeline, parseHistory(history));
}

async function hasSlot(servers: Servers, on: string, name: string): Promise<boolean> {
  const [row] = await servers.sql.read(on, "select 1 from pg_replication_slots where slot_name = $1", [name]);
  return row !== undefined;
}

/** Its own slot if it names one; else one of its name where slots are used: by the other standbys, or by the primary when it was one. */
async function slotFor(servers: Servers, node: string, own: string | null, leader: string): Promise<string | null> {
  if (own !== null) return own;
  const { former, names } = await servers.sql.one<{ former: string; names: readonly string[] }>(
    leader,
    `select current_setting('primary_slot_name') as former,
     array(select slot_name::text from pg_replication_slots where slot_type = 'physical' and not temporary) as names`,
  );
  const used = former !== "" || servers.nodes.some((each) => names.includes(slotNameOf(each.name)));
  return used ? slotNameOf(node) : null;
}
