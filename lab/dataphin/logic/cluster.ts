// The interface of the whole lab: which components there are, what each of them is reached by, and who needs what. Each component is a class that takes
// its share of the world and knows the others by their endpoints alone, so that they run in memory on virtual time as well as in processes.
import type { Clock } from "../../kit/clock.ts";
import type { Network } from "../../kit/network.ts";
import type { Settings } from "./settings.ts";

/**
 * `platform`: metadata database, application pods (OpenAPI, console, scheduler, alert engine, logical-table engine, DataService's management) and the
 * front before them. The others go on without the application (facts 5.1).
 */
export const componentNames = ["platform", "manager", "executors", "realtime", "gateway"] as const;
export type ComponentName = (typeof componentNames)[number];

export interface Endpoints {
  /** The OpenAPI, and nothing else: what `dataphin-openapi.*` is. */
  readonly openapi: string;
  /** The logon page, `/opsconsole/v2` of the Manager, and what users do once they are logged on. */
  readonly console: string;
  /** What holds the pods (a Kubernetes, say): asked by the Manager alone. */
  readonly platform: string;
  readonly manager: string;
  readonly executors: string;
  /** The REST face of the real-time runtime, as Flink has it. */
  readonly realtime: string;
  /** What `dataphin-dataservice.*` is. */
  readonly gateway: string;
}

/** One component's share of the world. */
export interface Surroundings {
  readonly clock: Clock;
  readonly network: Network;
  readonly endpoints: Endpoints;
  readonly settings: Settings;
  /** What survives a kill of this component; null: nothing does. */
  readonly store: Store | null;
}
export interface Store {
  load(): string | null;
  save(text: string): void;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  readonly tenantId: string;
  /** Of the Manager: users of its own (facts 1.1). */
  readonly manager: { readonly user: string; readonly password: string };
  /** A user of Dataphin, for the logon page. */
  readonly user: { readonly name: string; readonly password: string };
}

/** Known to the lab's own components, and to its cluster file. */
export const labCredentials: Credentials = {
  accessKeyId: "LAB0000000000000000KEY",
  accessKeySecret: "lab-secret-of-the-access-key",
  tenantId: "30015001",
  manager: { user: "om", password: "lab-om" },
  user: { name: "ana", password: "lab-ana" },
};
