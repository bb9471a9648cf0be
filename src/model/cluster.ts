/** A machine reached by a transport. */
export interface HostDefinition {
  readonly name: string;
  readonly transport: "local" | "openssh";
  /** ssh destination (`user@host`, an alias of ssh_config); null for local. */
  readonly address: string | null;
  /** Local only: run the helper as this user when Stillwater itself is root. */
  readonly user: string | null;
  /** Where the helper keeps the host record, detached runs and staged artefacts. Absolute. */
  readonly stateDirectory: string;
  /** Hosts of one failure domain may go together. */
  readonly domain: string | null;
}
export type ServiceDefinition =
  | { readonly manager: "systemd"; readonly unit: string }
  | { readonly manager: "command"; readonly start: readonly string[]; readonly stop: readonly string[]; readonly status: readonly string[] | null };

export interface NodeDefinition {
  readonly name: string;
  readonly host: string;
  readonly endpoint: string;
  readonly service: ServiceDefinition | null;
  /** Keys of the system, checked by its schema. */
  readonly options: Readonly<Record<string, unknown>>;
}

export type ContinuityRoute = { readonly hosts: readonly string[] } | { readonly address: string };

export interface ContinuityDefinition {
  readonly enabled: boolean;
  /** Where the operator's clients go: these endpoints, or one address in front of them. Null: not named, the driver takes every node that serves clients. */
  readonly route: ContinuityRoute | null;
  /** Attempts per second. */
  readonly rate: number;
  /** Acknowledgements that each risk window must hold. */
  readonly minAcks: number;
  /** Seconds after the last node has rejoined until everything is read again. */
  readonly verifyAfterS: number;
}

/** `cluster.yaml`, checked. */
export interface ClusterDefinition {
  readonly version: 1;
  readonly cluster: string;
  readonly system: string;
  /** Its servers are simulated: plans and reports say so. */
  readonly lab?: true;
  readonly hosts: readonly HostDefinition[];
  readonly nodes: readonly NodeDefinition[];
  readonly policy: { readonly maxUnavailable: number };
  /** Commands of the operator, as argument vectors; run on the machine of Stillwater. `alert` gets the alert as JSON on standard input. */
  readonly hooks: {
    readonly pauseTraffic: readonly string[] | null;
    readonly resumeTraffic: readonly string[] | null;
    readonly alert: readonly string[] | null;
  };
  readonly continuity: ContinuityDefinition;
  /** Keys of the system, checked by its schema. */
  readonly options: Readonly<Record<string, unknown>>;
}
