import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClusterDefinition } from "../model/cluster.ts";
import { parseClusterFile } from "./parse.ts";
import { writeClusterFile } from "./write.ts";

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,12}$/);
const text = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.string({ minLength: 1, unit: "grapheme" }),
  fc.constantFrom("yes", "null", "1", "~", "# x", "a: b", "- a", "\r\n", "\u0085 ", "<<"),
);
const argv = fc.array(text, { minLength: 1, maxLength: 3 });
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value);
const keysOfSystem = fc.dictionary(
  text.filter((key) => !["host", "endpoint", "service", "__proto__"].includes(key)),
  fc
    .jsonValue({ maxDepth: 2 })
    .map((value) => JSON.parse(JSON.stringify(value).replaceAll("__proto__", "proto").replaceAll("-0,", "0,")) as unknown)
    .filter((value) => !Object.is(value, -0)),
  { maxKeys: 3, noNullPrototype: true },
);
const host = fc.oneof(
  fc.record({
    name,
    transport: fc.constant("openssh" as const),
    address: text,
    user: fc.constant(null),
    stateDirectory: fc.constant("/var/lib/s w"),
    domain: orNull(text),
  }),
  fc.record({
    name,
    transport: fc.constant("local" as const),
    address: fc.constant(null),
    user: orNull(text),
    stateDirectory: fc.constant("/x/~y"),
    domain: orNull(text),
  }),
);
const service = fc.oneof(
  fc.record({ manager: fc.constant("systemd" as const), unit: text }),
  fc.record({ manager: fc.constant("command" as const), start: argv, stop: argv, status: orNull(argv) }),
);
const definition = fc
  .record({
    cluster: name,
    system: text,
    hosts: fc.uniqueArray(host, { selector: (each) => each.name, minLength: 1, maxLength: 4 }),
    nodes: fc.uniqueArray(fc.record({ name, host: fc.nat(), endpoint: fc.nat(), service: orNull(service), options: keysOfSystem }), {
      selector: (each) => each.name,
      minLength: 1,
      maxLength: 4,
    }),
    maxUnavailable: fc.integer({ min: 1, max: 9 }),
    hooks: fc.record({ pauseTraffic: orNull(argv), resumeTraffic: orNull(argv), alert: orNull(argv) }),
    route: fc.oneof(fc.record({ hosts: argv }), fc.record({ address: text }), fc.constant(null)),
    continuity: fc.record({
      enabled: fc.boolean(),
      rate: fc.integer({ min: 1, max: 500 }),
      minAcks: fc.integer({ min: 1, max: 99 }),
      verifyAfterS: fc.nat({ max: 60 }),
    }),
    options: keysOfSystem,
    lab: fc.boolean(),
  })
  .map(({ maxUnavailable, route, continuity, lab, ...all }): ClusterDefinition => {
    const nodes = all.nodes.map((node, index) => ({
      ...node,
      host: all.hosts[node.host % all.hosts.length]!.name,
      endpoint: `10.0.0.${index}:${(node.endpoint % 65_535) + 1}`,
    }));
    return { version: 1, ...all, ...(lab ? { lab } : {}), nodes, policy: { maxUnavailable }, continuity: { ...continuity, route } };
  });

describe("a cluster file that is written", () => {
  it("reads back as the same definition", () => {
    fc.assert(
      fc.property(definition, (written) => {
        // Names that look like numbers come back in another order: mappings have none.
        const sorted = (each: ClusterDefinition): unknown => ({
          ...each,
          hosts: each.hosts.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
          nodes: each.nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        });
        const read = parseClusterFile(writeClusterFile(written), "cluster.yaml");
        expect(sorted(read)).toEqual(sorted(written));
      }),
      { numRuns: 100 },
    );
  });
  it("is made to be read", () => {
    expect(
      writeClusterFile({
        version: 1,
        cluster: "orders",
        system: "fake",
        hosts: [
          { name: "a", transport: "local", address: null, user: "fake", stateDirectory: "/var/lib/stillwater", domain: null },
          { name: "b", transport: "openssh", address: "ops@b", user: null, stateDirectory: "/var/lib/stillwater", domain: "rack1" },
        ],
        nodes: [
          { name: "n1", host: "a", endpoint: "10.0.0.1:7000", service: { manager: "systemd", unit: "fake@1" }, options: { dataDirectory: "/data" } },
          {
            name: "n2",
            host: "b",
            endpoint: "10.0.0.2:7000",
            service: { manager: "command", start: ["run", "x y"], stop: ["end"], status: null },
            options: {},
          },
        ],
        policy: { maxUnavailable: 1 },
        hooks: { pauseTraffic: null, resumeTraffic: null, alert: ["mail", "ops"] },
        continuity: { enabled: true, route: null, rate: 200, minAcks: 20, verifyAfterS: 10 },
        options: { password: "@env:FAKE_PASSWORD" },
      }),
    ).toMatchInlineSnapshot(`
      "# A cluster as Stillwater knows it. All keys: docs/cluster-file.md
      # Secrets are references: @env:NAME, @file:/path, @command:program arguments

      version: 1
      cluster: orders
      system: fake

      # Machines and how they are reached. A failure domain (domain: rack1) groups hosts that may go together.
      hosts:
        a:
          transport: local
          user: fake
          stateDirectory: /var/lib/stillwater
        b:
          transport: openssh
          address: ops@b
          stateDirectory: /var/lib/stillwater
          domain: rack1

      # One process each.
      nodes:
        n1:
          host: a
          endpoint: 10.0.0.1:7000
          service:
            manager: systemd
            unit: fake@1
          dataDirectory: /data
        n2:
          host: b
          endpoint: 10.0.0.2:7000
          service:
            manager: command
            start: [run, x y]
            stop: [end]

      # How many nodes may be down at once.
      policy:
        maxUnavailable: 1

      # Commands on the machine of Stillwater: lists of program and arguments, no shell. alert gets the alert as JSON on standard input.
      hooks:
        alert: [mail, ops]

      # The probe: a client of its own that writes while nodes restart, and where a system has nothing to write, tries its features.
      continuity:
        enabled: true
        # Attempts per second.
        rate: 200
        # Acknowledgements that each risk window must hold.
        minAcks: 20
        # Seconds after the last node has rejoined until everything is read again.
        verifyAfterS: 10

      # Keys of fake.
      options:
        password: "@env:FAKE_PASSWORD"
      "
    `);
  });
  it("cannot hold a system key with the name of a key that every node has", () => {
    const [one] = fc.sample(definition, 1);
    const node = { ...one!.nodes[0]!, options: { endpoint: "x" } };
    expect(() => writeClusterFile({ ...one!, nodes: [node] })).toThrow(TypeError);
  });
});
