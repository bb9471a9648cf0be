import { describe, expect, test } from "vitest";
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { Handles } from "../../model/driver.ts";
import type { Host } from "../../model/host.ts";
import { openCluster } from "./open-cluster.ts";
import { definitionOf } from "./testing/opened-lab.ts";

const handles: Handles = {
  host: () => ({ name: "gateway" }) as Host,
  http: () => ({ request: () => Promise.reject(new Error("nobody asks")) }),
  secret: async (reference) => reference,
  now: () => 0,
  stateDirectory: "/home/ana/.stillwater",
};
const overSsh = (options: ClusterDefinition["options"] = {}): ClusterDefinition => {
  const made = definitionOf(options);
  return { ...made, hosts: made.hosts.map((host) => ({ ...host, transport: "openssh", address: "gw", stateDirectory: "/srv/of/the/gateway" })) };
};

describe("backups of plans", () => {
  test("lie on the machine of Stillwater, also where the router's host is reached over ssh", () => {
    expect(openCluster(overSsh(), handles).backups).toBe("/home/ana/.stillwater/backups/lab");
  });
  test("lie where the cluster file says", () => {
    expect(openCluster(overSsh({ backups: "/srv/backups" }), handles).backups).toBe("/srv/backups");
  });
});
