// What the registry loads: small, because `--help` and a plan that is only shown never need the driver.
import type { SystemModule } from "../../model/driver.ts";
import { keys } from "./options.ts";

export const postgresModule: SystemModule = {
  system: "postgres",
  title: "PostgreSQL with streaming replication",
  keys,
  async open(definition, handles) {
    const { PostgresDriver } = await import("./driver.ts");
    return new PostgresDriver(definition, handles);
  },
  async discover(target, options, handles) {
    const { discover } = await import("./discover.ts");
    return discover(target, options, handles);
  },
  async demo(options) {
    const { demoStage } = await import("./demo/stage.ts");
    return demoStage(options);
  },
};
