// What a change does to one file, for plan and report: secrets by a keyed digest, so that equal ones look equal and none can be found out.
import { createHmac, randomBytes } from "node:crypto";
import type { OmNode } from "../cluster.ts";
import type { FlagChanges } from "../operations/install-params.ts";
import { configFileOf, editConfig, isProperties, readConfig } from "./config-file.ts";
import { isSecretKey } from "./known.ts";

/** Made anew in every process: a digest in a plan says nothing to whoever reads it. */
const sessionKey = randomBytes(32);
export const shownValue = (key: string, value: string, secretKey: Uint8Array = sessionKey): string =>
  isSecretKey(key) ? `(secret ${createHmac("sha256", secretKey).update(value).digest("hex").slice(0, 12)})` : value;

/** Lines of a unified diff without context, as `- --gc_interval=60`, `+ --gc_interval=30`; empty: the file has it already. */
export function diffOf(
  node: Pick<OmNode, "role" | "component">,
  text: string,
  changes: FlagChanges,
  secretKey: Uint8Array = sessionKey,
): readonly string[] {
  const [before, after] = [readConfig(node, text), readConfig(node, editConfig(node, text, changes))];
  const line = (key: string, value: string): string => `${isProperties(node) ? "" : "--"}${key}=${shownValue(key, value, secretKey)}`;
  return Object.keys(changes).flatMap((given) => {
    const key = isProperties(node) ? given : given.replaceAll("-", "_");
    const [from, to] = [before.get(key), after.get(key)];
    if (from === to) return [];
    return [...(from === undefined ? [] : [`- ${line(key, from)}`]), ...(to === undefined ? [] : [`+ ${line(key, to)}`])];
  });
}
/** `conf/tablet.flags: - --gc_interval=60, + --gc_interval=30`. */
export const diffText = (node: Pick<OmNode, "role" | "component">, lines: readonly string[]): string =>
  `${configFileOf(node)}: ${lines.length === 0 ? "has it already" : lines.join(", ")}`;
