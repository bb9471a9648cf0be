// A host on this machine: the helper as a child, in a directory that the host's user may write.
import { spawnSync } from "node:child_process";
import { chown, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { HostFixture } from "../conformance.ts";
import { openHost } from "../connection.ts";
import { localUser } from "../local/user.ts";
import { scratchDirectory } from "./scratch.ts";

export async function localFixture(user: string | null): Promise<HostFixture | { readonly skip: string }> {
  if (user !== null && process.getuid?.() !== 0) return { skip: "only root can run a helper as another user" };
  if (user !== null && spawnSync("getent", ["passwd", user]).status !== 0) return { skip: `there is no user ${user}` };
  const root = scratchDirectory();
  const directory = join(root, "files");
  await mkdir(directory);
  if (user !== null) {
    const { uid, gid } = localUser("test", user);
    await chown(directory, uid, gid);
  }
  return {
    directory,
    open: (cluster) => openHost({ name: "db1", transport: "local", address: null, user, stateDirectory: join(root, "state"), domain: null }, cluster),
    close: () => rm(root, { recursive: true }),
  };
}
