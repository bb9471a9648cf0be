// What the registry loads: small, because `--help` and a plan that is only shown never need the driver.
import type { SystemModule } from "../../model/driver.ts";
import { keys } from "./options.ts";

export const dataphinModule: SystemModule = {
  system: "dataphin",
  title: "Dataphin",
  keys,
  async open(definition, handles) {
    const { DataphinDriver } = await import("./driver.ts");
    return new DataphinDriver(definition, handles);
  },
  async discover(target, options, handles) {
    const { discover } = await import("./discover.ts");
    return discover(target, options, handles);
  },
};
