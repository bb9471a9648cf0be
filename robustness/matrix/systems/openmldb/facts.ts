import type { Facts, Invariant } from "../../../../src/model/facts.ts";
import type { FakeOpenmldb } from "./fake.ts";

type Structure = { readonly tablets: { readonly [tablet: string]: string } };
export type OpenmldbNow = {
  readonly up: readonly string[];
  readonly leader: { readonly [pid: string]: string };
  readonly replicas: { readonly [pid: string]: readonly string[] };
};
export type OpenmldbFacts = Facts<Structure, OpenmldbNow>;
export interface OpenmldbGoal {
  readonly version: string;
  /** One tablet; null: all. */
  readonly only: string | null;
}

export function inspectOpenmldb(db: FakeOpenmldb): OpenmldbFacts {
  const leader: Record<string, string> = {};
  const replicas: Record<string, string[]> = {};
  for (const pid of db.partitions.keys()) {
    const { metas } = db.showTable(pid);
    leader[pid] = metas.find((meta) => meta.isLeader && meta.isAlive)?.endpoint ?? "nobody";
    const serves = (tablet: string): boolean => db.up(tablet) && db.status(tablet, pid) !== null;
    replicas[pid] = metas.filter((meta) => meta.isAlive && serves(meta.endpoint)).map((meta) => meta.endpoint);
  }
  const all = [...db.tablets.keys()];
  return {
    structure: { tablets: Object.fromEntries(all.map((tablet) => [tablet, db.process(tablet).installed])) },
    now: { up: all.filter((tablet) => db.up(tablet)), leader, replicas },
  };
}

export const openmldbInvariants: readonly Invariant<OpenmldbFacts>[] = [
  {
    name: "led",
    holds: "always",
    broken: ({ now }) =>
      Object.entries(now.leader)
        .filter(([, leader]) => !now.up.includes(leader))
        .map(([pid, leader]) => ({ object: `partition ${pid}`, what: `its leader ${leader} is down` })),
  },
  {
    name: "replicated",
    holds: "between turns",
    broken: ({ now }) =>
      Object.entries(now.replicas)
        .filter(([, on]) => on.length < 2)
        .map(([pid, on]) => ({ object: `partition ${pid}`, what: `on ${on.join(" ") || "nothing"} only` })),
  },
];
