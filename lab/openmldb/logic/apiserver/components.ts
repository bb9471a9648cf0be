import type { Sdk } from "../sdk/sdk.ts";
import type { Answer } from "../sdk/rpc.ts";

interface ShowTabletAnswer extends Answer {
  readonly tablets?: readonly { readonly endpoint: string; readonly state: string; readonly age?: number }[];
}
export type ComponentRow = readonly [endpoint: string, role: string, connectTime: number, status: string, nsRole: string];

export const COMPONENT_COLUMNS = ["Endpoint", "Role", "Connect_time", "Status", "Ns_role"];

/**
 * SHOW COMPONENTS (facts 2.9): tablets that are offline stay listed; standby taskmanagers and APIServers never are.
 * Connect_time is a tablet's since its state changed; for the others, whose registration the lab's ZooKeeper does not date, since `seen` first named them.
 */
export async function components(sdk: Sdk, root: string, now: number, seen: Map<string, number>): Promise<readonly ComponentRow[]> {
  const { code, msg, tablets = [] } = await sdk.nameserver.call<ShowTabletAnswer>("ShowTablet", {});
  if (code !== 0) throw new Error(msg ?? `ShowTablet: code ${code}`);
  const session = await sdk.session();
  const since = (endpoint: string): number => {
    const first = seen.get(endpoint) ?? now;
    seen.set(endpoint, first);
    return first;
  };
  const rows: ComponentRow[] = tablets.map(({ endpoint, state, age = 0 }) => [
    endpoint,
    "tablet",
    Math.round(now - age),
    state === "kHealthy" ? "online" : "offline",
    "NULL",
  ]);
  const locks = (await session.children(`${root}/leader`)).filter((name) => name.startsWith("lock_request")).toSorted();
  for (const [i, lock] of locks.entries()) {
    const endpoint = await session.get(`${root}/leader/${lock}`);
    if (endpoint !== null) rows.push([endpoint, "nameserver", since(endpoint), "online", i === 0 ? "master" : "standby"]);
  }
  const taskmanager = await session.get(`${root}/taskmanager/leader`);
  if (taskmanager !== null && taskmanager !== "") rows.push([taskmanager, "taskmanager", since(taskmanager), "online", "NULL"]);
  return rows;
}
