import { describe, expect, it } from "vitest";
import type { ClusterDefinition, NodeDefinition } from "../../model/cluster.ts";
import { isHostPort } from "../../model/read-system-keys.ts";
import { clusterOptions, nodeOptions, parseOptions } from "./options.ts";

const node = (name: string, options: Readonly<Record<string, unknown>>, more: Partial<NodeDefinition> = {}): NodeDefinition => ({
  name,
  host: "h",
  endpoint: `h:${String(10_000 + name.length * 100 + (name.codePointAt(name.length - 1) ?? 0))}`,
  service: null,
  options,
  ...more,
});
const definition = (nodes: readonly NodeDefinition[], options: Readonly<Record<string, unknown>> = {}): ClusterDefinition => ({
  version: 1,
  cluster: "shop",
  system: "openmldb",
  hosts: [],
  nodes,
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: { hosts: [] }, rate: 1, minAcks: 1, verifyAfterS: 1 },
  options,
});
const nameserver = node("ns1", { role: "nameserver", directory: "/opt/ns" });
const tablet = node("t1", { role: "tablet", directory: "/opt/t" });

describe("keys of the cluster file", () => {
  it("what was read is accepted again", () => {
    const read = clusterOptions.parse({ zookeeper: { servers: "z1:2181,z2:2181" }, authorization: { user: "root", password: "@env:P" } });
    expect(read.zookeeper?.rootPath).toBe("/openmldb");
    expect(clusterOptions.parse(read)).toEqual(read);
    const own = nodeOptions.parse({ role: "tablet", directory: "/opt/t", component: "tablet2", start: "daemon" });
    expect(nodeOptions.parse(own)).toEqual(own);
  });
  it("two tablets of one directory are two components", () => {
    const second = node("t2", { role: "tablet", directory: "/opt/t", component: "tablet2" });
    expect([...parseOptions(definition([nameserver, tablet, second])).nodes.keys()]).toEqual(["ns1", "t1", "t2"]);
  });
  it.each([
    ["an unknown role", [nameserver, node("t1", { role: "datanode", directory: "/d" })], {}, "nodes.t1.role"],
    ["a relative directory", [nameserver, node("t1", { role: "tablet", directory: "opt" })], {}, "nodes.t1.directory: an absolute path"],
    [
      "an endpoint without a port",
      [nameserver, node("t1", { role: "tablet", directory: "/d" }, { endpoint: "h" })],
      {},
      "nodes.t1.endpoint: h is not HOST:PORT",
    ],
    ["an endpoint twice", [nameserver, { ...tablet, endpoint: nameserver.endpoint }], {}, "nodes.t1: ns1 has the same endpoint"],
    ["a component twice", [nameserver, tablet, node("t2", { role: "tablet", directory: "/opt/t" })], {}, "nodes.t2: t1 has the same component"],
    ["Spark at a tablet", [nameserver, node("t1", { role: "tablet", directory: "/d", sparkHome: "/s" })], {}, "only a taskmanager has one"],
    ["a password in the file", [nameserver], { authorization: { user: "root", password: "1234" } }, "options.authorization.password: a reference"],
    ["servers that are none", [nameserver], { zookeeper: { servers: "z1" } }, "options.zookeeper.servers: HOST:PORT"],
    ["nobody to ask", [tablet], {}, "neither a nameserver nor options.zookeeper"],
  ])("%s is refused with its place", (_, nodes, options, message) => {
    expect(() => parseOptions(definition(nodes, options))).toThrow(message);
  });
  it("without a nameserver ZooKeeper is enough", () => {
    expect(() => parseOptions(definition([tablet], { zookeeper: { servers: "z1:2181" } }))).not.toThrow();
  });
  it.each([
    ["h:1", true],
    ["10.0.0.1:65535", true],
    ["h:0", false],
    ["h:65536", false],
    ["h", false],
    ["h:1,i:2", false],
    ["http://h:1", false],
  ])("%s: HOST:PORT %s", (text, is) => expect(isHostPort(text)).toBe(is));
});
