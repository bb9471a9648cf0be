// The names that the forecast, the watches and the counts agree on. A row of the forecast is measured by the watch, or the count, of the same name.

/** Features that a client of their users tries again and again beside a run (facts 5.3). */
export const watched = {
  /** The logon page of Dataphin, as a user's browser meets it. */
  logon: "logon",
  /** A management call: what resource groups, start and stop, logs are reached by. */
  offlineOperations: "management of offline nodes",
  realtimeOperations: "management of real-time instances",
  /** APIs are listed and read, as whoever modifies, publishes or views them does. */
  apiDevelopment: "modify, publish and view APIs",
  apiOperations: "operational status of APIs",
  directApis: "calls of direct data source APIs",
  serviceUnitApis: "calls of service-unit APIs",
  compositeApis: "calls of composite APIs",
  registeredApis: "calls of registered APIs",
  logicalTableApis: "calls of logical-table APIs",
  dataphinSourceApis: "calls of APIs on the Dataphin data source",
  compositeLogicalApis: "calls of composite APIs on logical tables",
  developmentCalls: "calls of APIs in development",
  /** The same calls, each tried three times before it counts as failed. */
  retriedCalls: "calls of APIs, with retry",
  /** A wrong secret is rejected: `works` means that it was. */
  wrongSecretRejected: "wrong application secrets are rejected",
  /** An application without a grant is rejected: `works` means that it was. */
  ungrantedRejected: "calls without a grant are rejected",
  /** A field that was not granted is not answered: `works` means that it was withheld. */
  fieldsWithheld: "fields without a grant are withheld",
  /** A grant that has expired is refused: `works` means that it was, or that it has not expired yet. */
  expiryApplied: "expired grants are revoked",
  /** Calls above the limit are throttled: `works` means that one was. */
  throttling: "throttling of APIs",
  /** The running state of the real-time jobs, as the runtime itself tells it. */
  realtimeJobs: "real-time instances",
} as const;
export type WatchedFeature = (typeof watched)[keyof typeof watched];

/** What the driver counts from the proofs of steps and from watched events (`SystemDriver.count`). */
export const counted = {
  /** Instances that a terminate ended. */
  killed: "instances killed",
  /** Of those, the ones that ran again and succeeded, each once. */
  rerun: "instances run again",
  /** Of those killed, the ones that nobody has run again to a good end, and about which no person was asked: must be 0. */
  notRerun: "killed instances not run again",
  /** Runs of killed instances beyond one each: must be 0. */
  rerunTwice: "instances run more than once",
  /** Instances that ran before and after with the same task run. */
  undisturbed: "running instances disturbed",
  /** Instances that were due and not dispatched in the window. */
  held: "instances dispatched late",
  /** Alert events of offline instances that were sent only after the upgrade. */
  offlineAlertsLate: "offline alerts sent late",
  /** Alert events of offline instances that were never sent. */
  offlineAlertsLost: "offline alerts lost",
  falseTimeouts: "false run-timeout alerts",
  /** Alert events of real-time instances that our own watcher saw and the platform never sent. */
  realtimeAlertsDropped: "real-time alerts dropped",
  apiAlertsMissing: "API alerts missing",
  /** Instances of the next day that the nightly generation has not made by its end. */
  notGenerated: "instances of the next day not generated",
} as const;
export type CountedWhat = (typeof counted)[keyof typeof counted];
