import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { labCredentials } from "../logic/cluster.ts";
import { commandOf, readWorkload, type LabFile } from "./lab-file.ts";

const source = "the lab's own workload";

/** `cluster.yaml` as an operator would write it: all is reached from this machine. Returns its path. */
export function writeClusterFile(lab: LabFile, name = "lab"): string {
  const workload = readWorkload(lab);
  if (workload === null) throw new Error(`${lab.directory}: the platform has written no workload`);
  const { endpoints } = lab;
  const { apis, apps } = workload;
  const secret = (file: string, text: string): string => {
    const path = join(lab.directory, file);
    writeFileSync(path, text, { mode: 0o600 });
    return `@file:${path}`;
  };
  const caller = (of: keyof typeof apps) => ({ appKey: apps[of].key, appSecret: secret(`app-secret-${of}`, apps[of].secret) });
  const state = join(lab.directory, "stillwater");
  mkdirSync(state, { recursive: true });
  const node = (role: string, endpoint: string, more: object = {}) => ({ host: "local", endpoint, role, ...more });
  const api = (id: number) => ({ id: String(id) });
  const declaredClass = (id: number, is: string): [string, object] => [String(id), { class: is, source }];
  const content = {
    version: 1,
    cluster: name,
    system: "dataphin",
    lab: true,
    hosts: { local: { transport: "local", stateDirectory: state } },
    nodes: {
      application: node("application", endpoints.openapi, { logon: `http://${endpoints.console}/` }),
      manager: node("manager", endpoints.manager),
      gateway: node("gateway", endpoints.gateway),
      realtime: node("realtime", endpoints.realtime),
    },
    options: {
      openapi: {
        accessKeyId: labCredentials.accessKeyId,
        accessKeySecret: secret("access-key-secret", labCredentials.accessKeySecret),
        tenantId: labCredentials.tenantId,
      },
      timeZone: "UTC",
      upgrade: { by: "command", command: [commandOf(lab)] },
      records: [commandOf(lab), "records"],
      alerts: { policy: "queue" },
      watch: {
        caller: caller("caller"),
        apis: {
          direct: api(apis.direct),
          serviceUnit: api(apis.serviceUnit),
          composite: api(apis.composite),
          registered: api(apis.registered),
          logicalTable: api(apis.logicalTable),
          dataphinSource: api(apis.dataphinSource),
          compositeLogical: api(apis.compositeLogical),
        },
        ungranted: caller("ungranted"),
        withheld: { ...api(apis.fields), field: "b" },
        expiring: { ...api(apis.expiring), caller: caller("caller") },
        throttled: { ...api(apis.limited), perSecond: 10 },
      },
      declared: {
        alertRules: [
          { scope: "offline", rules: lab.work.troubles === true ? 5 : 3, source },
          { scope: "realtime", rules: 6, source },
          { scope: "api", rules: Object.keys(apis).length, source },
        ],
        apis: Object.fromEntries([
          declaredClass(apis.composite, "composite"),
          declaredClass(apis.dataphinSource, "dataphinSource"),
          declaredClass(apis.compositeLogical, "compositeLogical"),
        ]),
        fieldCacheSeconds: { seconds: Math.floor(lab.settings.fieldCacheMs / 1_000), source: "the deployment setting of this lab" },
        autoRerun: { on: false, source },
      },
    },
  };
  const path = join(lab.directory, "cluster.yaml");
  writeFileSync(path, `# Stillwater lab: a simulated Dataphin\n${stringify(content, { lineWidth: 0 })}`);
  return path;
}
