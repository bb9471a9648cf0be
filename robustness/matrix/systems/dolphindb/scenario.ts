import { scenario } from "../../scenario.ts";
import { dolphindbDriver } from "./driver.ts";
import { FakeDolphindb } from "./fake.ts";

export const dolphindb = scenario("dolphindb", (world) => {
  const fake = new FakeDolphindb(world, "2.00.7");
  const nodes = () => [...fake.nodes];
  const versions = () =>
    Object.fromEntries(nodes().map(([name, node]) => [name, `${fake.installed.get(node.host)}/${node.running?.version ?? "down"}`]));
  const suspended = () => fake.controllers().filter((name) => fake.nodes.get(name)?.suspended);
  return {
    driver: dolphindbDriver(fake),
    goal: { version: "2.00.8" },
    back: { version: "2.00.7" },
    end: () => ({ versions: versions(), starts: nodes().map(([, node]) => node.starts), suspended: suspended() }),
    versions,
    starts: () => nodes().reduce((sum, [, node]) => sum + node.starts, 0),
    charges: () => fake.books.charges,
    leftovers: () => [
      ...nodes()
        .filter(([, node]) => node.running === null)
        .map(([name]) => `${name} is down`),
      ...suspended().map((name) => `${name} is suspended`),
    ],
    away: () => [...fake.nodes.keys()].filter((name) => !fake.ready(name)),
    outages: ["c1", "c2", "c3", "a2", "d1a", "d2a", "d3a", "d3b"].map((node) => ({ node, strike: () => fake.dies(node) })),
  };
});
