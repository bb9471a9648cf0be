// Subscriptions to stream tables that touch a node which goes down (facts 5.4, 5.3). What a subscriber does when its publisher goes is not told by the server.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdCluster } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import type { Dictionary, Value } from "../rpc.ts";
import { Malformed } from "../wire/errors.ts";
import { rowsOf, textIn, type Row } from "../wire/read-value.ts";
import { asked, unanswered } from "./ask.ts";
import { count, orPassed, passed, some, warning } from "./check-kit.ts";
import { touched } from "./scope.ts";

const code = "subscriptions";
const source = "facts 5.3, 5.4; vendor's page on getStreamingStat()";

interface Streaming {
  /** Topics of this node's own subscriptions whose offset is not kept. */
  readonly forgetful: readonly string[];
  /** `TABLE (SUBSCRIBERS)` */
  readonly published: readonly string[];
}

export async function subscriptionChecks(cluster: DdCluster, facts: DdFacts, goal: Goal): Promise<readonly Check[]> {
  const nodes = touched(facts, goal).filter((name) => {
    const role = facts.structure.nodes[name]?.role;
    return (role === "datanode" || role === "computenode") && facts.now.nodes[name]?.state === "serving";
  });
  const found = await Promise.all(nodes.map((name) => ofNode(cluster, name)));
  return orPassed(found.flat(), code, "streams", "no node subscribes to a stream table, and nobody to one of its own");
}

async function ofNode(cluster: DdCluster, name: string): Promise<readonly Check[]> {
  const answer = await asked(async () => streamingIn(name, await cluster.rpc.call(name, "getStreamingStat")));
  if (answer.is !== "answer") return [unanswered(code, name, "its subscriptions could not be asked", answer)];
  const { forgetful, published } = answer.value;
  const checks: Check[] = [];
  if (forgetful.length > 0)
    checks.push(
      warning(code, name, `subscribes without persistOffset: ${some(forgetful)}; after its restart nobody knows how far it was`, {
        remedy: "subscribeTable(..., persistOffset=true), or be sure that what starts it again says where to begin.",
        source,
      }),
    );
  if (published.length > 0)
    checks.push(
      warning(code, name, `publishes ${some(published)}: those who did not subscribe with reconnect=true stay away when it goes down`, {
        remedy: `The server does not tell which these are: look at ${count(published.length, "subscription")}, and after the turn whether they are back.`,
        source,
      }),
    );
  return checks.length > 0 ? checks : [passed(code, name, "has no subscription, and nobody subscribes to it", { source })];
}

/** Throws Malformed for what is no dictionary of the documented tables. */
function streamingIn(node: string, value: Value): Streaming {
  const isDictionary = (each: Value): each is Dictionary => typeof each === "object" && each !== null && "is" in each && each.is === "dictionary";
  if (!isDictionary(value)) throw new Malformed(node, "getStreamingStat() is not a dictionary");
  const table = (name: string, columns: readonly string[]): readonly Row[] =>
    rowsOf(node, `getStreamingStat().${name}`, value.entries.get(name) ?? null, columns);
  return {
    // Releases name the column differently. Where persistOffset is not told, nothing is said of it.
    forgetful: table("subWorkers", []).flatMap((row) => {
      const topic = textIn(row, "topic") ?? textIn(row, "topics") ?? "?";
      // A Raft group keeps the offset of its subscriptions by itself.
      const kept = row.get("persistOffset") !== false || hasGroup(row);
      return kept ? [] : [topic];
    }),
    published: table("pubTables", ["tableName"]).map((row) => `${textIn(row, "tableName") ?? "?"} (${textIn(row, "subscriber") ?? "?"})`),
  };
}
function hasGroup(row: Row): boolean {
  const group = row.get("raftGroup") ?? null;
  return group !== null && group !== "" && group !== -1 && group !== 0;
}
