// Recovery tasks that were given up since a baseline, with what the logs say of their chunks: five attempts and then Aborted, which nobody is told of (facts 5.2).
import type { Trouble } from "../../model/driver.ts";
import type { DdCluster, DdNode } from "./cluster.ts";
import type { DdFacts } from "./facts.ts";
import { logOf } from "./processes.ts";
import { rowsOf, textIn } from "./wire/read-value.ts";
import { abortedTasks } from "./wire/scripts.ts";

/** Of each log; what is older has been told before, or is of no use. */
const linesOfEach = 6;
const mostTasks = 20;

/** Never fails for a log that cannot be read: that is one of the lines. Throws Unreachable when the leader cannot be asked for tasks that the facts say there are. */
export async function troubles(cluster: DdCluster, before: DdFacts, after: DdFacts): Promise<readonly Trouble[]> {
  const { leader } = after.now;
  if (leader === null || after.now.recovery === null || after.now.recovery.aborted === 0) return [];
  const rows = rowsOf(leader, "getRecoveryTaskStatus()", await cluster.rpc.script(leader, abortedTasks(mostTasks)), ["ChunkId", "Source", "Dest"]);
  // The list of another leader begins anew, so that everything on it is new (facts 5.3).
  const known = before.now.leader === leader ? (before.now.recovery?.aborted ?? 0) : 0;
  const found = rows.slice(0, Math.max(0, after.now.recovery.aborted - known));
  return Promise.all(
    found.map(async (row): Promise<Trouble> => {
      const [chunk, path, source, destination] = ["ChunkId", "ChunkPath", "Source", "Dest"].map((column) => textIn(row, column));
      const involved = [source, destination].flatMap((alias) => (alias == null ? [] : (cluster.aliased(alias) ?? [])));
      const lines = await Promise.all([cluster.node(leader), ...involved].map((node) => linesAbout(node, chunk ?? "")));
      const why = textIn(row, "FailureReason");
      return {
        object: `chunk ${chunk ?? "?"}${path == null ? "" : ` (${path})`}`,
        what: `its copy from ${source ?? "?"} to ${destination ?? "?"} is Aborted${why === null ? "" : `: ${why}`}`,
        lines: lines.flat(),
      };
    }),
  );
}

async function linesAbout(node: DdNode, chunk: string): Promise<readonly string[]> {
  if (!/^[0-9a-f-]{8,40}$/i.test(chunk)) return [];
  try {
    const { code, stdout } = await node.host.query(["grep", "-hsE", chunk, logOf(node)]);
    // 1: no line matches.
    if (code > 1 && stdout === "") return [`${node.name}: ${logOf(node)} cannot be read`];
    const lines = stdout.split("\n").filter((line) => line.trim() !== "");
    return lines.slice(-linesOfEach).map((line) => `${node.name}: ${line.trim()}`);
  } catch (error) {
    return [`${node.name}: its log cannot be read: ${error instanceof Error ? error.message : String(error)}`];
  }
}
