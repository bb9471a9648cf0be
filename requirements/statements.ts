// What the vendors' pages say, numbered. A number never changes its meaning. `does`, `command` and `deviates` come with the test that shows them.

import { dolphindb } from "./dolphindb.ts";
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
  ...dolphindb,
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
