import { scenario } from "../../scenario.ts";
import { dataphinDriver } from "./driver.ts";
import { FakeDataphin } from "./fake.ts";

const version = "5.2.0.01";

export const dataphin = scenario("dataphin", (world) => {
  const fake = new FakeDataphin(world, "5.1.2.02");
  return {
    driver: dataphinDriver(fake),
    goal: { version, mode: "downtime" as const },
    back: null,
    end: () => ({ version: fake.version, maintenance: fake.maintenance, upgrades: fake.upgrades, backups: fake.backups }),
    versions: () => ({ version: fake.version }),
    starts: () => fake.upgrades,
    charges: () => fake.books.charges,
    leftovers: () => (fake.maintenance ? ["in maintenance mode"] : []),
    person(step) {
      if (step === "maintenance") fake.pressMaintenance(true);
      if (step === "upgrade" && fake.version !== version) fake.pressUpgrade(version);
      if (step === "undo maintenance/leave") fake.pressMaintenance(false);
    },
    away: () => [],
    outages: [{ node: "application", strike: () => fake.fallsSilent() }],
  };
});
