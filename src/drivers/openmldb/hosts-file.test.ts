import { describe, expect, it } from "vitest";
import { parseDeployment, sameEndpoint } from "./hosts-file.ts";

const hosts = `[tablet]
host1:10921 /data/openmldb/tablet
host2
# host3:10921
[nameserver]
host1:7527   # the default directory
[apiserver]
[taskmanager]
host1:9902 /data/openmldb/tm/
[zookeeper]
host1:2181:2888:3888 /data/zk
host2
`;

describe("conf/hosts", () => {
  it("tells role, endpoint and directory of each server; what is left out is the default of conf/openmldb-env.sh", () => {
    const environment = "export OPENMLDB_HOME=/opt/openmldb\nexport OPENMLDB_TABLET_PORT=10931\nexport OPENMLDB_ZK_ROOT_PATH=/orders\n";
    expect(parseDeployment(hosts, environment, "/home/ana/openmldb-0.9.2-linux")).toEqual({
      servers: [
        { role: "tablet", endpoint: "host1:10921", directory: "/data/openmldb/tablet" },
        { role: "tablet", endpoint: "host2:10931", directory: "/opt/openmldb" },
        { role: "nameserver", endpoint: "host1:7527", directory: "/opt/openmldb" },
        { role: "taskmanager", endpoint: "host1:9902", directory: "/data/openmldb/tm" },
      ],
      zookeeper: { servers: ["host1:2181", "host2:2181"], rootPath: "/orders" },
    });
  });
  it("without an environment the distribution itself is the home; an existing ZooKeeper comes before the section", () => {
    const environment = 'export OPENMLDB_HOME="${OPENMLDB_HOME:-x}"\nexport OPENMLDB_ZK_CLUSTER="z1:2181,z2:2181"\n';
    const deployment = parseDeployment(hosts, environment, "/opt/dist");
    expect(deployment.servers[1]?.directory).toBe("/opt/dist");
    expect(deployment.zookeeper).toEqual({ servers: ["z1:2181", "z2:2181"], rootPath: "/openmldb" });
  });
  it.each([
    ["localhost:1", "127.0.0.1:1", true],
    ["127.0.0.2:1", "127.0.0.1:1", false],
    ["localhost:1", "127.0.0.1:2", false],
    ["a:1", "a:1", true],
  ])("%s and %s: the same server %s", (one, other, same) => expect(sameEndpoint(one, other)).toBe(same));
});
