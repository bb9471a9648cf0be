import { describe, expect, it } from "vitest";
import { Unreachable } from "../../../model/errors.ts";
import { treeZooKeeper } from "../testing/tree-zookeeper.ts";
import { electedNameservers, ensembleHealth, serverHealth } from "./zookeeper.ts";

const serving = (mode: string): string => `Zookeeper version: 3.8.4\nLatency min/avg/max: 0/0.1/9\nOutstanding: 7\nMode: ${mode}\nNode count: 5\n`;
const outside = "This ZooKeeper instance is not currently serving requests\n";
const forbidden = "srvr is not executed because it is not in the whitelist.\n";

describe("one server", () => {
  it.each([
    [serving("leader"), "serving", "leader"],
    [outside, "not-serving", null],
    [forbidden, "no-word", null],
  ])("%j: %s", async (words, is, mode) => {
    expect(await serverHealth(treeZooKeeper({}, { "z:1": words }), "z:1")).toMatchObject({ is, mode });
  });
  it("that does not answer is silent", async () => expect(await serverHealth(treeZooKeeper({}), "z:1")).toMatchObject({ is: "silent" }));
});

describe("the ensemble", () => {
  const servers = ["z:1", "z:2", "z:3"];
  it.each([
    ["all serve", [serving("leader"), serving("follower"), serving("follower")], { answering: 3, quorum: true }],
    ["one is away", [serving("leader"), serving("follower")], { answering: 2, quorum: true }],
    ["two are away", [serving("leader")], { answering: 1, quorum: false }],
    ["they answer, and serve nobody", [outside, outside, outside], { answering: 3, quorum: false }],
    ["they may not say: a session is the proof", [forbidden, forbidden, forbidden], { answering: 3, quorum: true }],
  ])("%s", async (_, words, seen) => {
    const port = treeZooKeeper({}, Object.fromEntries(words.map((each, index) => [`z:${String(index + 1)}`, each])));
    const outstanding = words.some((each) => each.includes("Outstanding")) ? 7 : null;
    expect(await ensembleHealth(port, servers, "/openmldb")).toEqual({ servers: 3, session: true, outstanding, ...seen });
  });
  it("may not say, and gives no session: no quorum", async () => {
    const port = { ...treeZooKeeper({}, { "z:1": forbidden }), visit: () => Promise.reject(new Unreachable("no session")) };
    expect(await ensembleHealth(port, ["z:1"], "/openmldb")).toEqual({ servers: 1, answering: 1, quorum: false, session: false, outstanding: null });
  });
  it("has a quorum by its own word, and gives no session", async () => {
    const port = { ...treeZooKeeper({}, { "z:1": serving("standalone") }), visit: () => Promise.reject(new Unreachable("no session")) };
    expect(await ensembleHealth(port, ["z:1"], "/openmldb")).toEqual({ servers: 1, answering: 1, quorum: true, session: false, outstanding: 7 });
  });
});

it("nameservers stand in the order of their lock nodes, under their real endpoints", async () => {
  const port = treeZooKeeper({
    "/om/leader/lock_request0000000012": "ns-b",
    "/om/leader/lock_request0000000009": "h1:7527",
    "/om/leader/lock_request0000000013": "h1:7527",
    "/om/map/names/ns-b": "h2:7527",
  });
  expect(await electedNameservers(port, "/om")).toEqual([
    { endpoint: "h1:7527", address: "h1:7527" },
    { endpoint: "ns-b", address: "h2:7527" },
  ]);
});
