import { expect, test } from "vitest";
import { StillwaterError, Unreachable } from "../../model/errors.ts";
import { ENDPOINT } from "../../../lab/cdap/memory/cluster.ts";
import { discover } from "./discover.ts";
import { parseOptions } from "./options.ts";
import { definitionOf, openedLab, type OpenedLab, type OpenOptions } from "./testing/opened-lab.ts";

const auth = { endpoint: "cdap.lab:10009", users: { ana: { password: "secret", may: "all" } }, tokenSeconds: 3_600 } as const;
const found = async (target: string, options: Readonly<Record<string, string>> = {}, open: OpenOptions = {}) => {
  const opened: OpenedLab = await openedLab({ secrets: { "@env:PW": "secret", "@env:BAD": "wrong" }, ...open });
  return opened.run(() => discover(target, options, opened.handles, { wait: (ms) => opened.lab.world.sleep(ms) }));
};
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

test("one router, reached from this machine; the file is one that this driver reads", async () => {
  const definition = await found(ENDPOINT, { cluster: "pipelines" });
  expect(definition).toMatchObject({
    cluster: "pipelines",
    system: "cdap",
    nodes: [{ name: "router", endpoint: ENDPOINT, options: { role: "router" } }],
  });
  expect(definition.options).toEqual({});
  expect(() => parseOptions(definition)).not.toThrow();
});
test("its URL does as well, and only what is not the default is written", async () => {
  expect((await found(`http://${ENDPOINT}/v3/`)).options).toEqual({});
});
test("with user and password by reference, which stand in the file as references", async () => {
  const definition = await found(ENDPOINT, { user: "ana", password: "@env:PW", namespaces: "default" }, { auth });
  expect(definition.options).toEqual({ authorization: { user: "ana", password: "@env:PW" }, namespaces: ["default"] });
});
test.each([
  ["without a token", ENDPOINT, {}, "authorization"],
  ["with a wrong password", ENDPOINT, { user: "ana", password: "@env:BAD" }, "password"],
] as const)("%s it is refused", async (_, target, options, remedy) => {
  const error = await failureOf(found(target, options, { auth }));
  expect(error).toBeInstanceOf(Unreachable);
  expect((error as Unreachable).remedy).toContain(remedy);
});
test.each([
  ["", {}],
  ["nonsense port", {}],
  [ENDPOINT, { colour: "blue" }],
  [ENDPOINT, { user: "ana", password: "in clear text" }],
  [ENDPOINT, { password: "@env:PW" }],
  [ENDPOINT, { namespaces: "not-there" }],
  [ENDPOINT, { namespaces: "absent" }],
] as const)("%s %o is a mistake of the call", async (target, options) => {
  const error = await failureOf(found(target, options));
  expect(error).toBeInstanceOf(StillwaterError);
  expect((error as StillwaterError).code).toBe("SW1001");
});
test("nobody listens: said at once", async () => {
  expect(await failureOf(found("nowhere.lab:11015"))).toBeInstanceOf(Unreachable);
});

test.each([
  [{ url: "ftp://x" }],
  [{ authorization: { user: "a", password: "clear" } }],
  [{ namespaces: [] }],
  [{ upgrade: { by: "magic" } }],
  [{ upgrade: { by: "command", command: [] } }],
  [{ unknown: 1 }],
] as const)("the cluster file's %o is refused with its key", (options) => {
  expect(() => parseOptions(definitionOf(options))).toThrow(/not valid for cdap/);
});
test("a cluster file without a router is refused", () => {
  const definition = definitionOf();
  const masters = definition.nodes.map((node) => ({ ...node, options: { role: "master" } }));
  expect(() => parseOptions({ ...definition, nodes: masters })).toThrow(/no router/);
});
