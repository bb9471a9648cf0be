import { scenario } from "../../scenario.ts";
import { cdapDriver } from "./driver.ts";
import { FakeCdap } from "./fake.ts";

export const cdap = scenario("cdap", (world) => {
  const fake = new FakeCdap(world, "6.9");
  const versions = () => ({ platform: `${fake.installed}/${fake.running?.version ?? "down"}` });
  return {
    driver: cdapDriver(fake),
    goal: { version: "6.10" },
    back: { version: "6.9" },
    end: () => ({ versions: versions(), starts: fake.starts, applications: [...fake.programs], schedules: [...fake.schedules] }),
    versions,
    starts: () => fake.starts,
    charges: () => fake.charges(),
    leftovers: () => [
      ...(fake.running ? [] : ["the platform is down"]),
      ...[...fake.schedules].filter(([name, state]) => name !== "s4" && state !== "SCHEDULED").map(([name]) => `${name} is suspended`),
    ],
    away: () => (fake.running ? [] : ["platform"]),
    outages: [{ node: "platform", strike: () => fake.fallsSilent() }],
  };
});
