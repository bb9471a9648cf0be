import { scenario, type Scenario } from "../../scenario.ts";
import { openmldbDriver } from "./driver.ts";
import { FakeOpenmldb } from "./fake.ts";

/** One tablet with many leaders, or all three. */
const openmldbWith = (name: string, leads: Readonly<Record<string, number>>, only: string | null): Scenario =>
  scenario(name, (world) => {
    const fake = new FakeOpenmldb(world, "0.8", leads);
    const tablets = () => [...fake.tablets];
    const partitions = () => [...fake.partitions];
    const versions = () =>
      Object.fromEntries(tablets().map(([tablet, { installed, running }]) => [tablet, `${installed}/${running?.version ?? "down"}`]));
    const starts = () => tablets().map(([, tablet]) => tablet.starts);
    const isLed = (pid: number): boolean => {
      const leader = fake.leader(pid);
      return leader !== null && fake.table(leader, pid).role === "leader";
    };
    return {
      driver: openmldbDriver(fake),
      goal: { version: "0.9", only },
      back: { version: "0.8", only: null },
      end: () => ({ versions: versions(), changes: fake.changes, starts: starts(), leaders: partitions().map(([pid]) => fake.leader(pid)) }),
      versions,
      starts: () => starts().reduce((sum, each) => sum + each, 0),
      charges: () => fake.charges(),
      leftovers: () => [
        ...tablets()
          .filter(([tablet]) => !fake.up(tablet))
          .map(([tablet]) => `${tablet} is down`),
        ...tablets()
          .filter(([, { fenced }]) => fenced)
          .map(([tablet]) => `${tablet} is fenced`),
        ...(fake.autoFailover ? [] : ["auto_failover is off"]),
        ...partitions().flatMap(([pid, { metas }]) => [
          ...metas.filter((meta) => !meta.isAlive || !fake.table(meta.endpoint, pid).loaded).map((meta) => `${pid} is not alive on ${meta.endpoint}`),
          ...(isLed(pid) ? [] : [`nobody leads ${pid}`]),
        ]),
      ],
      away: () => [...fake.tablets.keys()].filter((tablet) => !fake.up(tablet)),
      outages: tablets().map(([node]) => ({ node, strike: () => fake.fallsSilent(node) })),
    };
  });

export const openmldb = openmldbWith("openmldb", { t1: 20, t2: 3, t3: 3 }, "t1");
/** Every tablet in turn, with fewer partitions: what moves back from one turn meets the next. */
export const openmldbAll = openmldbWith("openmldb-all", { t1: 2, t2: 2, t3: 1 }, null);
