import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { StillwaterError } from "../model/errors.ts";
import type { SystemKeys } from "../model/system-keys.ts";
import { clusterJsonSchema } from "./file-schema.ts";
import { parseClusterFile, type SystemKeysOf } from "./parse.ts";
import { readClusterFile } from "./read.ts";

const machine = { root: false, home: "/home/ana" };
const fake: SystemKeys = {
  node: z.strictObject({ dataDirectory: z.string().regex(/^\//, "must be an absolute path"), logFile: z.string().optional() }),
  // Says nothing about other keys: they are refused all the same.
  cluster: z.object({ user: z.string().min(1), password: z.string().optional(), tls: z.enum(["off", "require"]).default("off") }),
};
const keysOf: SystemKeysOf = (system) => {
  if (system === "fake") return fake;
  throw new StillwaterError("SW1103", `No driver of the name ${system}`);
};
const parse = (text: string, keys: SystemKeysOf = keysOf) => parseClusterFile(text, "/etc/cluster.yaml", keys, machine);
function problems(text: string): readonly string[] {
  try {
    parse(text);
  } catch (error) {
    if (!(error instanceof StillwaterError)) throw error;
    expect(error).toMatchObject({ code: "SW1102", object: "/etc/cluster.yaml" });
    return error.why;
  }
  return [];
}

const like = (form: RegExp): string => expect.stringMatching(form) as string;

const small = `version: 1
cluster: orders
system: fake
hosts:
  a:
nodes:
  n1:
    host: a
    endpoint: a:7000
    dataDirectory: /data
options:
  user: admin
`;
const without = (line: string): string => {
  expect(small).toContain(line);
  return small.replace(line, "");
};

describe("a small cluster file", () => {
  it("of a lab says so; a lab is never `false`, which would look like a promise", () => {
    expect(parse(`lab: true\n${small}`)).toEqual({ ...parse(small), lab: true });
    expect(problems(`lab: false\n${small}`)).toHaveLength(1);
  });
  it("gets the defaults", () => {
    expect(parse(small)).toEqual({
      version: 1,
      cluster: "orders",
      system: "fake",
      hosts: [{ name: "a", transport: "openssh", address: "a", user: null, stateDirectory: "/var/lib/stillwater", domain: null }],
      nodes: [{ name: "n1", host: "a", endpoint: "a:7000", service: null, options: { dataDirectory: "/data" } }],
      policy: { maxUnavailable: 1 },
      hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
      continuity: { enabled: true, route: null, rate: 200, minAcks: 20, verifyAfterS: 10 },
      options: { user: "admin", tls: "off" },
    });
  });
  it("keeps the state of a local host in the home of who is not root", () => {
    const local = small.replace("  a:\n", "  a: { transport: local }\n");
    expect(parse(local).hosts[0]).toMatchObject({ transport: "local", address: null, stateDirectory: "/home/ana/.local/state/stillwater" });
    expect(parseClusterFile(local, "c", keysOf, { root: true, home: "/root" }).hosts[0]?.stateDirectory).toBe("/var/lib/stillwater");
  });
  it("may leave every other section empty", () => {
    expect(parse(`${small}policy:\nhooks:\ncontinuity:\n`)).toEqual(parse(small));
  });
  it("may repeat itself with anchors", () => {
    const text = small.replace(
      "    dataDirectory: /data\n",
      "    dataDirectory: &data /data\n  n2: { host: a, endpoint: a:7001, dataDirectory: *data }\n",
    );
    expect(parse(text).nodes[1]?.options).toEqual({ dataDirectory: "/data" });
  });
  it("is taken as it is where nobody knows the keys of the system", () => {
    const text = small.replace("/data", "[1, x]");
    expect(parse(text, () => null)).toMatchObject({ nodes: [{ options: { dataDirectory: [1, "x"] } }], options: { user: "admin" } });
  });
  it("may have endpoints of another form, where the system says so", () => {
    const withAlias: SystemKeys = { ...fake, endpoint: z.string().regex(/^[^:]+:\d+:\w+$/, "must be HOST:PORT:ALIAS") };
    const text = small.replace("a:7000", "a:7000:n1");
    expect(parse(text, () => withAlias).nodes[0]?.endpoint).toBe("a:7000:n1");
    expect(() => parse(small, () => withAlias)).toThrow(
      expect.objectContaining({ why: ["cluster.yaml:9:15 nodes.n1.endpoint: must be HOST:PORT:ALIAS"] }),
    );
  });
  it("names its system, or is refused by the registry", () => {
    expect(() => parse(small.replace("fake", "fame"))).toThrow(expect.objectContaining({ code: "SW1103" }));
  });
});

describe("a cluster file that is not valid names every problem with line and column", () => {
  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ["empty", "", ["cluster.yaml:1:1 the file is empty"]],
    ["only a comment", "# nothing\n", ["cluster.yaml:1:1 the file is empty"]],
    ["a list", "- a\n", ["cluster.yaml:1:1 the file must be a mapping of keys to values"]],
    ["not YAML", "version: 1\nhosts: {a: [\n", [like(/^cluster\.yaml:3:1 is not YAML: .*sequence/), like(/^cluster\.yaml:3:1 is not YAML: .*map/)]],
    ["not YAML: a tab", "version: 1\nhosts:\n\ta: 1\n", [like(/^cluster\.yaml:3:1 is not YAML: .*[Tt]ab/)]],
    ["several documents", `${small}---\na: 1\n`, [like(/^cluster\.yaml:13:1 is not YAML: .*document/)]],
    ["a tag that nobody knows", small.replace("/data", "!path /data"), [like(/^cluster\.yaml:10:20 is not YAML: /)]],
    ["another version", "version: 2\nclutser: x\n", ["cluster.yaml:1:10 version: is not known: this release reads version 1"]],
    ["no version", without("version: 1\n"), ["cluster.yaml:1:1 version: is missing"]],
    [
      "an unknown key",
      small.replace("cluster: orders", "clutser: orders"),
      ["cluster.yaml:1:1 cluster: is missing", "cluster.yaml:2:1 clutser: is not a key here (did you mean cluster?)"],
    ],
    [
      "an unknown key of a host",
      small.replace("  a:\n", "  a: { adress: x, colour: red }\n"),
      ["cluster.yaml:5:8 hosts.a.adress: is not a key here (did you mean address?)", "cluster.yaml:5:19 hosts.a.colour: is not a key here"],
    ],
    [
      "an unknown key of a node",
      small.replace("endpoint: a:7000", "endpiont: a:7000"),
      ["cluster.yaml:7:3 nodes.n1.endpoint: is missing", "cluster.yaml:9:5 nodes.n1.endpiont: is not a key here (did you mean endpoint?)"],
    ],
    [
      "an unknown key of the system",
      small.replace("dataDirectory", "dataDirectroy"),
      [
        "cluster.yaml:7:3 nodes.n1.dataDirectory: is missing",
        "cluster.yaml:10:5 nodes.n1.dataDirectroy: is not a key here (did you mean dataDirectory?)",
      ],
    ],
    [
      "an unknown option, where the schema says nothing about others",
      `${small}  pasword: hunter2\n`,
      ["cluster.yaml:13:3 options.pasword: is not a key here (did you mean password?)"],
    ],
    [
      "wrong types",
      small.replace("a:7000", "[7000]").replace("orders", "1").replace("  a:\n", "  a: openssh\n"),
      [
        "cluster.yaml:2:10 cluster: must be text, not a whole number",
        "cluster.yaml:5:6 hosts.a: must be a mapping of keys to values, not text",
        "cluster.yaml:9:15 nodes.n1.endpoint: must be text, not a list",
      ],
    ],
    [
      "wrong types of the system, without the value",
      `${small}  password: [hunter2]\n  tls: of\n`,
      [
        "cluster.yaml:13:13 options.password: must be text, not a list",
        "cluster.yaml:14:8 options.tls: must be one of off, require (did you mean off?)",
      ],
    ],
    ["the words of a driver's schema", small.replace("/data", "data"), ["cluster.yaml:10:20 nodes.n1.dataDirectory: must be an absolute path"]],
    ["missing options", without("options:\n  user: admin\n"), ["cluster.yaml:1:1 options.user: is missing"]],
    [
      "numbers out of range",
      `${small}continuity: { rate: 0, minAcks: 1.5, verifyAfterS: -1 }\npolicy: { maxUnavailable: 0 }\n`,
      [
        "cluster.yaml:13:21 continuity.rate: must be above 0",
        "cluster.yaml:13:33 continuity.minAcks: must be a whole number, not a number",
        "cluster.yaml:13:52 continuity.verifyAfterS: must be at least 0",
        "cluster.yaml:14:27 policy.maxUnavailable: must be at least 1",
      ],
    ],
    [
      "an argument vector as one text",
      `${small}hooks:\n  alert: mail ops\n  pauseTraffic: []\n`,
      [
        "cluster.yaml:14:10 hooks.alert: must be a list of arguments: [program, argument, ...]; no shell reads it",
        "cluster.yaml:15:17 hooks.pauseTraffic: must be a list of arguments: [program, argument, ...]; no shell reads it",
      ],
    ],
    [
      "a service of no manager",
      small.replace("a:7000", "a:7000\n    service: { manager: sysvinit }"),
      ["cluster.yaml:10:25 nodes.n1.service.manager: must be one of systemd, command"],
    ],
    [
      "a service without its commands",
      small.replace("a:7000", "a:7000\n    service: { manager: command, start: [x] }"),
      ["cluster.yaml:10:5 nodes.n1.service.stop: is missing"],
    ],
    [
      "a route of two kinds, and of none",
      `${small}continuity: { route: { hosts: [a], address: b } }\n`,
      ["cluster.yaml:13:15 continuity.route: needs one of hosts and address"],
    ],
    ["duplicate keys", small.replace("    host: a\n", "    host: a\n    host: a\n"), ["cluster.yaml:9:5 nodes.n1.host: is there twice"]],
    [
      "duplicate nodes",
      small.replace("options:", "  n1: { host: a, endpoint: a:7001, dataDirectory: /x }\noptions:"),
      ["cluster.yaml:11:3 nodes.n1: is there twice"],
    ],
    [
      "a duplicate endpoint",
      small.replace("options:", "  n2: { host: a, endpoint: A:7000, dataDirectory: /x }\noptions:"),
      ["cluster.yaml:11:28 nodes.n2.endpoint: A:7000 is the endpoint of n1 already"],
    ],
    [
      "an endpoint without a port, and with a bad one",
      small.replace("a:7000", "a").replace("options:", "  n2: { host: a, endpoint: a:70000, dataDirectory: /x }\noptions:"),
      [
        "cluster.yaml:9:15 nodes.n1.endpoint: must be HOST:PORT, with an IPv6 address in brackets",
        "cluster.yaml:11:28 nodes.n2.endpoint: must be HOST:PORT, with an IPv6 address in brackets",
      ],
    ],
    [
      "a node on an unknown host",
      small.replace("  a:\n", "  alpha:\n").replace("host: a\n", "host: alpah\n"),
      ["cluster.yaml:8:11 nodes.n1.host: there is no host alpah under hosts (did you mean alpha?)"],
    ],
    [
      "no hosts, no nodes",
      "version: 1\ncluster: c\nsystem: fake\nhosts: {}\nnodes: {}\noptions: { user: a }\n",
      ["cluster.yaml:4:1 hosts: is empty: a cluster has at least one", "cluster.yaml:5:1 nodes: is empty: a cluster has at least one"],
    ],
    [
      "hosts with nothing below",
      small.replace("  a:\n", ""),
      ["cluster.yaml:4:1 hosts: must be a mapping of names to values, not empty", "cluster.yaml:7:11 nodes.n1.host: there is no host a under hosts"],
    ],
    [
      "bad names",
      small.replace("  a:\n", "  a:\n  'b c':\n  -d:\n"),
      [like(/^cluster\.yaml:6:3 hosts\.b c: is not a name: letters/), like(/^cluster\.yaml:7:3 hosts\.-d: is not a name: letters/)],
    ],
    [
      "keys of the other transport",
      small.replace("  a:\n", "  a: { user: x, stateDirectory: ~/x }\n  b: { transport: local, address: x }\n"),
      [
        "cluster.yaml:5:8 hosts.a.user: is only for the transport local; with openssh write address: user@host",
        "cluster.yaml:5:33 hosts.a.stateDirectory: must be an absolute path",
        "cluster.yaml:6:26 hosts.b.address: is only for the transport openssh",
      ],
    ],
    ["what JSON does not have", `${small}  password: .nan\n`, [like(/^cluster\.yaml:1:1 holds a value that JSON does not have: /)]],
    ["an alias that holds itself", small.replace("user: admin", "user: &a [*a]"), [like(/^cluster\.yaml:\d+:\d+ .*/)]],
    [
      "a key that is a list",
      `${small}  ? [a]\n  : b\n  __proto__: c\n`,
      ["cluster.yaml:13:5 options: a key must be a plain text", "cluster.yaml:15:3 options: a key must be a plain text"],
    ],
  ];
  for (const [name, text, expected] of cases) it(name, () => expect(problems(text)).toEqual(expected));

  it("never shows a value, which may be a secret in the wrong place", () => {
    const text = `${small}  password: { hunter2: hunter2 }\ncontinuity: hunter2\npolicy: { maxUnavailable: hunter2 }\nhooks: { alert: hunter2 }\n`;
    expect(problems(text).join("\n").replaceAll("options.password.hunter2", "")).not.toContain("hunter2");
  });
  it("takes no longer for a bomb of aliases", () => {
    const bomb = Array.from(
      { length: 12 },
      (_, index) =>
        `  k${index}: &k${index} [${Array(10)
          .fill(index === 0 ? "x" : `*k${index - 1}`)
          .join(",")}]`,
    ).join("\n");
    expect(problems(`${small}${bomb}\n`)).toEqual([expect.stringMatching(/alias/)]);
  });
});

describe("the file on the disk", () => {
  it("that cannot be read is SW1101", async () => {
    await expect(readClusterFile("/nowhere/cluster.yaml")).rejects.toMatchObject({ code: "SW1101", object: "/nowhere/cluster.yaml" });
  });
  it("is checked with the keys of its system, which are loaded when they are needed", async () => {
    const directory = mkdtempSync(join(tmpdir(), "stillwater-cluster-"));
    const file = join(directory, "cluster.yaml");
    const asked: string[] = [];
    const load = async (system: string): Promise<SystemKeys> => {
      asked.push(system);
      return fake;
    };
    writeFileSync(file, small);
    expect((await readClusterFile(file, load)).options).toEqual({ user: "admin", tls: "off" });
    writeFileSync(file, small.replace("user: admin", "usr: admin").replace("host: a\n", "host: b\n"));
    await expect(readClusterFile(file, load)).rejects.toMatchObject({
      code: "SW1102",
      why: [like(/host b/), like(/options\.user/), like(/options\.usr/)],
    });
    writeFileSync(file, without("system: fake\n"));
    await expect(readClusterFile(file, load)).rejects.toMatchObject({ code: "SW1102", why: [like(/system: is missing/)] });
    expect(asked).toEqual(["fake", "fake"]);
    rmSync(directory, { recursive: true });
  });
  it("is described by docs/schemas/cluster.json (vitest -u writes it)", async () => {
    const schema = new URL("../../docs/schemas/cluster.json", import.meta.url);
    await expect(`${JSON.stringify(clusterJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(schema.pathname);
  });
  it("of docs/cluster-file.md is valid", () => {
    const page = readFileSync(new URL("../../docs/cluster-file.md", import.meta.url), "utf8");
    const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map((match) => match[1] ?? "");
    expect(examples.length).toBe(2);
    for (const example of examples) expect(parse(example, () => null).nodes.length).toBeGreaterThan(0);
  });
});
