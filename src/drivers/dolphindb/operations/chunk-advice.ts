// What an operator can do about chunks that do not heal (facts 5.2). Each of these functions can destroy data when it is used on the wrong replica, so they are
// printed with the chunk's own facts and never run. Pure.
import type { DdChunks } from "../facts.ts";

export function chunkAdvice({ examples }: DdChunks): readonly string[] {
  const [example] = examples;
  if (example === undefined) return [];
  const chunk = `"${example.chunkId}"`;
  return [
    ...examples.map(({ chunkId, file, what }) => `chunk ${chunkId} (${file}): ${what}`),
    `a replica that stays in recovery although its node is up: triggerNodeReport("ALIAS", [${chunk}]) on the leading controller (from 2.00.8 on)`,
    `no replica has the controller's version: forceCorrectVersionByReplica(${chunk}, "ALIAS OF THE GOOD REPLICA"), which drops what only the others have`,
    "a replica is missing and nothing is queued: copyReplicas(SOURCE, DESTINATION, [CHUNKS]); one too many: deleteReplicas([CHUNKS], ALIAS)",
    "none of these is run by Stillwater: compare rows on each replica first, and ask the vendor's support when in doubt",
  ];
}
