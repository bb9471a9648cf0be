// What the registry loads: small, because `--help` and a plan that is only shown never need the driver.
import type { SystemModule } from "../../model/driver.ts";
import { commands } from "./commands.ts";
import { keys } from "./options.ts";

export const openmldbModule: SystemModule = {
  system: "openmldb",
  title: "OpenMLDB",
  keys,
  commands,
  async open(definition, handles) {
    const { OpenmldbDriver } = await import("./driver.ts");
    return new OpenmldbDriver(definition, handles);
  },
  async discover(target, options, handles) {
    const { discover } = await import("./discover.ts");
    return discover(target, options, handles);
  },
  async sdk() {
    const { sdkChecker } = await import("./sdk/check.ts");
    return sdkChecker;
  },
};
