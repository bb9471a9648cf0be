import { expect, test } from "vitest";
import type { ContinuityRoute } from "../../model/cluster.ts";
import type { Host } from "../../model/host.ts";
import { OpenmldbDriver } from "./driver.ts";
import { HttpDouble } from "./testing/http-double.ts";

const roles = { ns1: "nameserver", t1: "tablet", t2: "tablet", api1: "apiserver", api2: "apiserver", tm1: "taskmanager" };
const routeOf = async (route: ContinuityRoute | null, names: readonly (keyof typeof roles)[]): Promise<string> => {
  const continuity = { enabled: true, route, rate: 1, minAcks: 1, verifyAfterS: 1 };
  const driver = new OpenmldbDriver(
    {
      version: 1,
      cluster: "shop",
      system: "openmldb",
      hosts: [],
      nodes: names.map((name) => ({
        name,
        host: "h",
        endpoint: `${name}:9000`,
        service: null,
        options: { role: roles[name], directory: `/opt/${name}` },
      })),
      policy: { maxUnavailable: 1 },
      hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
      continuity,
      options: {},
    },
    { host: () => ({}) as Host, http: () => new HttpDouble(), secret: (text) => Promise.resolve(text), now: () => 0 },
  );
  return (await driver.continuity({ definition: continuity, name: "x" })).route;
};

test("Without a route the probe writes through the APIServers alone: a tablet hangs up on it, and what became of the row stays open", async () => {
  expect(await routeOf(null, ["ns1", "t1", "t2", "api1", "api2", "tm1"])).toBe("api1:9000, api2:9000");
  expect(await routeOf({ address: "proxy:80" }, ["ns1", "t1", "api1"])).toBe("proxy:80");
  expect(await routeOf({ hosts: ["api2:9000"] }, ["ns1", "api1", "api2"])).toBe("api2:9000");
});
test("A cluster without an APIServer has no way for the probe", async () => {
  await expect(routeOf(null, ["ns1", "t1"])).rejects.toThrow("no address");
});
