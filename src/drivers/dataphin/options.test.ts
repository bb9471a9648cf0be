import { describe, expect, test } from "vitest";
import type { ClusterDefinition } from "../../model/cluster.ts";
import { parseOptions } from "./options.ts";

const openapi = { accessKeyId: "@env:KEY", accessKeySecret: "@env:SECRET", tenantId: "30001011" };
const application = { name: "application", host: "local", endpoint: "dataphin:80", service: null, options: { role: "application" } };
const definition = (options: Readonly<Record<string, unknown>>, nodes: ClusterDefinition["nodes"] = [application]): ClusterDefinition => ({
  version: 1,
  cluster: "dp",
  system: "dataphin",
  hosts: [],
  nodes,
  policy: { maxUnavailable: 1 },
  hooks: { pauseTraffic: null, resumeTraffic: null, alert: null },
  continuity: { enabled: false, route: null, rate: 1, minAcks: 1, verifyAfterS: 1 },
  options,
});
const wrongs = (options: Readonly<Record<string, unknown>>, nodes?: ClusterDefinition["nodes"]): readonly string[] => {
  try {
    parseOptions(definition(options, nodes));
    return [];
  } catch (error) {
    return (error as { readonly why: readonly string[] }).why;
  }
};

describe("the cluster file", () => {
  test("needs keys by reference, a tenant in digits, and one application", () => {
    expect(wrongs({ openapi })).toEqual([]);
    expect(wrongs({ openapi: { ...openapi, accessKeySecret: "plain" } })).toEqual([expect.stringContaining("options.openapi.accessKeySecret")]);
    expect(wrongs({ openapi: { ...openapi, tenantId: "acme" } })).toEqual([expect.stringContaining("digits in quotation marks")]);
    expect(wrongs({ openapi }, [])).toEqual([expect.stringContaining("exactly one of role application")]);
    expect(wrongs({ openapi: { ...openapi, endpoint: "dataphin" } })).toEqual([expect.stringContaining("options.openapi.endpoint")]);
    expect(wrongs({})).not.toEqual([]);
  });
  test("takes what no API tells only with its source", () => {
    expect(wrongs({ openapi, declared: { autoRerun: { on: true, source: "tenant settings" } } })).toEqual([]);
    expect(wrongs({ openapi, declared: { autoRerun: { on: true } } })).toEqual([expect.stringContaining("options.declared.autoRerun.source")]);
    expect(wrongs({ openapi, declared: { apis: { "1": { class: "logical", source: "x" } } } })).toEqual([
      expect.stringContaining("options.declared.apis.1.class"),
    ]);
  });
  test("refuses unknown keys, zones that nobody knows, and an upgrade by nobody", () => {
    expect(wrongs({ openapi, colour: 1 })).not.toEqual([]);
    expect(wrongs({ openapi, timeZone: "Mars/Base" })).toEqual([expect.stringContaining("a time zone")]);
    expect(wrongs({ openapi, upgrade: { by: "command", command: [] } })).toEqual([expect.stringContaining("a list of its name and arguments")]);
    expect(wrongs({ openapi, upgrade: { by: "magic" } })).not.toEqual([]);
    expect(wrongs({ openapi, upgrade: { by: "operator" }, alerts: { policy: "queue" } })).toEqual([]);
  });
});
