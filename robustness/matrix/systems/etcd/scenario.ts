import { scenario } from "../../scenario.ts";
import { etcdDriver } from "./driver.ts";
import { FakeEtcd } from "./fake.ts";

export const etcd = scenario("etcd", (world) => {
  const fake = new FakeEtcd(world, 4);
  const versions = () =>
    Object.fromEntries([...fake.members].map(([name, member]) => [name, `${member.installed}/${member.running?.version ?? "down"}`]));
  const starts = () => [...fake.members.values()].map((member) => member.starts);
  return {
    driver: etcdDriver(fake),
    goal: { version: 5 },
    back: { version: 4 },
    end: () => ({ versions: versions(), starts: starts(), backups: new Set(fake.backups).size, clusterVersion: fake.clusterVersion }),
    versions,
    starts: () => starts().reduce((sum, each) => sum + each, 0),
    charges: () => fake.books.charges,
    leftovers: () => [...fake.members].filter(([, member]) => !member.running).map(([name]) => `${name} is down`),
    away: () => [...fake.members.keys()].filter((name) => !fake.ready().includes(name)),
    outages: [
      ...[...fake.members.keys()].map((node) => ({ node, strike: () => fake.dies(node) })),
      { node: "an alarm", strike: () => fake.raiseAlarm() },
    ],
  };
});
