import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { operator, placesOf, type LabFile } from "./lab-file.ts";

/** `cluster.yaml` as an operator would write it: this machine is the one through which CDAP is reached. Returns its path. */
export function writeClusterFile(lab: LabFile, name = "lab"): string {
  const path = join(lab.directory, "cluster.yaml");
  const stateDirectory = join(lab.directory, "stillwater");
  mkdirSync(stateDirectory, { recursive: true });
  const { command } = placesOf(lab.directory);
  const content = {
    version: 1,
    cluster: name,
    system: "cdap",
    lab: true,
    hosts: { gateway: { transport: "local", stateDirectory } },
    nodes: { router: { host: "gateway", endpoint: lab.endpoint, role: "router" } },
    options: {
      ...(lab.authentication === null ? {} : { authorization: { user: operator.user, password: passwordOf(lab) } }),
      upgrade: { by: "command", command: [command, "replace"] },
    },
  };
  writeFileSync(path, `# Stillwater lab: a simulated CDAP\n${stringify(content, { lineWidth: 0 })}`);
  return path;
}

/** A reference to a file of its own. */
function passwordOf(lab: LabFile): string {
  const path = join(lab.directory, "password");
  writeFileSync(path, operator.password, { mode: 0o600 });
  return `@file:${path}`;
}
