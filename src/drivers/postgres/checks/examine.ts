// What only the cluster can answer about a goal: does the server take the values, is there room for the release?
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { nowOf, structureOf, type PgFacts } from "../facts.ts";
import { inScope, settingChanges } from "../planning/scope.ts";
import { storeOf } from "../releases.ts";
import type { Servers } from "../servers.ts";
import { binaryRefuses } from "../settings/try-values.ts";
import { blocker, passed, size } from "./check-kit.ts";

export async function examine(servers: Servers, facts: PgFacts, goal: Goal): Promise<readonly Check[]> {
  const checks = await Promise.all([
    ...inScope(facts, goal).map((node) => values(servers, facts, goal, node)),
    ...inScope(facts, goal).flatMap((node) => [room(servers, goal, node), exchange(servers, facts, goal, node)]),
  ]);
  return checks.flat();
}

async function values(servers: Servers, facts: PgFacts, goal: Goal, node: string): Promise<readonly Check[]> {
  const wanted = Object.fromEntries(settingChanges(facts, goal).map((change) => [change.name, change.wanted]));
  const names = Object.keys(wanted).join(", ");
  if (names === "" || structureOf(facts, node).installed === null) return [];
  const objection = await binaryRefuses(servers.node(node), wanted);
  if (objection === null) return [passed("value", node, `the server's binary accepts the values of ${names}`)];
  return [blocker("value", node, `the server's binary does not accept them: ${objection}`, { remedy: "Nothing was changed. Give another value." })];
}

async function room(servers: Servers, goal: Goal, node: string): Promise<readonly Check[]> {
  if (goal.artefact === null) return [];
  const server = servers.node(node);
  // The archive, what is in it (three to four times as much), and a margin for the server itself.
  const needed = goal.artefact.bytes * 5 + 64 * 1024 * 1024;
  const parent = server.installation.slice(0, server.installation.lastIndexOf("/"));
  const free = await server.host.freeBytes(parent === "" ? "/" : parent);
  if (free >= needed) return [passed("disk", node, `${size(free)} free beside ${server.installation}, at most ${size(needed)} needed`)];
  return [
    blocker("disk", node, `${size(free)} free beside ${server.installation}, up to ${size(needed)} needed`, {
      remedy: "Free space on that file system first.",
    }),
  ];
}

/** A directory changes its place by being renamed, for which it must be writable itself; a link needs only what it lies in. */
async function exchange(servers: Servers, facts: PgFacts, goal: Goal, node: string): Promise<readonly Check[]> {
  if (goal.version === null) return [];
  const server = servers.node(node);
  const [structure, now] = [structureOf(facts, node), nowOf(facts, node)];
  const parent = server.installation.slice(0, server.installation.lastIndexOf("/")) || "/";
  const store = storeOf(structure, now);
  const script = 'for d; do while [ ! -e "$d" ]; do d=${d%/*}; d=${d:-/}; done; [ -w "$d" ] || echo "$d"; done';
  const paths = [parent, store, ...(now.linkTarget === null ? [server.installation] : [])];
  const result = await server.host.query(["sh", "-c", script, "writable", ...paths]);
  const closed = [...new Set(result.stdout.split("\n").filter((line) => line !== ""))];
  if (closed.length === 0) return [passed("exchange", node, `${server.installation} may be exchanged`)];
  return [
    blocker("exchange", node, `the user on its host may not write to ${closed.join(", ")}: ${server.installation} could not be exchanged`, {
      remedy: "Give that user the right, or let the host be reached as one who has it.",
    }),
  ];
}
