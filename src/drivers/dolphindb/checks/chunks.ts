// Chunks, their replicas, recovery and transactions (facts 5.2, 5.4): from the controller's aggregates. Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdChunks, DdFacts } from "../facts.ts";
import { isBefore } from "../compatibility/version.ts";
import { count, notMeasured, orPassed, passed, some, warning } from "./check-kit.ts";
import { stops } from "./scope.ts";
import { viewOf, type View } from "./view.ts";

const gate = "facts 0.2, 5.2; DD-13 to DD-15";

export function chunkChecks(facts: DdFacts, goal: Goal): readonly Check[] {
  if (!stops(facts, goal)) return [];
  const view = viewOf(facts, goal);
  return [...states(view), ...recovery(view), ...suspended(view), ...waiting(view), ...transactions(view), ...atNodes(view)];
}

const examplesOf = ({ examples }: DdChunks): string =>
  examples.length === 0
    ? ""
    : `: ${some(
        examples.map(({ chunkId, file, what }) => `${chunkId} (${file}) ${what}`),
        3,
      )}`;
/** Destructive repair is never run: it is printed with the chunk's facts (facts 5.2). */
const repair =
  "Wait for recovery; if it stays, look at the chunk's versions on controller and data nodes. The vendor's repairs (forceCorrectVersionByReplica, deleteReplicas with copyReplicas, dropPartition) may destroy data: Stillwater never runs them.";

function states({ facts, hosts, hostByHost, refuse }: View): readonly Check[] {
  const { chunks } = facts.now;
  const factor = facts.structure.replicationFactor;
  if (chunks === null)
    return [
      refuse("chunks", "chunks", "no controller could be asked: nothing is known of the chunks, which is not the same as nothing wrong", {
        remedy: "See controller-leads.",
        source: gate,
      }),
    ];
  // All at once no chunk loses a replica that others still have: what is sick is told.
  const say = hostByHost ? refuse : warning;
  const found: Check[] = [];
  if (chunks.recovering > 0)
    found.push(
      say("chunks-recovering", "chunks", `${count(chunks.recovering, "chunk")} RECOVERING${examplesOf(chunks)}`, { remedy: repair, source: gate }),
    );
  if (chunks.underReplicated > 0)
    found.push(
      say(
        "chunks-replicas",
        "chunks",
        `${count(chunks.underReplicated, "chunk")} with fewer than ${String(factor)} replicas, whatever their state is${examplesOf(chunks)}`,
        {
          remedy: "Let recovery copy them, or copyReplicas: a change of dfsReplicationFactor does not touch chunks that are there already.",
          price: `these chunks may have their only replica on the host that goes down: ${count(chunks.underReplicated, "chunk")} not readable and not writable meanwhile`,
          source: gate,
        },
      ),
    );
  if (chunks.unequal > 0)
    found.push(
      say(
        "chunks-equal",
        "chunks",
        `${count(chunks.unequal, "chunk")} whose replicas have other versions than the controller, or are marked corrupted${examplesOf(chunks)}`,
        {
          remedy: repair,
          source: gate,
        },
      ),
    );
  if ((chunks.stuck ?? 0) > 0)
    found.push(
      say(
        "chunks-stuck",
        "chunks",
        `${count(chunks.stuck ?? 0, "chunk")} not COMPLETE although nothing has changed for an hour${examplesOf(chunks)}`,
        {
          remedy: repair,
          source: "facts 6: the vendor's own inspection subtracts the wrong way round and never finds them",
        },
      ),
    );
  if (chunks.overReplicated > 0)
    found.push(
      warning("chunks-replicas", "chunks", `${count(chunks.overReplicated, "chunk")} with more than ${String(factor)} replicas`, {
        remedy: "Nothing to do for this run; restoreDislocatedTablet or deleteReplicas tidy up.",
        source: "facts 5.3",
      }),
    );
  if (chunks.constructing > 0)
    found.push(
      warning("chunks-constructing", "chunks", `${count(chunks.constructing, "chunk")} CONSTRUCTING: in a transaction, usual while clients write`, {
        remedy: "Nothing to do: the gate before each host looks again.",
        source: "facts 5.2",
      }),
    );
  const alone = Object.entries(chunks.onOneHost).filter(([host, number]) => number > 0 && hosts.includes(host));
  for (const [host, number] of alone)
    found.push(
      (hostByHost ? refuse : passed)("chunks-apart", host, `${count(number, "chunk")} with all replicas on ${host}: with it down they are away`, {
        remedy: "Spread them: moveReplicas to a data node of another host; dfsReplicaReliabilityLevel=1 forbids it for new chunks.",
        price: `${count(number, "chunk")} cannot be read or written while ${host} is down`,
        source: "facts 5.4",
      }),
    );
  return [
    ...found,
    ...(found.some(({ verdict }) => verdict === "blocker")
      ? []
      : [
          passed(
            "chunks",
            "chunks",
            `${count(chunks.total, "chunk")}, asked as an aggregate of the controller that leads: state, number of replicas, and their versions`,
            { source: gate },
          ),
        ]),
  ];
}

/** The vendor's own inspection looks for aborted tasks in the column of reasons and never finds one: the word stands in `Status` (facts 6). */
function recovery({ facts, hostByHost, refuse }: View): readonly Check[] {
  const tasks = facts.now.recovery;
  if (tasks === null)
    return [notMeasured("recovery-idle", "recovery", "no controller could be asked for its recovery tasks", { remedy: "See controller-leads." })];
  const say = hostByHost ? refuse : warning;
  const found: Check[] = [];
  const open = [
    [tasks.waiting, "Waiting"],
    [tasks.inProgress, "In-Progress"],
  ] as const;
  const told = open.flatMap(([number, word]) => (number > 0 ? [`${String(number)} ${word}`] : []));
  if (told.length > 0)
    found.push(
      say("recovery-idle", "recovery", `tasks are under way: ${told.join(", ")}`, {
        remedy: "Wait until getRecoveryTaskStatus() has none; cancelRecoveryTask takes back what has not begun. About half an hour is usual.",
        source: "facts 5.2, 5.4",
      }),
    );
  if (tasks.loadRebalance > 0)
    found.push(
      say("recovery-rebalance", "recovery", `${count(tasks.loadRebalance, "task")} of LoadRebalance: somebody moves replicas between nodes`, {
        remedy: "Wait for it, or cancelRebalanceTask.",
        source: "facts 5.4",
      }),
    );
  if (tasks.aborted > 0)
    found.push(
      warning(
        "recovery-aborted",
        "recovery",
        `${count(tasks.aborted, "task")} Aborted after five tries (S01007): what was to be copied may still be missing`,
        {
          remedy: "See FailureReason of getRecoveryTaskStatus(); chunks-replicas says whether a chunk still lacks a replica.",
          source: "facts 5.2; the vendor's own inspection looks in the wrong column and never finds one (facts 6)",
        },
      ),
    );
  return orPassed(found, "recovery-idle", "recovery", "no recovery task waits, runs or was aborted, and nobody rebalances");
}

/** It can be set and not read: the operator is asked, in the plan. */
function suspended({ facts, goal }: View): readonly Check[] {
  const source = "facts 2: suspendRecovery and resumeRecovery; there is no function that tells";
  const tasks = facts.now.recovery;
  if (goal.options["recovery"] === "suspended")
    return [
      passed("recovery-suspended", "recovery", "was suspended by you, as you say: it is resumed for the run and suspended again at its end", {
        source,
      }),
    ];
  const looksSo = tasks !== null && tasks.waiting > 0 && tasks.inProgress === 0;
  return [
    (looksSo ? warning : notMeasured)(
      "recovery-suspended",
      "recovery",
      `${looksSo ? "tasks wait and none is under way, as when somebody has called suspendRecovery()" : "whether somebody has suspended it cannot be asked"}: each turn ends with resumeRecovery() on every controller`,
      { remedy: "If you have suspended it and want it so: -o recovery=suspended, and it is suspended again when the run ends.", source },
    ),
  ];
}

/** Floor of dfsRecoveryWaitTime, milliseconds (facts 0.3). */
const floorMs = 60_000;

function waiting({ facts, hostByHost, setting }: View): readonly Check[] {
  const { leader } = facts.now;
  const text = leader === null ? null : setting(leader, "dfsRecoveryWaitTime");
  const value = Number(text ?? 0);
  const source = "facts 0.3";
  if (!hostByHost) return [];
  if (text === null || value === 0)
    return [
      passed(
        "recovery-wait",
        "dfsRecoveryWaitTime",
        "is 0: a host that is down is not copied elsewhere; recovery is suspended for each turn all the same",
        { source },
      ),
    ];
  const acts = Math.max(value, floorMs);
  return [
    warning(
      "recovery-wait",
      "dfsRecoveryWaitTime",
      `is ${String(value)} ms${value < floorMs ? `, which acts as ${String(floorMs)} (there is a floor)` : ""}: a data node that is down for more than ${String(acts / 1_000)} s gets all its chunks copied to others`,
      {
        remedy: "Nothing to do: each turn calls suspendRecovery() on every controller, again after a controller's restart, and resumes at its end.",
        source,
      },
    ),
  ];
}

function transactions({ facts, from, refuse }: View): readonly Check[] {
  const open = facts.now.unresolvedTransactions;
  if (open === null)
    return [
      notMeasured(
        "transactions-resolved",
        "transactions",
        from !== null && isBefore(from, "2.00.8")
          ? `getUnresolvedTxn() is there from 2.00.8 on, and ${from} runs`
          : "getUnresolvedTxn() could not be asked",
        {
          remedy: "See getTransactionStatus() on the data nodes: what stays in COMMIT there waits for its resolution.",
          source: "facts 2",
        },
      ),
    ];
  if (open === 0) return [passed("transactions-resolved", "transactions", "no transaction waits for its resolution")];
  return [
    refuse("transactions-resolved", "transactions", `${count(open, "transaction")} wait for resolution: a node died in the middle of them`, {
      remedy: "See getUnresolvedTxn() on the controller that leads; triggerNodeReport on the initiating node, or wait.",
      source: "facts 5.4",
    }),
  ];
}

function atNodes({ facts, hostByHost, refuse }: View): readonly Check[] {
  const number = facts.now.replicasInRecovery;
  const source = "facts 2, 5.2";
  if (number === null)
    return [
      notMeasured("replicas-in-recovery", "data nodes", "no data node could be asked for the states of its own chunks", {
        remedy: "See getAllChunks() there.",
      }),
    ];
  if (number === 0)
    return [
      passed("replicas-in-recovery", "data nodes", "none has a chunk that waits for recovery or is in it (states 3 and 4), by their own word", {
        source,
      }),
    ];
  return [
    (hostByHost ? refuse : warning)(
      "replicas-in-recovery",
      "data nodes",
      `${count(number, "replica")} wait for recovery or are in it (states 3 and 4), by the data nodes' own word`,
      {
        remedy: "Wait; triggerNodeReport(alias) when it stays after a repair (from 2.00.8 on).",
        source,
      },
    ),
  ];
}
