// What the registry loads: small, because `--help` and a plan that is only shown never need the driver.
import type { SystemModule } from "../../model/driver.ts";
import { keys } from "./options.ts";

export const cdapModule: SystemModule = {
  system: "cdap",
  title: "CDAP",
  keys,
  async open(definition, handles) {
    const { CdapDriver } = await import("./driver.ts");
    return new CdapDriver(definition, handles);
  },
  async discover(target, options, handles) {
    const { discover } = await import("./discover.ts");
    return discover(target, options, handles);
  },
};
