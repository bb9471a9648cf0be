import { mkdtemp, mkdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Handles } from "../../model/driver.ts";
import { discover } from "./discover.ts";
import { parseOptions } from "./options.ts";
import { HttpDouble } from "./testing/http-double.ts";
import { treeZooKeeper } from "./testing/tree-zookeeper.ts";

const leads = { json: { code: 0, conf: { auto_failover: "true" } } };
const standby = { json: { code: 300, msg: "nameserver is not leader" } };
const tablets = (...endpoints: readonly string[]) => ({ json: { code: 0, tablets: endpoints.map((endpoint) => ({ endpoint, state: "kHealthy" })) } });
const handlesOf = (http: HttpDouble): Handles => ({
  host: () => {
    throw new Error("there is no cluster file yet");
  },
  http: () => http,
  secret: async (reference) => reference,
  now: () => 0,
});

describe("init", () => {
  it("[OM-11] from one nameserver: the tablets it knows, and what an APIServer shows", async () => {
    const http = new HttpDouble()
      .on("h1:7527 /NameServer/ConfGet", leads)
      .on("h1:7527 /NameServer/ShowTablet", tablets("h3:10921", "h2:10921"))
      .on("h1:9080 /dbs/__INTERNAL_DB", {
        json: {
          code: 0,
          data: {
            schema: [],
            data: [
              ["h2:7527", "nameserver", 0, "online", "standby"],
              ["h1:9902", "taskmanager", 0, "online", "NULL"],
            ],
          },
        },
      });
    const definition = await discover(
      "h1:7527",
      { apiservers: "h1:9080", directory: "/opt/openmldb", "directory.tablet": "/data/tablet" },
      handlesOf(http),
    );
    expect(definition.nodes.map(({ name, host, endpoint, options }) => [name, host, endpoint, options["directory"]])).toEqual([
      ["nameserver1", "h1", "h1:7527", "/opt/openmldb"],
      ["nameserver2", "h2", "h2:7527", "/opt/openmldb"],
      ["tablet1", "h2", "h2:10921", "/data/tablet"],
      ["tablet2", "h3", "h3:10921", "/data/tablet"],
      ["apiserver1", "h1", "h1:9080", "/opt/openmldb"],
      ["taskmanager1", "h1", "h1:9902", "/opt/openmldb"],
    ]);
    expect(definition.continuity).toMatchObject({ enabled: true, route: null });
    expect(() => parseOptions(definition)).not.toThrow();
  });

  it("[OM-11] home: its conf/hosts tells the directories where there is one, else every component lives in it", async () => {
    const http = new HttpDouble().on("h1:7527 /NameServer/ConfGet", leads).on("h1:7527 /NameServer/ShowTablet", tablets("h2:10921"));
    const home = await mkdtemp(join(tmpdir(), "home-"));
    onTestFinished(() => rm(home, { recursive: true }));
    const directories = async () =>
      (await discover("h1:7527", { home }, handlesOf(http))).nodes.map(({ endpoint, options }) => [endpoint, options["directory"]]);
    expect(await directories()).toEqual([
      ["h1:7527", home],
      ["h2:10921", home],
    ]);
    await mkdir(join(home, "conf"));
    await writeFile(join(home, "conf/hosts"), "[tablet]\nh2:10921 /data/tablet\n[nameserver]\nh1:7527\n");
    expect(await directories()).toEqual([
      ["h1:7527", home],
      ["h2:10921", "/data/tablet"],
    ]);
  });

  it("[OM-11] by ZooKeeper: the election tells the nameservers, the names their real endpoints", async () => {
    const http = new HttpDouble().on("h1:7527 /NameServer/ConfGet", standby).on("h2:7527 /NameServer/ConfGet", leads);
    http.on("h2:7527 /NameServer/ShowTablet", { json: { code: 0, tablets: [{ endpoint: "t-a", state: "kOffline", real_endpoint: "h3:10921" }] } });
    const zookeeper = treeZooKeeper({
      "/om/leader/lock_request0000000007": "ns-b",
      "/om/leader/lock_request0000000009": "h1:7527",
      "/om/map/names/ns-b": "h2:7527",
      "/om/taskmanager/leader": "h1:9902",
    });
    const options = { "zk-cluster": "z1:2181,z2:2181", "zk-root-path": "/om", directory: "/opt/openmldb", "spark-home": "/opt/spark" };
    const definition = await discover("", options, handlesOf(http), zookeeper);
    expect(definition.nodes.map(({ endpoint, options: own }) => [endpoint, own["serverName"] ?? null, own["sparkHome"] ?? null])).toEqual([
      ["h1:7527", null, null],
      ["h2:7527", "ns-b", null],
      ["h3:10921", "t-a", null],
      ["h1:9902", null, "/opt/spark"],
    ]);
    expect(definition.options).toMatchObject({ zookeeper: { servers: "z1:2181,z2:2181", rootPath: "/om" } });
  });

  it("[OM-12] directories, apiservers and ZooKeeper come from conf/hosts of the distribution", async () => {
    const distribution = await mkdtemp(join(tmpdir(), "distribution-"));
    onTestFinished(() => rm(distribution, { recursive: true }));
    await mkdir(join(distribution, "conf"));
    await writeFile(
      join(distribution, "conf/hosts"),
      "[tablet]\nlocalhost:10921 /d/t1\nlocalhost:10922 /d/t1\n[nameserver]\nlocalhost:7527 /d/ns\n[apiserver]\nlocalhost:9080 /d/ns\n[zookeeper]\nlocalhost:2181:2888:3888\n",
    );
    const http = new HttpDouble()
      .on("127.0.0.1:7527 /NameServer/ConfGet", leads)
      .on("127.0.0.1:7527 /NameServer/ShowTablet", tablets("127.0.0.1:10921"));
    const definition = await discover("127.0.0.1:7527", { distribution }, handlesOf(http), treeZooKeeper({}));
    expect(definition.hosts).toMatchObject([{ name: "local", transport: "local" }]);
    expect(definition.nodes.map(({ endpoint, options }) => [endpoint, options["directory"], options["component"] ?? null])).toEqual([
      ["127.0.0.1:7527", "/d/ns", null],
      ["127.0.0.1:10921", "/d/t1", null],
      ["localhost:10922", "/d/t1", "tablet2"],
      ["localhost:9080", "/d/ns", null],
    ]);
    expect(definition.options["zookeeper"]).toMatchObject({ servers: "localhost:2181" });
  });

  it("[OM-11] conf/hosts names the nameserver that ZooKeeper names too: it is asked once and is one node", async () => {
    const distribution = await mkdtemp(join(tmpdir(), "distribution-"));
    onTestFinished(() => rm(distribution, { recursive: true }));
    await mkdir(join(distribution, "conf"));
    await writeFile(join(distribution, "conf/hosts"), "[tablet]\nh2:10921 /d/t\n[nameserver]\nh1:7527 /d/ns\n[zookeeper]\nz1:2181\n");
    const http = new HttpDouble().on("h1:7527 /NameServer/ConfGet", leads).on("h1:7527 /NameServer/ShowTablet", tablets("h2:10921"));
    const zookeeper = treeZooKeeper({ "/openmldb/leader/lock_request0000000001": "h1:7527" });
    const definition = await discover("", { distribution }, handlesOf(http), zookeeper);
    expect(definition.nodes.map(({ endpoint, options }) => [endpoint, options["directory"]])).toEqual([
      ["h1:7527", "/d/ns"],
      ["h2:10921", "/d/t"],
    ]);
  });

  it("a directory can be given for each server", async () => {
    const http = new HttpDouble()
      .on("h1:7527 /NameServer/ConfGet", leads)
      .on("h1:7527 /NameServer/ShowTablet", tablets("h2:10921", "h2:10922", "h2:10923"));
    const definition = await discover("h1:7527", { directory: "/d", "directory.h2:10923": "/e" }, handlesOf(http));
    expect(definition.nodes.map(({ options }) => `${String(options["directory"])} ${String(options["component"])}`)).toEqual([
      "/d undefined",
      "/d undefined",
      "/d tablet2",
      "/e undefined",
    ]);
  });

  it.each([
    ["h1", {}, "h1 is not HOST:PORT"],
    ["", {}, "Nothing says where the cluster is"],
    ["", { nameserver: "h9:7527", directory: "/d" }, "no nameserver leads"],
    ["h1:7527", { zkcluster: "z:1" }, "There is no option zkcluster"],
    ["h1:7527", { user: "root", password: "1234", directory: "/d" }, "a reference"],
    ["h1:7527", {}, "In which directory does nameserver h1:7527 live?"],
    ["h1:7527", { directory: "/d", tablets: "h2:10922,h2:10923" }, "tablet h2:10923 cannot live in the same directory"],
    ["h9:7527", { directory: "/d" }, "no nameserver leads"],
  ])("%s %o: %s", async (target, options, message) => {
    const http = new HttpDouble().on("h1:7527 /NameServer/ConfGet", leads).on("h1:7527 /NameServer/ShowTablet", tablets("h2:10921"));
    await expect(discover(target, options, handlesOf(http))).rejects.toThrow(message);
  });
});
