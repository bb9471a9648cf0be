// PostgreSQL refuses to run as root. As root an existing unprivileged user is borrowed; no user is ever created.
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { StillwaterError } from "../../../model/errors.ts";

export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users that every distribution has and that own nothing of worth. */
const candidates = ["nobody", "daemon"];

/** Who the servers run as; null: we are not root, so they run as ourselves. Error SW3002 when no such user exists. */
export async function serverUser(): Promise<ServerUser | null> {
  if (process.getuid?.() !== 0) return null;
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  for (const candidate of candidates) {
    const [name, , uid, gid] = lines.find((fields) => fields[0] === candidate) ?? [];
    if (name !== undefined && Number(uid) > 0 && Number(gid) > 0) return { name, uid: Number(uid), gid: Number(gid) };
  }
  throw new StillwaterError("SW3002", "PostgreSQL does not run as root, and there is no unprivileged user to run it as", {
    object: candidates.join(", "),
    remedy: "Start this as an ordinary user.",
  });
}

/** Error SW3005 when a directory above `path` (or `path` itself) cannot be entered by the user: its servers could not start, with a message that misleads. */
export async function mustBeReachable(path: string, user: ServerUser | null): Promise<void> {
  if (user === null) return;
  for (let directory = path; ; directory = dirname(directory)) {
    const { mode, uid, gid } = await stat(directory);
    const search = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & search) === 0) {
      throw new StillwaterError("SW3005", `${user.name} may not enter ${directory}`, {
        object: path,
        remedy: "Use a directory that every user can reach, such as one under /tmp (TMPDIR).",
      });
    }
    if (directory === dirname(directory)) return;
  }
}
