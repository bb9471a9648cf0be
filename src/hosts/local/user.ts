// Who a local helper is, when Stillwater itself is root.
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { Refused } from "../../model/errors.ts";

export interface LocalUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** All groups, the first included. */
  readonly groups: readonly number[];
  /** A directory that is there: the home of the account, or null. */
  readonly home: string | null;
  readonly shell: string;
}

/** Looked up once: several hosts of a cluster may be this machine, and each look-up starts two processes. */
const known = new Map<string, LocalUser>();

/** Error SW3001: there is no such account. */
export function localUser(host: string, name: string): LocalUser {
  const user = known.get(name) ?? lookUp(host, name);
  known.set(name, user);
  return user;
}

function lookUp(host: string, name: string): LocalUser {
  const entry = run(host, name, "getent", ["passwd", "--", name]).split(":");
  const [login, , uid, gid, , home = "", shell = ""] = entry;
  if (login !== name && uid !== name) throw unknownUser(host, name);
  const groups = run(host, name, "id", ["-G", "--", name]).split(/\s+/).map(Number);
  return {
    name: login ?? name,
    uid: Number(uid),
    gid: Number(gid),
    groups,
    home: usable(home, Number(uid)) ? home : null,
    shell: shell || "/bin/sh",
  };
}

function usable(directory: string, uid: number): boolean {
  const found = statSync(directory, { throwIfNoEntry: false });
  return found !== undefined && found.isDirectory() && found.uid === uid;
}
function run(host: string, user: string, command: string, argv: readonly string[]): string {
  try {
    return execFileSync(command, argv, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
  } catch (error) {
    throw unknownUser(host, user, error);
  }
}
function unknownUser(host: string, user: string, cause?: unknown): Refused {
  return new Refused(`${host}: there is no user ${user} on this machine`, {
    code: "SW3001",
    object: user,
    remedy: "Create the user, or name another under `user:`.",
    cause,
  });
}
