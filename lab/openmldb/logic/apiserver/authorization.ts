import { encryptedPassword } from "../authentication.ts";

/** The header by which a client of user and password logs in; root with an empty password where none is set (facts 2.2). */
export const authorizationOf = (flags: Readonly<Record<string, string>>): string =>
  `u${flags["user"] ?? "root"}:${encryptedPassword(flags["password"] ?? "")}`;
