import type { AlertEvent, AlertRule, Api, App, Grant, Instance, Maintenance, Node, Notification, Project, StreamJob } from "./entities.ts";

/** Everything that a backup holds and a restore brings back. */
export interface Metadata {
  /** Version of the application that the tables fit. */
  schema: string;
  /** The version whose tables were added beside the present ones by a pre-upgrade; null: none. */
  expandedFor: string | null;
  /** Parts of the data update that are done, of the version it is made for. */
  dataUpdate: { version: string; parts: number } | null;
  projects: Project[];
  nodes: Record<string, Node>;
  instances: Record<string, Instance>;
  apis: Record<string, Api>;
  apps: Record<string, App>;
  grants: Grant[];
  streamJobs: StreamJob[];
  alertRules: AlertRule[];
  alertEvents: AlertEvent[];
  notifications: Notification[];
  /** `yyyy-MM-dd` for which instances were generated. */
  generated: string[];
  /** Day up to which expired grants were swept. */
  sweptOn: string | null;
  operations: { readonly at: number; readonly what: string; readonly object: string }[];
}
/** What the Manager sets from outside; no backup holds it. */
export interface Controls {
  dispatch: boolean;
  /** Whether the scheduler follows what its executors do. */
  tracking: boolean;
  maintenance: Maintenance;
  /** Pods of the application that there should be, and of which version; null: as the installation was made. */
  application: { version: string; pods: number } | null;
}
export interface Backup {
  readonly name: string;
  readonly at: number;
  readonly text: string;
}

export const DATA_UPDATE_PARTS = 4;
/** The first of the 64-bit ids: beyond what a JavaScript number can tell apart. */
const FIRST_ID = 7_162_269_257_990_100_000n;

const empty = (version: string): Metadata => ({
  schema: version,
  expandedFor: null,
  dataUpdate: null,
  projects: [],
  nodes: {},
  instances: {},
  apis: {},
  apps: {},
  grants: [],
  streamJobs: [],
  alertRules: [],
  alertEvents: [],
  notifications: [],
  generated: [],
  sweptOn: null,
  operations: [],
});

/** The metadata database: a server of its own that no upgrade stops. Pods read and write it at once; `saved` is told of every change. */
export class Database {
  data: Metadata;
  readonly controls: Controls;
  backups: Backup[] = [];
  #ids: number;
  /** What else it is asked to do first: a full disk, a statement that fails. */
  readonly troubles = { backup: 0, dataUpdate: 0 };

  constructor(version: string, saved: string | null) {
    const found = saved === null ? null : (JSON.parse(saved) as { data: Metadata; controls: Controls; backups: Backup[]; ids: number });
    this.data = found?.data ?? empty(version);
    this.controls = found?.controls ?? {
      dispatch: true,
      tracking: true,
      maintenance: { on: false, since: null, reason: "", logon: true },
      application: null,
    };
    this.backups = found?.backups ?? [];
    this.#ids = found?.ids ?? 0;
  }

  text(): string {
    return JSON.stringify({ data: this.data, controls: this.controls, backups: this.backups, ids: this.#ids });
  }

  /** Never twice, a restore included. */
  nextId(): string {
    this.#ids += 1;
    return String(FIRST_ID + BigInt(this.#ids));
  }

  /** Error when the disk is full: nothing of it is left then. */
  backup(name: string, at: number): Backup {
    if (this.troubles.backup > 0) {
      this.troubles.backup -= 1;
      throw new Error("no space left on device");
    }
    const made = { name, at, text: JSON.stringify(this.data) };
    this.backups = [...this.backups.filter((one) => one.name !== name), made];
    return made;
  }
  restore(name: string): void {
    const found = this.backups.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no backup ${name}`);
    this.data = JSON.parse(found.text) as Metadata;
  }

  /** Pre-upgrade: new tables beside the old ones, which old pods do not see. */
  expand(version: string): void {
    this.data.expandedFor = version;
  }
  /** One part; done parts stay done. Returns how many are. Error when a statement fails: the part is not done. */
  updatePart(version: string): number {
    const { dataUpdate, schema } = this.data;
    if (schema === version) return DATA_UPDATE_PARTS;
    const parts = dataUpdate?.version === version ? dataUpdate.parts : 0;
    if (parts >= DATA_UPDATE_PARTS / 2 && this.troubles.dataUpdate > 0) {
      this.troubles.dataUpdate -= 1;
      throw new Error(`statement ${String(parts + 1)} of ${String(DATA_UPDATE_PARTS)} failed: lock wait timeout exceeded`);
    }
    this.data.dataUpdate = { version, parts: parts + 1 };
    if (parts + 1 >= DATA_UPDATE_PARTS) {
      this.data.schema = version;
      this.data.expandedFor = null;
      this.data.dataUpdate = null;
    }
    return parts + 1;
  }

  /** Error with its words when there is none. */
  node(id: string): Node {
    const found = this.data.nodes[id];
    if (found === undefined) throw new Error(`there is no node ${id}`);
    return found;
  }
}
