import { describe, expect, it } from "vitest";
import { Unreachable } from "../../../model/errors.ts";
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdFacts } from "../facts.ts";
import type { Value } from "../rpc.ts";
import { dictionary, ended, examinedCluster, table, tutorialFiles, type Examined } from "../testing/examined-cluster.ts";
import { ddFacts, ddGoal, threeHosts } from "../testing/facts-fixture.ts";
import { failedFromMaster, queuedForSlaves, queuedFromMaster } from "../wire/scripts.ts";
import { examine } from "./examine.ts";

const packaged = {
  "package.flavour": "plain",
  "package.architecture": "x86_64",
  "package.version-from": "inside",
  "package.contents": "ab",
  "package.bytes": "1000000",
  "package.plugins": "mysql=2.00.8.1",
};
const goal = ddGoal({ options: packaged });
const facts = ddFacts();
const containing = (text: string): unknown => expect.stringContaining(text);
const all = (more: Examined = {}, of: DdFacts = facts, wanted: Goal = goal): Promise<readonly Check[]> =>
  examine(examinedCluster(of, more), of, wanted);
async function one(code: string, more: Examined = {}, of: DdFacts = facts, wanted: Goal = goal): Promise<Check | undefined> {
  return (await all(more, of, wanted)).find((check) => check.code === code && check.verdict !== "passed");
}
const licence = (more: Readonly<Record<string, Value>>): Examined => ({
  answers: { license: dictionary({ version: "", expiration: 30_000, maxNodes: 128, maxMemoryPerNode: 512, licenseType: 0, ...more }) },
});
const day = 19_675; // of 1,700,000,000 s

describe("a cluster that is well", () => {
  it("[DD-18] has nothing against it; the backup's size, place and retention are said", async () => {
    const found = await all({ ...licence({}), answers: { ...licence({}).answers, getLoadedPlugins: table(["plugin"]) } });
    expect(found.filter(({ verdict }) => verdict !== "passed")).toEqual([]);
    expect(found.find(({ code }) => code === "backup-space")?.what).toMatch(
      /KiB in \d+ places .* to \/var\/lib\/stillwater\/backups\/c; kept until you remove it/,
    );
    expect([...new Set(found.map(({ code }) => code))].toSorted()).toEqual([
      "architecture",
      "backup-space",
      "clock",
      "cluster-nodes",
      "configuration-file",
      "disk",
      "host-tools",
      "licence",
      "members",
      "open-files",
      "plugins",
      "replication",
      "stream-groups",
      "subscriptions",
      "units",
      "volume-usage",
      "writable",
    ]);
  });
});

describe("the licence", () => {
  it("bad input: it caps below the target", async () =>
    expect(await one("licence", licence({ version: "2.00.7" }))).toMatchObject({
      verdict: "blocker",
      what: containing("allows servers up to 2.00.7, not 2.00.8.12"),
    }));
  it("a cap of two numbers allows the whole line", async () => expect(await one("licence", licence({ version: "2.00" }))).toBeUndefined());
  it("an expired one runs on and does not start again", async () =>
    expect(await one("licence", licence({ expiration: day - 3 }))).toMatchObject({ verdict: "blocker", what: containing("nothing starts again") }));
  it("also as the text of other releases", async () =>
    expect(await one("licence", licence({ expiration: "2023.11.01" }))).toMatchObject({
      verdict: "blocker",
      what: containing("expired on 2023-11-01"),
    }));
  it("one that ends soon", async () =>
    expect(await one("licence", licence({ expiration: day + 10 }))).toMatchObject({ verdict: "warning", what: containing("in 10 days") }));
  it("fewer cores than nodes use now: of the host, and as many as the licence in memory allows", async () => {
    const cores = (inFile: number, inMemory: number, there: number): Examined => ({
      answers: {
        license: (_, args) => dictionary({ version: "", expiration: 30_000, maxCoresPerNode: args.length > 0 ? inFile : inMemory }),
      },
      commands: { nproc: ended(0, `${String(there)}\n`) },
    });
    expect(await one("licence", cores(4, 64, 16))).toMatchObject({
      verdict: "blocker",
      what: containing("allows 4 cores for each node, and nodes use 16 now"),
    });
    expect(await one("licence", cores(16, 64, 16))).toBeUndefined();
    expect(await one("licence", cores(4, 4, 16))).toBeUndefined();
  });
  it("too few nodes, and a server that must answer", async () => {
    expect(await one("licence", licence({ maxNodes: 2 }))).toMatchObject({
      verdict: "blocker",
      what: containing("allows 2 nodes, and the cluster has 3"),
    });
    expect(await one("licence", licence({ licenseType: 3 }))).toMatchObject({ verdict: "warning", what: containing("licence server") });
  });
  it("the file counts, because a restart reads it; what runs has its own in memory", async () => {
    const license = (_: string, args: readonly unknown[]): Value => dictionary({ version: args.length > 0 ? "2.00.7" : "", expiration: 30_000 });
    expect(await one("licence", { answers: { license } })).toMatchObject({ verdict: "blocker", object: "/h1/server/dolphindb.lic on h1" });
  });
  it.each<readonly [string, Value | Error, string]>([
    ["no answer", new Unreachable("cut"), "cut"],
    ["no dictionary", "free", "is not a dictionary"],
    ["an empty one", dictionary({}), "says neither expiration nor version"],
  ])("%s is not measured, each in its words", async (_, license, words) =>
    expect(await one("licence", { answers: { license } })).toMatchObject({ verdict: "not-measured", what: containing(words) }),
  );
});

describe("plugins", () => {
  const loaded = (plugin: string): Examined => ({ answers: { getLoadedPlugins: table(["plugin", "version"], [plugin, "2.00.8.1"]) } });
  const to9 = ddGoal({ version: "2.00.9.4", options: packaged });
  it("[DD-6] one that is used and does not fit is refused, with what it would do", async () =>
    expect(await one("plugins", loaded("mysql"), facts, to9)).toMatchObject({
      verdict: "blocker",
      object: "mysql",
      what: containing("there would be version 2.00.8.1"),
      price: containing("does not start"),
      remedy: containing("-o plugins=DIR"),
    }));
  it("[DD-6] the package or the operator brings the right one", async () => {
    expect(await one("plugins", loaded("mysql"))).toBeUndefined();
    const given = {
      plugins: "/p",
      "plugins.versions": "mysql=2.00.9.1",
      "plugins.archive": "/a",
      "plugins.sha256": "aa",
      "plugins.bytes": "1",
      "plugins.contents": "bb",
    };
    expect(await one("plugins", loaded("mysql"), facts, ddGoal({ version: "2.00.9.4", options: { ...packaged, ...given } }))).toBeUndefined();
  });
  it("preloaded and missing: the node would not start", async () => {
    const of = ddFacts({ nodes: threeHosts({ data1: { settings: { preloadModules: "plugins::kafka,other" } } }) });
    expect(await one("plugins", { answers: { getLoadedPlugins: table(["plugin"]) } }, of)).toMatchObject({
      object: "kafka",
      what: containing("preloadModules of data1), and with 2.00.8.12 there would be none"),
    });
  });
  it("what lies there and fits no more is told when nobody uses it", async () => {
    const commands = { plugins: ended(0, "kafka/PluginKafka.txt\tkafka,libPluginKafka.so,2.00.8.3\n") };
    expect(await one("plugins-idle", { answers: { getLoadedPlugins: table(["plugin"]) }, commands }, facts, to9)).toMatchObject({
      verdict: "warning",
      what: containing("kafka 2.00.8.3 on h1"),
    });
  });
  it("a release that cannot tell", async () =>
    expect(await one("plugins")).toMatchObject({ verdict: "not-measured", what: containing("this release cannot tell") }));
});

describe("files", () => {
  const files = tutorialFiles(facts);
  const changed = (path: string, change: (text: string) => string): Examined => ({ files: { ...files, [path]: change(files[path] ?? "") } });
  it("bad input: an empty first line in cluster.nodes", async () =>
    expect(
      await one(
        "first-line",
        changed("/h2/server/clusterDemo/config/cluster.nodes", (text) => `\n${text}`),
      ),
    ).toMatchObject({ verdict: "blocker", object: "ctl2", what: containing("begins with an empty line") }));
  it("bad input: an agent file without all controllers", async () =>
    expect(
      await one(
        "agent-sites",
        changed("/h1/server/clusterDemo/config/agent.cfg", (text) => text.replace(/,h3:[^\n]*/, "")),
      ),
    ).toMatchObject({ verdict: "blocker", object: "agent1", what: containing("lacks ctl3"), remedy: containing(":ctl3:controller") }));
  it("[DD-9] a list of nodes that differs on one controller", async () =>
    expect(
      await one(
        "cluster-nodes",
        changed("/h3/server/clusterDemo/config/cluster.nodes", (text) => `${text}h9:9000:data9,datanode\n`),
      ),
    ).toMatchObject({ verdict: "warning", what: containing("ctl1, ctl2 | ctl3") }));
  it("a file that is somebody else's, and one that is not there", async () => {
    expect(
      await one(
        "configuration-file",
        changed("/h1/server/clusterDemo/config/controller.cfg", (text) => text.replace("ctl1", "other")),
      ),
    ).toMatchObject({ verdict: "blocker", what: containing(":other, and the cluster file says") });
    const { "/h1/server/clusterDemo/config/controller.cfg": _, ...rest } = files;
    expect(await one("configuration-file", { files: rest })).toMatchObject({ verdict: "blocker", what: containing("is not there on h1") });
  });
});

describe("hosts", () => {
  it("bad input: a package for another architecture", async () =>
    expect(await one("architecture", { commands: { uname: ended(0, "aarch64\n") } })).toMatchObject({
      verdict: "blocker",
      what: "is aarch64, and the package is for x86_64",
    }));
  it("no room: for the package, for the backup", async () => {
    expect(await one("disk", { freeBytes: 1_000_000 })).toMatchObject({ verdict: "blocker" });
    expect(await one("backup-space", { freeBytes: 1_000_000 })).toMatchObject({ verdict: "blocker" });
  });
  it("[DD-16] metadata that is not where it should be: an empty backup is none", async () => {
    const { "/h1/server/clusterDemo/data/ctl1/raft": _, ...files } = tutorialFiles(facts);
    expect(await one("backup-inventory", { files })).toMatchObject({ verdict: "blocker", what: containing("/data/ctl1/raft") });
  });
  it("tools, rights, limits", async () => {
    expect(await one("host-tools", { commands: { tools: ended(0, "unzip\n") } })).toMatchObject({
      verdict: "blocker",
      remedy: "Install unzip on h1.",
    });
    expect(await one("writable", { commands: { writable: ended(0, "/h1/server\n") } })).toMatchObject({ verdict: "blocker" });
    expect(await one("open-files", { commands: { limits: ended(0, "1024\n") } })).toMatchObject({ verdict: "warning" });
  });
  it("a shell that fails prints nothing either: that passes nothing", async () => {
    const broken = ended(127, "", "sh: cannot fork\n");
    const seen = await all({ commands: { tools: broken, writable: broken, limits: broken, du: broken, plugins: broken } });
    for (const code of ["host-tools", "writable", "open-files", "backup-space", "plugins"])
      expect(
        seen.some((check) => check.code === code && check.verdict === "not-measured"),
        code,
      ).toBe(true);
  });
  it("a clock that is off", async () =>
    expect(await one("clock", { commands: { date: ended(0, "1700000005000000000\n") } })).toMatchObject({
      verdict: "warning",
      what: containing("5.0 s off"),
    }));
});

describe("members and streams", () => {
  it("a node that the cluster file does not have", async () =>
    expect(await one("members", { answers: { getClusterPerf: table(["name", "host", "port"], ["data9", "h1", 9_000]) } })).toMatchObject({
      verdict: "blocker",
      object: "data9 (h1:9000)",
    }));
  const streamed = ddFacts({
    nodes: threeHosts(Object.fromEntries(["data1", "data2", "data3"].map((name) => [name, { settings: { streamingHAMode: "raft" } }]))),
  });
  const group = (sites: string): Examined => ({ answers: { getStreamingRaftGroups: table(["id", "sites"], [2, sites]) } });
  const site = (name: string): string => `${streamed.structure.nodes[name]?.endpoint ?? ""}:${name}`;
  it("a group of two bears no loss; one of three does", async () => {
    expect(await one("stream-groups", group([site("data1"), site("data2")].join(",")), streamed)).toMatchObject({
      verdict: "blocker",
      object: "group 2",
      what: containing("2 members: it bears no loss"),
    });
    expect(await one("stream-groups", group(["data1", "data2", "data3"].map(site).join(",")), streamed)).toBeUndefined();
  });
});

describe("volumes of data nodes", () => {
  const usage = (used: number): Examined => ({
    answers: {
      ...licence({}).answers,
      getClusterVolumeUsage: table(
        ["node", "volumePath", "usage", "capacity"],
        ["data1", "/d1", 10, 100],
        ["data1", "/d2", used, 100],
        ["data2", "/d1", 10, 100],
        ["data3", "/d1", 10, 100],
      ),
    },
  });
  const limited = ddFacts({ nodes: threeHosts({ data1: { settings: { volumeUsageThreshold: "0.9" } } }) });
  it("above volumeUsageThreshold nothing more is taken: refused", async () =>
    expect(await one("volume-usage", usage(91), limited)).toMatchObject({
      verdict: "blocker",
      object: "data1",
      what: "/d2 is 91 % full, volumeUsageThreshold is 90 %: it takes no more data",
    }));
  it("close to it: warned", async () => {
    expect(await one("volume-usage", usage(85), limited)).toMatchObject({ verdict: "warning", what: containing("takes a share") });
    expect(await one("volume-usage", usage(85))).toBeUndefined();
    expect(await one("volume-usage", usage(95))).toMatchObject({ verdict: "warning", what: containing("no volumeUsageThreshold is set") });
  });
  it("an older release tells it with its performance", async () => {
    const perf = table(
      ["name", "host", "port", "diskFreeSpaceRatio"],
      ...["data1", "data2", "data3"].map((name, at) => [name, `h${String(at + 1)}`, 8_802, 0.05]),
    );
    const found = await all({ answers: { ...licence({}).answers, getClusterPerf: perf } }, limited);
    expect(found.filter(({ code }) => code === "volume-usage").map(({ object, verdict }) => `${object} ${verdict}`)).toEqual([
      "data1 blocker",
      "data2 warning",
      "data3 warning",
    ]);
  });
});

describe("asynchronous replication", () => {
  const queued = (scripts: Examined["scripts"]): Examined => ({ ...licence({}), ...(scripts === undefined ? {} : { scripts }) });
  it("what is queued for others, or was taken and is not done, is told", async () => {
    expect(await one("replication", queued({ [queuedForSlaves]: 7 }))).toMatchObject({ verdict: "warning", what: containing("7 tasks") });
    expect(await one("replication", queued({ [queuedFromMaster]: 0, [failedFromMaster]: 1 }))).toMatchObject({ what: containing("FAILED") });
    expect(await one("replication", queued({ [queuedForSlaves]: 0 }))).toBeUndefined();
  });
  it("an answer that is no number is no answer", async () =>
    expect(await one("replication", queued({ [queuedForSlaves]: "many" }))).toMatchObject({ verdict: "not-measured" }));
});

describe("subscriptions", () => {
  const streaming = (tables: Readonly<Record<string, Value>>): Examined => ({
    answers: { ...licence({}).answers, getStreamingStat: dictionary(tables) },
  });
  it("those that forget how far they were, but for Raft groups; and who subscribes to a node that goes down", async () => {
    const subWorkers = table(
      ["topic", "persistOffset", "raftGroup"],
      ["h1:8802:data1/trades/sum", false, null],
      ["a/b/kept", true, null],
      ["a/b/group", false, 2],
    );
    const pubTables = table(["tableName", "subscriber"], ["trades", "10.0.0.9:8849"]);
    const found = (await all(streaming({ subWorkers, pubTables }))).filter(({ code, object }) => code === "subscriptions" && object === "data1");
    expect(found).toMatchObject([
      { verdict: "warning", what: containing("without persistOffset: h1:8802:data1/trades/sum; after") },
      { verdict: "warning", what: containing("publishes trades (10.0.0.9:8849): those who did not subscribe with reconnect=true") },
    ]);
  });
  it("where there are none, nothing is said against it", async () =>
    expect(await one("subscriptions", streaming({ subWorkers: null, pubTables: null }))).toBeUndefined());
  it("an answer in another form is no answer", async () =>
    expect(await one("subscriptions", { answers: { ...licence({}).answers, getStreamingStat: 1 } })).toMatchObject({ verdict: "not-measured" }));
});
