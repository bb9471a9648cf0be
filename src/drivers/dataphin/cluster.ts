// The installation as operations, watches and inspections reach it.
import type { Host } from "../../model/host.ts";
import type { HttpClient } from "../../model/http.ts";
import type { Role } from "./facts.ts";
import type { ClusterOptions, Declared, WatchOptions } from "./options.ts";
import type { Api } from "./wire/caller.ts";
import type { Environment } from "./wire/operations/projects.ts";
import type { Zone } from "./wire/time.ts";

export interface DpNode {
  readonly name: string;
  readonly role: Role;
  /** HOST:PORT. */
  readonly endpoint: string;
  /** Without a slash at its end. */
  readonly url: string;
  readonly hostName: string;
  /** The machine through which it is reached; the claim's record lies there. */
  readonly host: Host;
}

export interface DpCluster {
  readonly cluster: string;
  readonly nodes: readonly DpNode[];
  readonly application: DpNode;
  readonly manager: DpNode | null;
  readonly gateway: DpNode | null;
  readonly realtime: DpNode | null;
  /** Where users log on. */
  readonly logonUrl: string;
  readonly api: Api;
  readonly http: HttpClient;
  readonly environment: Environment;
  /** Names or ids; null: all. */
  readonly projects: readonly string[] | null;
  readonly zone: Zone;
  readonly upgrade: NonNullable<ClusterOptions["upgrade"]>;
  readonly records: readonly string[] | null;
  readonly alertPolicy: "queue" | "drop" | "deliver";
  readonly watch: WatchOptions | null;
  readonly declared: Declared;
  secret(reference: string): Promise<string>;
  now(): number;
}
