import { columns } from "../../kit/columns.ts";
import type { Account } from "../apps/streaming/streaming-data.ts";
import type { Run } from "../logic/programs/run.ts";
import { LabClient } from "./ask.ts";
import { processOf } from "./control.ts";
import { installedVersion, readLabFile, type LabFile } from "./lab-file.ts";

interface ActiveRun {
  readonly namespace: string;
  readonly app: string;
  readonly program: string;
  readonly run: string;
  readonly status: string;
  readonly version: string;
  /** The workflow run that started it. */
  readonly parent: string | null;
}
export interface LabStatus {
  readonly lab: LabFile;
  /** Null: no process. */
  readonly pid: number | null;
  /** Of the packages. */
  readonly installed: string;
  /** As the server says it; null: it does not. */
  readonly version: string | null;
  /** Null: nobody says. */
  readonly services: Readonly<Record<string, string>> | null;
  /** Namespace to number of applications, without those of the system. */
  readonly apps: Readonly<Record<string, number>>;
  readonly runs: readonly ActiveRun[];
  /** Records of real-time pipelines, by `NAMESPACE/APPLICATION`. */
  readonly records: Readonly<Record<string, Account>>;
}

/** Empty when nothing answers. */
export async function activeRuns(client: LabClient): Promise<readonly ActiveRun[]> {
  const all = (await client.page<readonly Run[]>("runs", null)) ?? [];
  return all.flatMap((run) => {
    const { namespace, app, name } = run.program;
    return run.end === null ? [{ namespace, app, program: name, run: run.id, status: run.status, version: run.version, parent: run.parent }] : [];
  });
}

/** Error when the directory holds no lab. */
export async function status(directory: string): Promise<LabStatus> {
  const lab = readLabFile(directory);
  const client = new LabClient(lab);
  try {
    const namespaces = (await client.json<readonly { readonly name: string }[]>("/v3/namespaces")) ?? [];
    const counted = namespaces.map(
      async ({ name }) => [name, (await client.json<readonly unknown[]>(`/v3/namespaces/${name}/apps`))?.length ?? 0] as const,
    );
    return {
      lab,
      pid: processOf(directory)?.pid ?? null,
      installed: installedVersion(directory),
      version: (await client.json<{ readonly version: string }>("/v3/version"))?.version ?? null,
      services: await client.json<Record<string, string>>("/v3/system/services/status"),
      apps: Object.fromEntries(await Promise.all(counted)),
      runs: await activeRuns(client),
      records: (await client.page<Record<string, Account>>("oracle", null)) ?? {},
    };
  } finally {
    client.close();
  }
}

const MOST_RUNS = 20;
export function statusLines({ lab, pid, installed, version, services, apps, runs, records }: LabStatus): readonly string[] {
  const sick = Object.entries(services ?? {}).filter(([, each]) => each !== "OK");
  const ours = runs.filter(({ namespace, parent }) => namespace !== "system" && parent === null);
  return [
    `lab cdap in ${lab.directory}: ${pid === null ? "down" : `process ${String(pid)}`}, CDAP ${installed} installed, ${version ?? "nothing"} answers`,
    "  simulated: this is Stillwater's own program, not CDAP",
    lab.scale === 1 ? "  waits and time-outs are the platform's" : `  waits and time-outs are ${String(lab.scale)} times the platform's`,
    `  router ${lab.endpoint}${lab.authentication === null ? "" : `, authentication server ${lab.authentication}`}`,
    `  services: ${services === null ? "nobody says" : sick.length === 0 ? "all OK" : sick.map(([name, each]) => `${name} ${each}`).join(", ")}`,
    `  applications: ${
      Object.entries(apps)
        .map(([name, count]) => `${String(count)} in ${name}`)
        .join(", ") || "nobody says"
    }`,
    "",
    ...columns([
      ["  run", "namespace", "application", "program", "state"],
      ...ours.slice(0, MOST_RUNS).map(({ run, namespace, app, program, status: state }) => [`  ${run}`, namespace, app, program, state]),
    ]),
    ...(ours.length > MOST_RUNS ? [`  and ${String(ours.length - MOST_RUNS)} more`] : []),
    ...(Object.keys(records).length === 0
      ? []
      : [
          "",
          ...columns([
            ["  records of", "made", "in the sink", "in flight", "in a checkpoint", "twice", "lost"],
            ...Object.entries(records).map(([name, { produced, delivered, inFlight, recoverable, duplicates, lost }]) => [
              `  ${name}`,
              ...[produced, delivered, inFlight, recoverable, duplicates, lost].map(String),
            ]),
          ]),
        ]),
  ];
}
