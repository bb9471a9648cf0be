import { labCredentials } from "../logic/cluster.ts";
import { commandOf, readWorkload, type LabFile } from "./lab-file.ts";

/** The vendor's page by hand in this lab, and the same with Stillwater; one line each. */
export function walkLines(lab: LabFile, clusterFile: string): readonly string[] {
  const { endpoints, release } = lab;
  const manager = commandOf(lab);
  const workload = readWorkload(lab);
  const caller = workload?.apps.caller;
  const [major = "6", minor = "2"] = release.split(".");
  const next = `${major}.${String(Number(minor) + 1)}.0.1`;
  const { user, password } = labCredentials.manager;
  return [
    "The vendor's pages by hand, in this lab:",
    `  curl -s -o /dev/null -w '%{http_code}\\n' http://${endpoints.console}/                  # the logon page: 200, or 503 in maintenance`,
    `  curl -s -u ${user}:${password} http://${endpoints.console}/opsconsole/v2/records            # Dataphin Manager > Upgrade Records`,
    ...(caller === undefined || workload === null
      ? []
      : [
          `  curl -s 'http://${endpoints.gateway}/list/${String(workload.apis.logicalTable)}?appKey=${caller.key}&appSecret=${caller.secret}'   # a logical-table API: fails in downtime`,
          `  curl -s 'http://${endpoints.gateway}/list/${String(workload.apis.fields)}?appKey=${caller.key}&appSecret=${caller.secret}'   # field b is withheld, until its cache lapses`,
        ]),
    `  curl -s http://${endpoints.realtime}/jobs/overview                              # real-time jobs run on`,
    `  for step in select-version enter-maintenance stop-dispatch force-stop shut-down backup-database pre-upgrade upgrade-application rerun update-data`,
    `  do ${manager} $step downtime ${next}; done; ${manager} finish`,
    "",
    "The same with Stillwater:",
    `  stillwater --cluster ${clusterFile} inspect`,
    `  stillwater --cluster ${clusterFile} impact --to ${next}`,
    `  stillwater --cluster ${clusterFile} plan --to ${next} --mode downtime`,
  ];
}
