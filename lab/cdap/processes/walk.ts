import { operator, placesOf, type LabFile } from "./lab-file.ts";

/** The vendor's pages by hand in this lab (facts 5.2), and the same with Stillwater; one line each. */
export function walkLines(lab: LabFile, clusterFile: string, to = "6.9.2"): readonly string[] {
  const { directory, endpoint, authentication } = lab;
  const { command } = placesOf(directory);
  const at = `http://${endpoint}/v3/namespaces/default`;
  const [header, curl] =
    authentication === null ? ["", "curl -s"] : [' -H "Authorization: Bearer $TOKEN"', 'curl -s -H "Authorization: Bearer $TOKEN"'];
  return [
    "The vendor's pages by hand, in this lab (namespace default; the others alike):",
    ...(authentication === null
      ? []
      : [`  TOKEN=$(curl -s -u ${operator.user}:${operator.password} http://${authentication}/token | sed 's/.*access_token":"\\([^"]*\\).*/\\1/')`]),
    "  # what runs, over all versions of an application: the run's id is in it",
    `  ${curl} '${at}/apps/clicks/spark/DataStreamsSparkStreaming/runs?status=RUNNING'`,
    "  # stop by run id: the server's budget counts. The stop of the whole program has none",
    `  ${curl} -X POST ${at}/apps/clicks/spark/DataStreamsSparkStreaming/runs/RUN/stop`,
    `  ${curl} -X POST ${at}/apps/batch-0003/schedules/dataPipelineSchedule/suspend`,
    `  ${curl} http://${endpoint}/v3/export/apps -o apps.zip`,
    `  ${command} replace ${to}        # stop, other packages, start`,
    `  ${curl} http://${endpoint}/v3/system/services/status`,
    `  ${curl} ${at}/apps -o list && curl -s -N${header} -H 'Content-Type: application/json' ${at}/upgrade --data @list`,
    `  ${curl} -X POST ${at}/apps/clicks/spark/DataStreamsSparkStreaming/start   # once: twice means two runs`,
    `  stillwater lab status --directory ${directory}   # what has become of the records`,
    "",
    "The same with Stillwater:",
    `  cd ${directory}`,
    `  stillwater --cluster ${clusterFile} inspect`,
    `  stillwater --cluster ${clusterFile} programs list`,
    "  # refused, with the reasons: some real-time pipelines would lose records. To see it happen: --override data-loss --reason WHY",
    `  stillwater --cluster ${clusterFile} plan --to ${to} -o apps-after=all -o real-time=leave`,
    `  stillwater lab fault upgrade-cut after=2 --directory ${directory}`,
    `  stillwater lab down --directory ${directory}`,
  ];
}
