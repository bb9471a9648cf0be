import { describe, expect, it } from "vitest";
import { StillwaterError } from "../../model/errors.ts";
import { discover } from "./discover.ts";
import { openCluster } from "./open-cluster.ts";
import { doubleHandles, doubleNodes, everyAlias, serversOf, type DoubleOptions } from "./testing/cluster-double.ts";
import { value } from "./testing/server-double.ts";

const handles = doubleHandles(everyAlias());
const run = (options: Readonly<Record<string, string>>, double: DoubleOptions = {}, target = "") =>
  discover(target, options, handles, { transport: serversOf(double) });
const asMatch = (text: string): unknown => expect.stringContaining(text);
const login = { controller: "h1:8800", user: "admin", password: "@env:DDB" };

describe("init dolphindb --controller HOST:PORT", () => {
  it("writes every node with its role, alias, host and directories, and the password as a reference", async () => {
    const definition = await run(login);
    expect(definition.nodes.map(({ name, host, endpoint }) => `${name} ${host} ${endpoint}`).toSorted()).toEqual(
      doubleNodes.map(({ alias, host, endpoint }) => `${alias} ${host} ${endpoint}`).toSorted(),
    );
    expect(definition.nodes.find(({ name }) => name === "node2")?.options).toEqual({ role: "datanode", alias: "node2", server: "/DolphinDB/server" });
    expect(definition.options).toEqual({ authorization: { user: "admin", password: "@env:DDB" } });
    expect(definition.hosts.map(({ name, transport, address }) => [name, transport, address])).toEqual(
      ["h1", "h2", "h3"].map((host) => [host, "openssh", host]),
    );
    // It is accepted as it was written.
    expect(openCluster(definition, handles).nodes).toHaveLength(9);
  });
  it("a follower names the leader, which is asked instead", async () => {
    const servers = serversOf({ leader: "ctl3" });
    await discover("h1:8800", login, handles, { transport: servers });
    expect(servers.asked.filter(({ what }) => what === "getClusterPerf").map(({ server }) => server)).toEqual(["h1:8800", "h3:8800"]);
  });
  it("a release before 2.00.7 lists no controllers: they are read from cluster.nodes as the cluster has it", async () => {
    const lines = ["localSite,mode", ...doubleNodes.map(({ endpoint, alias, role }) => `${endpoint}:${alias},${role}`)];
    const old = await run(login, { version: "2.00.6 2022.01.01", answers: ({ what }) => (what === "getClusterNodesCfg" ? value(lines) : null) });
    expect(old.nodes.filter(({ options }) => options["role"] === "controller").map(({ name }) => name)).toEqual(["ctl1", "ctl2", "ctl3"]);
  });
  it("takes the directory from getExecDir, and asks for it when no server tells", async () => {
    const exec = await run(login, {
      answers: ({ what }) => (what === "getExecDir" ? value("/opt/ddb/server") : what === "getHomeDir" ? value("data") : null),
    });
    expect(exec.nodes[0]?.options).toMatchObject({ server: "/opt/ddb/server" });
    const silent: DoubleOptions = { answers: ({ what }) => (what === "getHomeDir" ? value("data") : null) };
    const error: unknown = await run(login, silent).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StillwaterError);
    expect(error).toMatchObject({ code: "SW1001", remedy: asMatch("--server PATH") });
    const told = await run({ ...login, server: "/a/server", "server.h2": "/b/server" }, silent);
    expect(new Set(told.nodes.map(({ host, options }) => `${host} ${String(options["server"])}`))).toEqual(
      new Set(["h1 /a/server", "h2 /b/server", "h3 /a/server"]),
    );
  });
  it("keeps directories that are not where they usually are", async () => {
    const elsewhere = await run(login, {
      answers: ({ what, server }) => (what === "getHomeDir" && server === "h1:8802" ? value("/data1/node1") : null),
    });
    expect(elsewhere.nodes.find(({ name }) => name === "node1")?.options).toEqual({
      role: "datanode",
      alias: "node1",
      server: "/DolphinDB/server",
      home: "/data1/node1",
    });
  });
  it("refuses what is no address, no option, no reference, no controller", async () => {
    await expect(run({ controller: "h1" })).rejects.toMatchObject({ code: "SW1001", message: "h1 is not HOST:PORT." });
    await expect(run({})).rejects.toMatchObject({ code: "SW1001" });
    await expect(run({ ...login, shape: "round" })).rejects.toMatchObject({ code: "SW1001", object: "shape" });
    await expect(run({ ...login, password: "123456" })).rejects.toMatchObject({ remedy: asMatch("@env:NAME") });
    await expect(
      run(
        { ...login, controller: "h9:1" },
        { answers: ({ what }) => (what.startsWith("connect") ? { error: "The user name or password is incorrect." } : null) },
      ),
    ).rejects.toMatchObject({
      remedy: "Check user and password under `authorization` in the cluster file.",
    });
  });
});
