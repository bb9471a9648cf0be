// The helper over the system's ssh: jump hosts, certificates, hardware keys and ssh_config work as the operator knows them.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import type { HostDefinition } from "../../model/cluster.ts";
import { Refused } from "../../model/errors.ts";
import type { Transport } from "../channel.ts";
import { bootstrap } from "../helper-script.ts";
import { controlDirectory, dropControlDirectory } from "./control-directory.ts";

const options = {
  // Nobody is there to answer.
  BatchMode: "yes",
  // Whatever ssh_config says: effects go to the host that was meant.
  StrictHostKeyChecking: "yes",
  ConnectTimeout: "15",
  ServerAliveInterval: "10",
  ServerAliveCountMax: "3",
  ControlMaster: "auto",
  // Long enough for the next helper, short enough to be gone soon after a crash.
  ControlPersist: "30",
  RequestTTY: "no",
  ClearAllForwardings: "yes",
  ForwardAgent: "no",
  ForwardX11: "no",
  PermitLocalCommand: "no",
} as const;

export function opensshTransport(definition: HostDefinition, extra: readonly string[]): Transport {
  const { address } = definition;
  let used = false;
  const common = (): string[] => {
    const held = Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
    return [...extra, ...held, "-o", `ControlPath=${controlDirectory()}/%C`];
  };
  return {
    start(): ChildProcessWithoutNullStreams {
      // A destination that begins with a dash would be an option.
      if (address === null || address === "" || address.startsWith("-")) {
        throw new Refused(`${definition.name} has no address to connect to`, {
          code: "SW3001",
          object: definition.name,
          remedy: "Set `address:` of the host.",
        });
      }
      used = true;
      return spawn("ssh", [...common(), "--", address, `exec sh -c '${bootstrap}' stillwater-helper`], { detached: true, stdio: "pipe" });
    },
    close(): Promise<void> {
      if (used && address !== null) {
        // Its answer does not matter: there may be no master any more.
        spawnSync("ssh", [...common(), "-O", "exit", "--", address], { stdio: "ignore", timeout: 5_000 });
        used = false;
        dropControlDirectory();
      }
      return Promise.resolve();
    },
  };
}
