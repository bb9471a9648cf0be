import type { ConfChanges } from "../conf-file.ts";
import type { PgNode } from "../servers.ts";

/**
 * `postgres -C` reads its configuration, takes the values as if they stood there, and ends: nothing is started and nothing changes. Null: it accepts
 * them. Secret settings never come here (arguments can be seen by every user of the host): a plan refuses them.
 */
export async function binaryRefuses(server: PgNode, values: ConfChanges): Promise<string | null> {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  const [first] = given;
  if (first === undefined) return null;
  const started = lastArguments((await server.host.readText(`${server.dataDirectory}/postmaster.opts`)) ?? "");
  const options = given.flatMap(([name, value]) => ["-c", `${name}=${value ?? ""}`]);
  const argv = [`${server.installation}/bin/postgres`, "-D", server.dataDirectory, ...started, ...options, "-C", first[0]];
  const result = await server.host.query(argv, { timeoutMs: 10_000 });
  if (result.code === 0) return null;
  return (
    result.stderr
      .split("\n")
      .find((line) => line.trim() !== "")
      ?.trim() ?? `its binary ends with code ${String(result.code)}`
  );
}

/**
 * As the next start will have them: without `-c config_file=...` a server whose configuration lies elsewhere (Debian's do) finds none. The file has each
 * argument in quotes and escapes nothing. Exported for its test.
 */
export function lastArguments(text: string): readonly string[] {
  const line = text.split("\n", 1)[0] ?? "";
  const begin = line.indexOf(' "');
  return begin === -1 || !line.endsWith('"') ? [] : line.slice(begin + 2, -1).split('" "');
}
