/** What the rows of the forecast count and `count` measures. */
export const counted = {
  schedulesSuspended: "schedules suspended",
  runsStopped: "runs stopped",
  batchRunsCut: "batch runs cut short",
  /** Runs of one real-time pipeline that did not end by themselves in their time. */
  cutShort: (pipeline: string): string => `cut short: ${pipeline}`,
} as const;
