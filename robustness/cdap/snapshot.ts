import type { MemoryCdap } from "../../lab/cdap/memory/cluster.ts";
import type { Run } from "../../lab/cdap/logic/programs/run.ts";
import type { AppSeen, RecordsSeen, WorkSeen } from "../validators/cdap-work.ts";

export const nameOf = ({ namespace, app, type, name }: Run["program"]): string => `${namespace}.${app}.${type}.${name}`;

/** Of everything but the system's own namespace. Reads the lab's storage. */
export async function workOf(cdap: MemoryCdap): Promise<WorkSeen> {
  const { programs, schedules } = cdap.platform;
  const stored = cdap.storage.parts["applications"] as Record<
    string,
    Record<string, readonly { readonly artifact: { readonly name: string; readonly version: string } }[]>
  >;
  const accounts = (await cdap.control("oracle")) as Record<string, { readonly lost: number; readonly delivered: number } | null>;
  const apps = Object.entries(stored)
    .filter(([namespace]) => namespace !== "system")
    .flatMap(([namespace, own]) =>
      Object.entries(own).flatMap(([app, versions]): readonly AppSeen[] => {
        const latest = versions.at(-1);
        if (latest === undefined) return [];
        return [{ app: `${namespace}.${app}`, artifact: latest.artifact.name, artifactVersion: latest.artifact.version, versions: versions.length }];
      }),
    );
  return {
    runs: programs
      .all()
      .filter(({ program }) => program.namespace !== "system")
      .map(({ id, program, status, end, parent, version, args, stopping, starting }) => ({
        id,
        program: nameOf(program),
        status,
        ended: end !== null,
        parent,
        version,
        args,
        stopping,
        starting,
      })),
    schedules: schedules.all().map(({ namespace, application, name, status }) => ({ schedule: `${namespace}.${application}.${name}`, status })),
    apps,
    records: Object.entries(accounts).flatMap(([name, account]): readonly RecordsSeen[] =>
      account === null ? [] : [{ app: name.replace("/", "."), lost: account.lost, delivered: account.delivered }],
    ),
  };
}
