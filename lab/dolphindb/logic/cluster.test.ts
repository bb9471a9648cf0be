import { expect, test } from "vitest";
import { controllerNames, dataNames } from "./functions/elsewhere.ts";
import { rowsOfTable, TestCluster } from "./testing.ts";

test("a cluster comes up: one leader, everything online", async () => {
  const cluster = await TestCluster.up();
  await cluster.run(
    (async () => {
      const states = await cluster.states();
      expect(states).toHaveLength(6);
      expect(states.every(({ state }) => state === 1)).toBe(true);
      const leader = await cluster.leader();
      const follower = cluster.of("controller").find(({ alias }) => alias !== leader)!;
      await expect(cluster.call(follower.alias, "getClusterPerf")).rejects.toThrow(`<NotLeader>${cluster.node(leader!).endpoint}:${String(leader)}`);
    })(),
  );
});

test("every node knows the functions of every role, so that they can be sent on; those of another role say where they run", async () => {
  const cluster = await TestCluster.up({ release: "2.00.10.1" });
  await cluster.run(
    (async () => {
      for (const name of controllerNames)
        await expect(cluster.call("node1", name)).rejects.toThrow(`The function [${name}] can only be executed on a controller`);
      for (const name of dataNames) await expect(cluster.call("ctl1", name)).rejects.toThrow("can only be executed on a data node");
      await expect(cluster.call("node1", "noSuchFunction")).rejects.toThrow("Cannot recognize function: noSuchFunction. RefId: S00015");
      await expect(cluster.script("node1", "rpc(`nobody, version)")).rejects.toThrow("does not exist");
      const versions = rowsOfTable(await cluster.script("node1", "pnodeRun(version)"));
      expect(versions.map(({ node }) => node)).toEqual(["node1", "node2", "node3"]);
      await expect(cluster.script("node1", "rpc(getControllerAlias(), getClusterPerf)")).resolves.toMatchObject({ form: "table" });
    })(),
  );
});

test("logging in: the right password, a wrong one, and what only administrators may do", async () => {
  const cluster = await TestCluster.up();
  await cluster.run(
    (async () => {
      const leader = cluster.node((await cluster.leader()) ?? "").running!;
      const session = leader.session();
      await expect(leader.call(session, "suspendRecovery", [])).rejects.toThrow("Only administrators execute function suspendRecovery");
      await expect(leader.login(session, "admin", "wrong")).rejects.toThrow("The user name or password is incorrect");
      expect(session.user).toBeNull();
      await leader.script(session, 'login("admin", "123456"); suspendRecovery()');
      await leader.script(session, 'createUser("ada", "secret1")');
      const other = leader.session();
      await leader.login(other, "ada", "secret1");
      await expect(leader.call(other, "stopDataNode", [{ form: "scalar", type: "string", value: "node1" }])).rejects.toThrow("Only administrators");
      // Data nodes learn of users with a heartbeat.
      await cluster.world.sleep(2_000);
      const node = cluster.node("node1").running!;
      const third = node.session();
      await node.login(third, "ada", "secret1");
      expect(third.user).toBe("ada");
    })(),
  );
});
