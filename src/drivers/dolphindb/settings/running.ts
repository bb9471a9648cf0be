// What a running node says of its settings.
import type { DdCluster } from "../cluster.ts";
import type { Value } from "../rpc.ts";

/** As it would stand in a file; null: not set, so the vendor's default. Throws as `Rpc.call` does. */
export async function runningValue(cluster: DdCluster, node: string, key: string): Promise<string | null> {
  const value =
    key === "datanodeRestartInterval" && cluster.node(node).role === "controller"
      ? await cluster.rpc.call(node, "getDatanodeRestartInterval")
      : await cluster.rpc.call(node, "getConfig", [key]);
  return textOf(value);
}
function textOf(value: Value): string | null {
  if (value === null) return null;
  if (Array.isArray(value)) return (value as readonly Value[]).map((each) => textOf(each) ?? "").join(",");
  if (typeof value === "object") return null;
  const text = String(value);
  return text === "" ? null : text;
}
/** `8`, `8.0` and `8GB` are one size, `true` and `1` one switch: servers do not say a value as it was written. */
export function sameValue(a: string | null, b: string | null): boolean {
  if (a === b) return true;
  if (a === null || b === null) return false;
  const canonical = (text: string): string => {
    const bare = text.trim();
    if (/^(true|false)$/i.test(bare)) return bare.toLowerCase() === "true" ? "1" : "0";
    const number = /^(\d+(?:\.\d+)?)\s*(?:GB?)?$/i.exec(bare)?.[1];
    return number === undefined ? bare : String(Number(number));
  };
  return canonical(a) === canonical(b);
}
