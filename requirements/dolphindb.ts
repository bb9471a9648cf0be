// What the vendor's tutorial "Grayscale upgrade" says of DolphinDB, and what Stillwater does about it. Commands without `stillwater` in front.
import type { Statement } from "./statements.ts";

const works = (id: string, says: string, does: string, command: string): Statement => ({ id, says, does, command, deviates: null });

export const dolphindb: readonly Statement[] = [
  works(
    "DD-1",
    "Regular upgrade: all nodes shut down, all services interrupted, then all upgraded.",
    "the downtime mode: data nodes first, then agents, then controllers; the same backups and proofs",
    "plan --to V --package FILE --mode downtime",
  ),
  works(
    "DD-2",
    "Grayscale: node by node; the next only after the previous one is back in service.",
    "the zero-downtime mode: a host is a turn, and a gate over nodes and chunks stands between two hosts",
    "plan --to V --package FILE --mode zero-downtime",
  ),
  works(
    "DD-3",
    "The cluster must be highly available, or grayscale is refused.",
    "Raft controllers on hosts of their own, replicas enough when a host is away, and no chunk on one host alone; otherwise refused with the object",
    "check --to V --package FILE",
  ),
  works(
    "DD-4",
    "In-memory formats (transmission, serialisation) must be compatible between the versions.",
    "decided by the published compatibility level of every hop between the two releases; the lowest counts",
    "check --to V",
  ),
  works(
    "DD-5",
    'Before a major upgrade: a risk assessment (ours, with reasons and sources, instead of "contact support").',
    "levels of all hops, gates of the versions between, points of no return, each with its source",
    "check --to V --package FILE",
  ),
  works(
    "DD-6",
    "Plugins are upgraded to the corresponding version with the server.",
    "installed plugins are compared with those of the package and of --plugins by their first three numbers; what is missing blocks",
    "plan --to V --package FILE --plugins DIR",
  ),
  works(
    "DD-7",
    "The example 2.00.7.4 to 2.00.8.12; a refusal prints the exact command that proceeds anyway and what that accepts.",
    "level 2: refused without downtime, with the command and its price",
    "plan --to 2.00.8.12 --package FILE --override CODE --reason TEXT",
  ),
  works(
    "DD-8",
    "`controller.cfg` as shown (Raft, replication factor, reliability level, dataSync, workers, connections, memory, lanCluster, recovery wait time).",
    "read from every controller and compared; dfsRecoveryWaitTime below 60000 is said to act as 60000",
    "check, inspect",
  ),
  works(
    "DD-9",
    "`cluster.nodes`: `host:port:alias,role` for controller, agent, datanode.",
    "read, compared over all hosts and with the Raft group's own",
    "init, check",
  ),
  works("DD-10", "Versions of all nodes before.", "every node is asked itself, controllers and agents too, which pnodeRun leaves out", "inspect"),
  works(
    "DD-11",
    "The example database and partitioned table.",
    "the probe's own database and table cover the whole run; the tutorial's are in the lab",
    "probe start",
  ),
  works(
    "DD-12",
    "A writer with high availability and a site list, appending numbered rows once a second, also as a probe that runs on its own.",
    "the probe knows the sites, the tagged errors and the reconnect of the vendor's API, and tells each row that it sent again",
    "apply PLAN, probe start|stop|verdict",
  ),
  works(
    "DD-13",
    "The chunk query: state other than COMPLETE.",
    "counted on the controller, with replica counts and versions of the replicas, which the tutorial leaves out",
    "inspect",
  ),
  works("DD-14", "An empty (NULL) answer means pass; unreachable and malformed answers do not.", "three different answers of the gate", "apply PLAN"),
  works("DD-15", "No chunk in RECOVERING before going on.", "the gate holds over several polls, with nothing queued for recovery", "apply PLAN"),
  works(
    "DD-16",
    "Where metadata lives: `chunkMetaDir` per data node, `dfsMetaDir` of the controllers.",
    "asked of every node itself, not of the leader for all",
    "show PLAN --steps",
  ),
  works(
    "DD-17",
    "All nodes of a host are stopped: controller, agent, data nodes.",
    "data and compute nodes through the controller, then the agent, then the controller, each until its process is gone",
    "apply PLAN",
  ),
  works(
    "DD-18",
    "Metadata of controller and data node is backed up (right directories, facts 1.6); place, name and retention of the copies are stated.",
    "raft, dfsMeta, sysmgmt and keys of controllers, CHUNK_METADATA, LOG and TSDBMeta of data nodes, with checksums",
    "show PLAN --steps",
  ),
  works(
    "DD-19",
    "The upgrade of the files; upload, unzip and upgrade each reported as success with evidence.",
    "three steps, each proved by checksums of what lies on the host",
    "apply PLAN, report",
  ),
  works(
    "DD-20",
    "Controller, agents and data nodes restarted.",
    "in that order, each awaited until it is initialised, which is later than green",
    "apply PLAN",
  ),
  works(
    "DD-21",
    "Continuity: latest time is now and ids are consecutive positive integers; otherwise the outage's effect is stated.",
    "gaps, duplicates, skipped rows, the longest stall, and every acknowledged row on every replica",
    "report, probe verdict",
  ),
  works(
    "DD-22",
    "The same for the next machine, with the chunk gate between machines.",
    "hosts of followers first, the leader's host last: one election in a run",
    "plan ...",
  ),
  works("DD-23", "Versions of every node after, each the target.", "the last gate, and the report's table of nodes", "report, verify"),
];
