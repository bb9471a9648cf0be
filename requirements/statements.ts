// What the vendors' pages say, numbered. A number never changes its meaning. `does`, `command` and `deviates` come with the test that shows them.

import { openmldb } from "./openmldb.ts";

export interface Statement {
  readonly id: string;
  /** The page's words in short. */
  readonly says: string;
  /** What Stillwater does about it; null: nothing yet. */
  readonly does: string | null;
  readonly command: string | null;
  /** Why it deviates from the page, where it does. */
  readonly deviates: string | null;
}

export const pages: Readonly<Record<string, string>> = {
  DP: "Dataphin: Upgrade Notes",
  DD: "DolphinDB: Grayscale upgrade of an HA cluster",
  OM: "OpenMLDB: Upgrade",
  CD: "CDAP: Upgrade an application",
  OC: "OpenMLDB: Update Configuration",
};

const open = (id: string, says: string): Statement => ({ id, says, does: null, command: null, deviates: null });

export const statements: readonly Statement[] = [
  ...openmldb,
  open(
    "DP-1",
    "Three methods: downtime (legacy process), semi-downtime (new process), zero-downtime; which are eligible for a pair of versions, and why not.",
  ),
  open("DP-2", "The main steps of each method (facts 1.5), their order as data."),
  open("DP-3", "Logon: semi: after the application upgrade is complete; downtime: no; zero: yes. A row of the impact table, measured."),
  open("DP-4", "Semi: running offline nodes, real-time nodes and API calls are not affected."),
  open("DP-5", "Semi: submission of pending instances is blocked only during the application-upgrade phase and works in every other phase."),
  open("DP-6", "Semi: alerting stops during the upgrade; afterwards it resumes and alerts for events of the gap are sent."),
  open(
    "DP-7",
    "Semi: a run-timeout rule may fire for a successful node, because status was not tracked and the runtime is inflated (reproduced, and avoided by ours).",
  ),
  open("DP-8", "Semi: management (resource groups, start and stop, logs) is not available."),
  open("DP-9", "Downtime: running offline nodes are stopped; new ones cannot be submitted; what was stopped is run again afterwards, once."),
  open("DP-10", "Downtime: real-time jobs (integration and development) run as normal."),
  open("DP-11", "Downtime: which classes of API calls work and which fail (facts D3)."),
  open("DP-12", "Downtime: API calls are authenticated and authorised from a cache; what lapses and when (facts 2.4)."),
  open("DP-13", "Downtime: APIs cannot be modified, published or viewed."),
  open("DP-14", "Downtime: API operational status cannot be viewed."),
  open("DP-15", "Downtime: no throttling, no API alerting."),
  open(
    "DP-16",
    "Downtime: real-time alerting is dead until the *application is restored*; it does not wait for the *console to be accessible*; events of the gap are ignored. Both instants are shown.",
  ),
  open("DP-17", "Downtime: real-time management is not available."),
  open("DP-18", "Zero: rolling upgrade of the application."),
  open("DP-19", "Zero: a small number of requests may fail; a retry succeeds (failed raw and failed after retry are both measured)."),
  open("DD-1", "Regular upgrade: all nodes shut down, all services interrupted, then all upgraded."),
  open("DD-2", "Grayscale: node by node; the next only after the previous one is back in service."),
  open("DD-3", "The cluster must be highly available, or grayscale is refused."),
  open("DD-4", "In-memory formats (transmission, serialisation) must be compatible between the versions."),
  open("DD-5", 'Before a major upgrade: a risk assessment (ours, with reasons and sources, instead of "contact support").'),
  open("DD-6", "Plugins are upgraded to the corresponding version with the server."),
  open("DD-7", "The example 2.00.7.4 to 2.00.8.12; a refusal prints the exact command that proceeds anyway and what that accepts."),
  open(
    "DD-8",
    "`controller.cfg` as shown (Raft, replication factor, reliability level, dataSync, workers, connections, memory, lanCluster, recovery wait time).",
  ),
  open("DD-9", "`cluster.nodes`: `host:port:alias,role` for controller, agent, datanode."),
  open("DD-10", "Versions of all nodes before."),
  open("DD-11", "The example database and partitioned table."),
  open("DD-12", "A writer with high availability and a site list, appending numbered rows once a second, also as a probe that runs on its own."),
  open("DD-13", "The chunk query: state other than COMPLETE."),
  open("DD-14", "An empty (NULL) answer means pass; unreachable and malformed answers do not."),
  open("DD-15", "No chunk in RECOVERING before going on."),
  open("DD-16", "Where metadata lives: `chunkMetaDir` per data node, `dfsMetaDir` of the controllers."),
  open("DD-17", "All nodes of a host are stopped: controller, agent, data nodes."),
  open(
    "DD-18",
    "Metadata of controller and data node is backed up (right directories, facts 1.6); place, name and retention of the copies are stated.",
  ),
  open("DD-19", "The upgrade of the files; upload, unzip and upgrade each reported as success with evidence."),
  open("DD-20", "Controller, agents and data nodes restarted."),
  open("DD-21", "Continuity: latest time is now and ids are consecutive positive integers; otherwise the outage's effect is stated."),
  open("DD-22", "The same for the next machine, with the chunk gate between machines."),
  open("DD-23", "Versions of every node after, each the target."),
  open("CD-1", "The page mixes two generations; what holds for which server version is decided by the server's version and shown."),
  open("CD-2", "Real-time pipelines are stopped gracefully before the upgrade."),
  open("CD-3", "One after another, or several at the same time."),
  open("CD-4", "Graceful with no time: never killed; if the server's own budget will kill, that is said before."),
  open("CD-5", "Graceful with N seconds: tried for N seconds, then killed by force; enforced by us where the server does not."),
  open("CD-6", "Write-ahead logs must be on since the launch of the pipeline: read from its configuration."),
  open("CD-7", "With WAL and graceful stop no data is lost; otherwise there is a possibility of loss: stated per pipeline in the forecast."),
  open("CD-8", "Newer text: upgrading real-time pipelines to the latest artefacts is not supported: refused with the documented way around."),
  open("CD-9", "All applications are backed up first."),
  open("CD-10", "Applications are listed to get their names."),
  open("CD-11", "Addressing: namespace, application, version, program type (mapreduce, services, spark, workers, workflows), program, run."),
  open("CD-12", "A program that is STOPPED cannot be stopped: a stated answer, not a failure of the run."),
  open(
    "CD-13",
    'Several RUNNING runs of a program: the documented "one of the runs, not all", what servers really do, and what ours does (each by run id).',
  ),
  open("CD-14", "Stop a specific run, with seconds."),
  open("CD-15", "Stop multiple programs of different applications and types in one call."),
  open("CD-16", "The answer is a JSON array with an element for each object of the input; ours maps every element to its input."),
  open("CD-17", "Upgrade an application to the latest version of its artefacts; one and many; not twice."),
];
