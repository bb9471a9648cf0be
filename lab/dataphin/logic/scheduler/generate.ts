import type { Instance, Node } from "../entities.ts";
import type { Database } from "../database.ts";
import { DAY, dateOf, midnightOf, MINUTE } from "../times.ts";

const HISTORY_MS = 2 * DAY;

/** Instants of that day at which a node is due. */
function dueTimesOn(node: Node, midnight: number): readonly number[] {
  const { schedule } = node;
  switch (schedule.kind) {
    case "daily":
      return [midnight + schedule.minute * MINUTE];
    case "minutes": {
      const times: number[] = [];
      for (let at = 0; at < DAY; at += schedule.every * MINUTE) times.push(midnight + at);
      return times;
    }
    case "manual":
      return [];
  }
}

/** Instances of one day, of every node with a schedule. A day that has its instances is left alone. Returns how many were made. */
export function generate(database: Database, date: string, now: number): number {
  const { data } = database;
  if (data.generated.includes(date)) return 0;
  const midnight = midnightOf(date);
  let made = 0;
  for (const node of Object.values(data.nodes))
    dueTimesOn(node, midnight).forEach((dueTime, position) => {
      addInstance(database, node, { dueTime, index: position + 1, now });
      made += 1;
    });
  data.generated = [...data.generated, date].slice(-7);
  for (const { id, dueTime, status } of Object.values(data.instances))
    if (dueTime < midnight - HISTORY_MS && (status === "SUCCESS" || status === "FAILED")) delete data.instances[id];
  return made;
}

export function addInstance(
  database: Database,
  node: Node,
  { dueTime, index, now }: { readonly dueTime: number; readonly index: number; readonly now: number },
): Instance {
  const instance: Instance = {
    id: `t_${database.nextId()}`,
    nodeId: node.id,
    bizDate: dateOf(dueTime - DAY),
    dueTime,
    index,
    createdAt: now,
    status: "INIT",
    schedulePaused: node.paused,
    trigger: "AUTO_SCHEDULED",
    taskruns: [],
    autoRerunAt: null,
    autoReruns: 0,
    terminateBy: null,
  };
  database.data.instances[instance.id] = instance;
  return instance;
}

/**
 * Every night at 23:00 the next day is generated (facts 2.5). Whoever was not there at 23:00 makes up for it when it is back: late, and what was due
 * meanwhile is late with it.
 */
export function generateIfDue(database: Database, now: number, generationMinute: number): number {
  const today = midnightOf(dateOf(now));
  let made = generate(database, dateOf(today), now);
  if (now - today >= generationMinute * MINUTE) made += generate(database, dateOf(today + DAY), now);
  return made;
}
