import { scenario } from "../../scenario.ts";
import { postgresDriver } from "./driver.ts";
import { FakePostgres } from "./fake.ts";

export const postgres = scenario("postgres", (world) => {
  const fake = new FakePostgres(world, "17.0");
  const servers = () => [...fake.servers];
  const versions = () => Object.fromEntries(servers().map(([name, server]) => [name, `${server.installed}/${server.running?.version ?? "down"}`]));
  return {
    driver: postgresDriver(fake),
    goal: { version: "17.10" },
    back: { version: "17.0" },
    end: () => ({
      versions: versions(),
      primaries: fake.primaries().length,
      promotes: fake.promotes,
      nodes: servers().map(([name, server]) => ({
        name,
        starts: server.starts,
        sync: server.sync,
        slots: server.slots.size === (fake.primaries()[0] === name ? 2 : 0),
        streams: fake.streaming(name) || !server.standby,
      })),
    }),
    versions,
    starts: () => servers().reduce((sum, [, server]) => sum + server.starts, 0),
    charges: () => fake.charges(),
    leftovers: () => [
      ...servers()
        .filter(([name]) => !fake.up(name))
        .map(([name]) => `${name} is down`),
      ...(fake.primaries().length === 1 ? [] : [`primaries: ${fake.primaries().join(" ")}`]),
      ...servers()
        .filter(([name, server]) => server.standby && !fake.streaming(name))
        .map(([name]) => `${name} does not stream`),
      ...servers()
        .filter(([, server]) => server.sync !== 2)
        .map(([name, server]) => `${name}: ${server.sync} synchronous standbys`),
    ],
    away: () => [...fake.servers.keys()].filter((name) => !fake.up(name)),
    outages: [...fake.servers.keys()].map((node) => ({ node, strike: () => fake.dies(node) })),
  };
});
