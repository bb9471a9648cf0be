// A lab of real processes for one trial: a lab of its own each time, since an upgrade cannot be taken back as if it had not been.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { down, up, type LabFile } from "../../../lab/index.ts";
import { startLoad } from "../../../lab/openmldb/processes/load.ts";
import { LabClient, nodesOf } from "../../../lab/openmldb/processes/ask.ts";
import { documentOf, inWords, start, type Ended } from "../../harness/stillwater.ts";
import { journalOf, stepsOf, type StepLine } from "../../validators/journal.ts";

/** What must be as it was, read from the nameserver and the tablets. */
interface PartitionRow {
  readonly pid: number;
  readonly partition_meta: readonly { readonly endpoint: string; readonly is_leader: boolean; readonly is_alive?: boolean }[];
}
interface ShowTable {
  readonly code: number;
  readonly table_info?: readonly { readonly tid: number; readonly table_partition: readonly PartitionRow[] }[];
}
export interface LabState {
  readonly autoFailover: string;
  /** `TID/PID`: replicas, sorted, the leader marked. */
  readonly placement: readonly string[];
  /** Release that answers, by node. */
  readonly releases: readonly string[];
  /** Operations that moved leaders, in all. */
  readonly leaderChanges: number;
  /** Partitions that the tablet of the trial leads: where they begin is the lab's chance. */
  readonly led: number;
}
export interface TrialEnd {
  readonly killed: Ended | null;
  readonly ended: Ended;
  readonly steps: readonly StepLine[];
  readonly before: LabState;
  readonly after: LabState;
  readonly lost: number;
}

const RATE = 50;
/** The only node that a trial upgrades. */
const UPGRADED = "tablet1";

/** Upgrades one tablet, one APIServer and the nameservers of a fresh lab; killed at the failpoint, then resumed. */
export async function processTrial(failpoint: string | null): Promise<TrialEnd> {
  const parent = await mkdtemp(join(tmpdir(), "crash-lab-"));
  const directory = join(parent, "lab");
  const stateDirectory = join(parent, "state");
  try {
    const { lab, clusterFile } = await up("openmldb", {
      directory,
      scale: 0.1,
      tablets: 3,
      nameservers: 2,
      apiservers: 2,
      taskmanagers: 0,
      partitions: 4,
    });
    const call = (args: readonly string[], at = ""): Promise<Ended> =>
      start({ args, clusterFile, stateDirectory, failpoint: at, withinMs: 300_000 }).ended;
    const archive = lab.archives.find(({ version, inside }) => version === "0.9.3" && inside === version);
    if (archive === undefined) throw new Error("the lab has no archive of 0.9.3");
    const planned = await call(["plan", "--to", "0.9.3", "--artifact", archive.path, "--only", UPGRADED, "-o", "single-replica=allow-unavailable"]);
    const hash = documentOf(planned)?.["hash"];
    if (typeof hash !== "string") throw new Error(`plan: ${inWords(planned)}`);
    const before = await stateOf(lab);
    const load = await startLoad(directory, { perSecond: RATE });
    const first = await call(["apply", hash, "--yes", hash, "--no-probe"], failpoint ?? "");
    const killed = failpoint === null ? null : first;
    const ended = failpoint === null || first.signal !== "SIGKILL" ? first : await call(["resume"]);
    const { lost } = await load.stop();
    return { killed, ended, steps: stepsOf(journalOf(stateDirectory)), before, after: await stateOf(lab), lost };
  } finally {
    await down(directory).catch(() => undefined); // a lab that did not come up has stopped what it had started
    await rm(parent, { recursive: true, force: true });
  }
}

async function stateOf(lab: LabFile): Promise<LabState> {
  const client = new LabClient(lab);
  try {
    const { conf = {} } = await client.ask<{ readonly code: number; readonly conf?: Readonly<Record<string, string>> }>("ConfGet");
    const { table_info = [] } = await client.ask<ShowTable>("ShowTable", { show_all: true });
    const { op_status = [] } = await client.ask<{
      readonly code: number;
      readonly op_status?: readonly { readonly op_type: string; readonly status: string }[];
    }>("ShowOPStatus");
    const placement = table_info.flatMap(({ tid, table_partition }) =>
      table_partition.map(({ pid, partition_meta }) => {
        const replicas = partition_meta.map(
          ({ endpoint, is_leader, is_alive }) => `${endpoint}${is_leader ? " leads" : ""}${is_alive === false ? " is not alive" : ""}`,
        );
        return `${String(tid)}/${String(pid)}: ${replicas.toSorted().join(", ")}`;
      }),
    );
    const releases = await Promise.all(
      nodesOf(lab, "tablet").map(async ({ name, endpoint }) => `${name} ${(await client.post(endpoint, "/version", ""))?.split("-")[0] ?? "silent"}`),
    );
    const tablet = nodesOf(lab, "tablet").find(({ name }) => name === UPGRADED)?.endpoint ?? "";
    return {
      led: placement.filter((each) => each.includes(`${tablet} leads`)).length,
      autoFailover: conf["auto_failover"] ?? "",
      placement: placement.toSorted(),
      releases,
      leaderChanges: op_status.filter(({ op_type, status }) => op_type === "kChangeLeaderOP" && status === "kDone").length,
    };
  } finally {
    client.close();
  }
}
