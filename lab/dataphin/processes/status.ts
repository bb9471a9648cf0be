import { processesBelow } from "../../kit/process-table.ts";
import { componentNames, type ComponentName } from "../logic/cluster.ts";
import { isOpen, type UpgradeRecord } from "../logic/manager/record.ts";
import type { PlatformState } from "../logic/platform/platform.ts";
import { timeOf } from "../logic/times.ts";
import { LabClient } from "./ask.ts";
import { directoryOf, readLabFile, type LabFile } from "./lab-file.ts";
import { runningIn } from "./up.ts";

export interface LabStatus {
  readonly lab: LabFile;
  readonly components: readonly { readonly name: ComponentName; readonly endpoint: string; readonly pid: number | null }[];
  /** Null: it does not answer; so with the others. */
  readonly platform: PlatformState | null;
  /** HTTP status of the logon page. */
  readonly logon: number | null;
  readonly running: number | null;
  readonly realtime: number | null;
  readonly records: readonly UpgradeRecord[] | null;
}

/** Error when the directory holds no lab. */
export async function status(directory: string): Promise<LabStatus> {
  const lab = readLabFile(directory);
  const client = new LabClient(lab);
  const { endpoints } = lab;
  try {
    const [platform, logon, running, jobs, records] = await Promise.all([
      client.json<PlatformState>(endpoints.platform, "/platform"),
      client.ask(endpoints.console, "GET", "/"),
      runningIn(client, lab),
      client.json<{ readonly "jobs-running": number }>(endpoints.realtime, "/overview"),
      client.records(),
    ]);
    return {
      lab,
      components: componentNames.map((name) => ({ name, endpoint: endpoints[name], pid: processesBelow(directoryOf(lab, name))[0]?.pid ?? null })),
      platform,
      logon: logon?.status ?? null,
      running: running?.length ?? null,
      realtime: jobs?.["jobs-running"] ?? null,
      records,
    };
  } finally {
    client.close();
  }
}

const onOff = (on: boolean | undefined): string => (on === undefined ? "not known" : on ? "on" : "off");

export function statusLines({ lab, components, platform, logon, running, realtime, records }: LabStatus): readonly string[] {
  const alive = components.filter(({ pid }) => pid !== null).length;
  const record = records?.at(-1);
  const pods = platform?.pods.map(({ name, version, state }) => `${name} ${version} ${state}`).join(", ");
  return [
    `lab dataphin in ${lab.directory}: ${String(alive)} of ${String(components.length)} components run`,
    "  simulated: these are Stillwater's own programs, not Dataphin's",
    lab.scale === 1 ? "  waits are the vendor's" : `  waits are ${String(lab.scale)} times the vendor's`,
    `  its clock shows ${timeOf(Date.now() + lab.aheadMs)} (UTC)`,
    `  application: ${pods === undefined || pods === "" ? "no pods" : pods}`,
    `  logon page: ${logon === null ? "no answer" : String(logon)}; maintenance mode ${onOff(platform?.maintenance.on)}; dispatch ${onOff(platform?.dispatch)}`,
    `  instances running: ${running === null ? "not known" : String(running)}; real-time jobs running: ${realtime === null ? "not known" : String(realtime)}`,
    record === undefined
      ? "  no upgrade record"
      : `  upgrade record ${String(record.id)}: ${record.initial} to ${record.target}, ${record.mode}, ${record.status}${isOpen(record) ? `, at ${record.steps.find(({ state }) => state !== "done")?.step ?? "verification"}` : ""}`,
    "",
    ...components.map(({ name, endpoint, pid }) => `  ${name.padEnd(10)} ${endpoint.padEnd(16)} ${pid === null ? "down" : String(pid)}`),
  ];
}
