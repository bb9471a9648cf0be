// The helper under a shell of the test's choice.
import { spawn } from "node:child_process";
import type { Transport } from "../channel.ts";
import { bootstrap } from "../helper-script.ts";

export function shellTransport(shell: readonly string[], environment: NodeJS.ProcessEnv): Transport {
  const [command = "sh", ...rest] = shell;
  return {
    start: () => spawn(command, [...rest, "-c", bootstrap, "stillwater-helper"], { cwd: "/", env: environment, detached: true, stdio: "pipe" }),
    close: () => Promise.resolve(),
  };
}
