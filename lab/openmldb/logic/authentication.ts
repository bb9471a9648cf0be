import { createHash } from "node:crypto";

/** Says whether the value of an Authorization header is accepted. */
export type Authenticator = (authorization: string) => boolean;

/** As codec::Encrypt keeps a password: `1` and the SHA-256 in hexadecimal. */
export const encryptedPassword = (password: string): string => `1${createHash("sha256").update(password).digest("hex")}`;

/** User to encrypted password, as in __INTERNAL_DB.USER of a new cluster. */
export const NEW_CLUSTER_USERS: ReadonlyMap<string, string> = new Map([["root", encryptedPassword("")]]);

const SERVICE_TOKEN = "sdefault";

/** Facts 2.2. Null: the release is older than 0.9.0 and asks nobody. */
export function authenticatorOf(
  release: string,
  flags: Readonly<Record<string, string>>,
  users: () => ReadonlyMap<string, string> = () => NEW_CLUSTER_USERS,
): Authenticator | null {
  const [major = 0, minor = 0] = release.split(".").map(Number);
  if (major === 0 && minor < 9) return null;
  if ((flags["skip_grant_tables"] ?? "true") === "true") return () => true;
  return (authorization) => {
    if (authorization === SERVICE_TOKEN) return true;
    const colon = authorization.indexOf(":");
    if (!authorization.startsWith("u") || colon < 0) return false;
    return users().get(authorization.slice(1, colon)) === authorization.slice(colon + 1);
  };
}
