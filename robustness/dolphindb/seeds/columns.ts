// The steps of a host's turn that a fault can hit, by the operation of each.
export const columns = [
  "stage",
  "restart interval",
  "suspend",
  "drain",
  "stop data nodes",
  "stop agent and controller",
  "replace",
  "start agent and controller",
  "start data nodes",
  "ready",
  "chunks stable",
] as const;
export type Column = (typeof columns)[number];

const byOperation: Readonly<Record<string, Column>> = {
  stage: "stage",
  stopRestarting: "restart interval",
  suspendRecovery: "suspend",
  holdUnits: "suspend",
  drain: "drain",
  stopDataNodes: "stop data nodes",
  stopNodes: "stop agent and controller",
  backup: "replace",
  replace: "replace",
  startNodes: "start agent and controller",
  startDataNodes: "start data nodes",
  nothingWritten: "stop data nodes",
  restoreBackup: "replace",
  ready: "ready",
  chunksStable: "chunks stable",
};
/** Error for an operation that this table does not know: a new one must be hit, too. */
export function columnOf(operation: string): Column {
  const column = byOperation[operation];
  if (column === undefined) throw new Error(`no column of the coverage has the operation ${operation}`);
  return column;
}
