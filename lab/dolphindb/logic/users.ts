import { createHash } from "node:crypto";
import type { User } from "./controller/metadata.ts";
import { ServerError, type Session } from "./node.ts";

export const digestOf = (user: string, password: string): string => createHash("sha256").update(`${user}\n${password}`).digest("hex");

/** Every new cluster has it. */
const ADMIN: User = { name: "admin", digest: digestOf("admin", "123456"), isAdmin: true };

export function authenticate(users: readonly User[], name: string, password: string): void {
  const found = userOf(users, name);
  if (found?.digest !== digestOf(name, password)) throw new ServerError("The user name or password is incorrect.");
}
const userOf = (users: readonly User[], name: string): User | null =>
  users.find((user) => user.name === name) ?? (name === ADMIN.name ? ADMIN : null);

/** Error for everybody else, in the server's words. */
export function needAdmin(users: readonly User[], session: Session, what: string): void {
  if (session.user === null || userOf(users, session.user)?.isAdmin !== true)
    throw new ServerError(`<NoPrivilege>Only administrators execute function ${what}.`);
}
