// What the registry loads: small, because `--help` and a plan that is only shown never need the driver.
import type { SystemModule } from "../../model/driver.ts";
import { keys } from "./options.ts";

export const dolphindbModule: SystemModule = {
  system: "dolphindb",
  title: "DolphinDB",
  keys,
  async open(definition, handles) {
    const { DolphindbDriver } = await import("./driver.ts");
    return new DolphindbDriver(definition, handles);
  },
  async discover(target, options, handles) {
    const { discover } = await import("./discover.ts");
    return discover(target, options, handles);
  },
};
