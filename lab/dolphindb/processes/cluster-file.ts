import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { operator } from "./ask.ts";
import { hostsOf, type LabFile } from "./lab-file.ts";

/** How long the vendor's API waits for the lock of a transaction whose coordinator died. */
const CHUNK_LOCK_SECONDS = 10;

/** `cluster.yaml` as an operator would write it: all hosts are this machine. Returns its path. */
export function writeClusterFile(lab: LabFile, name = "lab"): string {
  const path = join(lab.directory, "cluster.yaml");
  const password = join(lab.directory, "password");
  writeFileSync(password, operator.password, { mode: 0o600 });
  const state = (host: string): string => join(lab.directory, host, "stillwater");
  for (const host of hostsOf(lab)) mkdirSync(state(host), { recursive: true });
  const content = {
    version: 1,
    cluster: name,
    system: "dolphindb",
    lab: true,
    hosts: Object.fromEntries(hostsOf(lab).map((host) => [host, { transport: "local", stateDirectory: state(host) }])),
    nodes: Object.fromEntries(
      lab.nodes.map((node) => [node.name, { host: node.host, endpoint: node.endpoint, role: node.role, alias: node.name, server: node.server }]),
    ),
    // All hosts share the processors of one machine.
    continuity: { rate: 100, verifyAfterS: 2 },
    options: {
      authorization: { user: operator.user, password: `@file:${password}` },
      // The lab's servers give a chunk free that much sooner.
      probe: { chunkLockSeconds: CHUNK_LOCK_SECONDS * lab.scale },
    },
  };
  writeFileSync(path, `# Stillwater lab: simulated servers\n${stringify(content, { lineWidth: 0 })}`);
  return path;
}
