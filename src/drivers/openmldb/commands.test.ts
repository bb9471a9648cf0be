import { describe, expect, it } from "vitest";
import { commands } from "./commands.ts";

const means = (name: string, flags: Readonly<Record<string, string | true>> = {}) => {
  const found = commands.find((each) => each.name === name);
  if (!found) throw new Error(`no command ${name}`);
  return found.means(flags);
};

describe("the vendor's commands", () => {
  it("[OM-12] take a list of endpoints, each once and in order", () => {
    expect(means("pre-upgrade", { endpoints: "a:1, b:2,a:1", endpoint: "c:3" }).meaning).toEqual({
      is: "maintenance",
      maintenance: "drain",
      endpoints: ["a:1", "b:2", "c:3"],
    });
    expect(() => means("post-upgrade", { endpoints: " , " })).toThrow("No endpoint");
  });

  it("[OM-2] allow_single_replica accepts unavailability; without it a replica is added [OM-1]", () => {
    expect(means("pre-upgrade", { endpoints: "a:1", allow_single_replica: true }).options).toEqual({ "single-replica": "allow-unavailable" });
    expect(means("pre-upgrade", { endpoints: "a:1" }).options).toEqual({ "single-replica": "add-replica" });
  });

  it("[OM-11] find the cluster through ZooKeeper where there is no cluster file", () => {
    expect(means("recoverdata", { zk_cluster: "z:2181", zk_root_path: "/o" }).discover).toEqual({
      target: "",
      options: { "zk-cluster": "z:2181", "zk-root-path": "/o" },
    });
    expect(means("recoverdata").discover).toBeNull();
    const at = (path: string) => means("recoverdata", { zk_cluster: "z:2181", openmldb_bin_path: path });
    expect(at("/opt/cluster/bin/openmldb").discover?.options).toMatchObject({ home: "/opt/cluster" });
    expect(at("/opt/cluster/bin/openmldb").notes).toEqual([]);
    expect(at("openmldb").discover?.options).not.toHaveProperty("home");
    expect(at("openmldb").notes).toEqual([expect.stringContaining("not the absolute path")]);
  });

  it("[OM-17] showopstatus filters by state; showtablestatus hides nothing", () => {
    expect(means("showopstatus", { filter: "kFailed" }).meaning).toEqual({ is: "tables", name: "operations", filter: "kFailed" });
    expect(means("showtablestatus", { filter: "%" }).meaning).toEqual({ is: "tables", name: "tables", filter: null });
  });

  it("say what has no effect here", () => {
    expect(means("pre-upgrade", { endpoints: "a:1", statfile: ".stat" }).notes).toHaveLength(1);
  });
});
