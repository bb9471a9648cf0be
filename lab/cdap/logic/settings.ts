/** Of the installation: kept in the storage, so that a server that starts again has them. */
export interface Settings {
  /** As `/v3/version` says it. */
  release: string;
  /** `cdap-site.xml`: what differs from the defaults. Values are text. */
  site: Record<string, string>;
  /** Null: no perimeter security. */
  auth: AuthSettings | null;
  durations: Durations;
  /** What becomes of running programs when appfabric starts again (facts 8.12): they go on, as on a cluster of their own, they fail (CDAP-18680), or their starting runs stay starting for ever (CDAP-16085). */
  onRestart: "go-on" | "fail" | "stuck-starting";
}
export interface AuthSettings {
  /** HOST:PORT of the external authentication server. */
  readonly endpoint: string;
  /** `reads`: everything else is answered 403. */
  readonly users: Readonly<Record<string, { readonly password: string; readonly may: "all" | "reads" }>>;
  readonly tokenSeconds: number;
}
/** Milliseconds. */
export interface Durations {
  /** After the server has begun to listen: the router answers 503 for what is behind it. */
  readonly appfabric: number;
  /** After appfabric is there: the other services say NOTOK until then. */
  readonly services: number;
  /** From an answered request to its effect: messages go through the messaging service. */
  readonly messaging: number;
  readonly pending: number;
  readonly starting: number;
  /** A work item of the server: one application of a bulk upgrade. */
  readonly item: number;
}
export const DURATIONS: Durations = { appfabric: 20_000, services: 10_000, messaging: 500, pending: 1_000, starting: 4_000, item: 40 };

/** cdap-default.xml (facts 2.1). */
const DEFAULTS = {
  "app.program.max.stop.seconds": "300",
  "app.program.max.start.seconds": "300",
  "app.program.terminator.interval.secs": "300",
  "app.program.terminate.time.buffer.secs": "60",
  "app.program.kill.threads": "20",
  "app.program.status.event.poll.delay.millis": "2000",
  "app.max.concurrent.runs": "-1",
  "app.max.concurrent.launching": "-1",
  "app.deploy.update.schedules": "true",
  "enable.unrecoverable.reset": "false",
  "router.bind.port": "11015",
} as const;
export const siteOf = ({ site }: Settings): Readonly<Record<string, string>> => ({ ...DEFAULTS, ...site });
/** Seconds in milliseconds, limits as they are. Error for what is no number. */
export function siteNumber(settings: Settings, name: keyof typeof DEFAULTS): number {
  const value = siteOf(settings)[name];
  const number = Number(value);
  if (value === undefined || Number.isNaN(number)) throw new Error(`${name} is ${String(value)}, which is no number`);
  return number;
}
