import { expect, test } from "vitest";
import { z } from "zod";
import type { ClusterDefinition } from "./cluster.ts";
import { StillwaterError } from "./errors.ts";
import { isHostPort, readSystemKeys } from "./read-system-keys.ts";

const definition = (options: Record<string, unknown>, nodes: readonly Record<string, unknown>[]): ClusterDefinition => ({
  version: 1,
  cluster: "orders",
  system: "made-up",
  hosts: [],
  nodes: nodes.map((keys, at) => ({ name: `n${at + 1}`, host: "one", endpoint: `127.0.0.1:${6000 + at}`, service: null, options: keys })),
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: null, rate: 1, minAcks: 1, verifyAfterS: 0 },
  options,
});
const read = (options: Record<string, unknown>, nodes: readonly Record<string, unknown>[]) =>
  readSystemKeys(definition(options, nodes), {
    system: "made-up",
    cluster: z.strictObject({ quorum: z.number() }),
    node: z.strictObject({ role: z.enum(["leader", "follower"]), alias: z.string() }),
    wrongNode: (node, found, at) => (found?.alias === "reserved" ? [`${at}.alias: ${node.name} may not be called that`] : []),
    unique: (_, { alias }) => [["alias", alias]],
    wrongTogether: ({ nodes: found }) => ([...found.values()].some(({ role }) => role === "leader") ? [] : ["nodes: no leader is named"]),
  });
function why(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof StillwaterError && error.code === "SW1102") return error.why;
    throw error;
  }
  throw new Error("It was accepted");
}

test("keys that the schemas know are handed on, by node", () => {
  const { cluster, nodes } = read({ quorum: 2 }, [{ role: "leader", alias: "a" }]);
  expect(cluster).toEqual({ quorum: 2 });
  expect(nodes.get("n1")).toEqual({ role: "leader", alias: "a" });
});

test("every wrong key is named with its place, all at once", () => {
  const lines = why(() =>
    read({ quorum: "two" }, [
      { role: "leader", alias: 5 },
      { role: "leader", alias: "reserved" },
      { role: "king", alias: "b" },
    ]),
  );
  expect(lines.map((line) => line.split(":")[0])).toEqual(["options.quorum", "nodes.n1.alias", "nodes.n2.alias", "nodes.n3.role"]);
});

test("two nodes with one alias, and what the nodes lack together", () => {
  const lines = why(() =>
    read({ quorum: 2 }, [
      { role: "follower", alias: "a" },
      { role: "follower", alias: "a" },
    ]),
  );
  expect(lines).toEqual(["nodes.n2: n1 has the same alias", "nodes: no leader is named"]);
});

test.each([
  ["db1:8900", true],
  ["127.0.0.1:65535", true],
  ["db1", false],
  ["db1:0", false],
  ["db1:65536", false],
  ["db1:8900/path", false],
  ["http://db1:8900", false],
])("%s is HOST:PORT: %s", (text, expected) => {
  expect(isHostPort(text)).toBe(expected);
});
