/** How long things take in an installation, in milliseconds of the lab's clock. */
export interface Settings {
  /** Of scheduler and alert engine: between two rounds. */
  readonly roundMs: number;
  /** Minute of the day at which the instances of the next day are generated: 23:00 (facts 2.5). */
  readonly generationMinute: number;
  /** Until a pod serves that was started. */
  readonly podStartMs: number;
  /** Until the front has noticed that a pod stopped or came. */
  readonly frontLagMs: number;
  /** A pod that leads no more is noticed by the others. */
  readonly leaseMs: number;
  /** What one call of a pod takes. */
  readonly callMs: number;
  /** Metrics of the real-time runtime: a sample that is older than that is no base for a comparison. */
  readonly metricsStaleMs: number;
  /** The gateway asks the application for what it keeps of it. */
  readonly cacheRefreshMs: number;
  /** Field-level grants are good for so long: 5 minutes (facts 2.4). */
  readonly fieldCacheMs: number;
  /** Restart of one DataService replica. */
  readonly replicaRestartMs: number;
  readonly checkpointMs: number;
  /** Steps of the Manager. */
  readonly stopDispatchMs: number;
  readonly shutDownMs: number;
  readonly backupMs: number;
  readonly preUpgradeMs: number;
  /** One of the parts in which data is updated. */
  readonly dataUpdatePartMs: number;
  /** What one request of the OpenAPI may cost: requests a second per operation. */
  readonly throttlePerSecond: number;
  /** Instances that all projects together may run. */
  readonly slots: number;
}

export const defaultSettings: Settings = {
  roundMs: 1_000,
  generationMinute: 23 * 60,
  podStartMs: 90_000,
  frontLagMs: 200,
  leaseMs: 2_000,
  callMs: 10,
  metricsStaleMs: 10_000,
  cacheRefreshMs: 10_000,
  fieldCacheMs: 300_000,
  replicaRestartMs: 5_000,
  checkpointMs: 180_000,
  stopDispatchMs: 2_000,
  shutDownMs: 10_000,
  backupMs: 180_000,
  preUpgradeMs: 60_000,
  dataUpdatePartMs: 10_000,
  throttlePerSecond: 200,
  slots: 200,
};

/** Every wait times `scale`; what is a time of day, a number of things, or below a second anyway stays. */
export const scaled = (settings: Settings, scale: number): Settings => ({
  ...settings,
  roundMs: Math.max(200, settings.roundMs * scale),
  leaseMs: Math.max(500, settings.leaseMs * scale),
  podStartMs: settings.podStartMs * scale,
  metricsStaleMs: Math.max(2_000, settings.metricsStaleMs * scale),
  cacheRefreshMs: Math.max(500, settings.cacheRefreshMs * scale),
  fieldCacheMs: settings.fieldCacheMs * scale,
  replicaRestartMs: Math.max(500, settings.replicaRestartMs * scale),
  checkpointMs: settings.checkpointMs * scale,
  stopDispatchMs: settings.stopDispatchMs * scale,
  shutDownMs: settings.shutDownMs * scale,
  backupMs: settings.backupMs * scale,
  preUpgradeMs: settings.preUpgradeMs * scale,
  dataUpdatePartMs: settings.dataUpdatePartMs * scale,
});
