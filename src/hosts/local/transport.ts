// The helper as a child of Stillwater, in a session of its own: a signal to Stillwater's process group must not cut an effect in half.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync } from "node:fs";
import type { HostDefinition } from "../../model/cluster.ts";
import { Refused } from "../../model/errors.ts";
import type { Transport } from "../channel.ts";
import { bootstrap } from "../helper-script.ts";
import { localUser, type LocalUser } from "./user.ts";

const helper = ["sh", "-c", bootstrap, "stillwater-helper"] as const;

export function localTransport(definition: HostDefinition): Transport {
  let user: LocalUser | null = null;
  return {
    start(): ChildProcessWithoutNullStreams {
      user ??= otherUser(definition);
      if (user === null) return start(helper, process.env);
      makeStateDirectory(definition.stateDirectory, user);
      const { uid, gid, groups } = user;
      // Node would drop the supplementary groups.
      return start(
        ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, `--groups=${groups.join(",")}`, "--inh-caps=-all", ...helper],
        environmentOf(user, definition),
      );
    },
    close: () => Promise.resolve(),
  };
}

function start(argv: readonly string[], environment: NodeJS.ProcessEnv): ChildProcessWithoutNullStreams {
  const [command = "", ...rest] = argv;
  return spawn(command, rest, { cwd: "/", env: environment, detached: true, stdio: "pipe" });
}
function otherUser(definition: HostDefinition): LocalUser | null {
  if (definition.user === null) return null;
  const user = localUser(definition.name, definition.user);
  if (process.getuid?.() === user.uid) return null;
  if (process.getuid?.() !== 0) {
    throw new Refused(`${definition.name}: only root can run the helper as ${definition.user}`, {
      code: "SW3001",
      object: definition.name,
      remedy: "Start Stillwater as root or as that user, or leave `user:` out.",
    });
  }
  return user;
}
/** The user could not make it under a directory of root. What exists is left as it is. */
function makeStateDirectory(directory: string, user: LocalUser): void {
  if (existsSync(directory)) return;
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  chownSync(directory, user.uid, user.gid);
}
/** Not root's own environment: its home, and the secrets that the operator's shell may hold, are not this user's. */
function environmentOf(user: LocalUser, definition: HostDefinition): NodeJS.ProcessEnv {
  const { PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", LANG, TZ } = process.env;
  return {
    PATH,
    HOME: user.home ?? definition.stateDirectory,
    USER: user.name,
    LOGNAME: user.name,
    SHELL: user.shell,
    ...(LANG !== undefined && { LANG }),
    ...(TZ !== undefined && { TZ }),
  };
}
