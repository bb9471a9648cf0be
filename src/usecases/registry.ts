import type { SystemModule } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";

interface RegisteredSystem {
  readonly title: string;
  /** An example of `init`, with the options that are needed most. */
  readonly init?: string;
  /** It brings commands of the vendor's own tool along. */
  readonly commands?: boolean;
  /** It checks applications for the version of its client. */
  readonly sdk?: boolean;
  /** It has a lab; an example of `lab up`, with an option of its own. */
  readonly lab?: string;
  load(): Promise<SystemModule>;
}

/** The only place outside `src/drivers` that names systems. Each is loaded when it is asked for. */
const registered: Record<string, RegisteredSystem> = {
  postgres: {
    title: "PostgreSQL with streaming replication",
    init: "db1:5432 -o user=ana -o password=@env:DB_PASSWORD",
    load: async () => (await import("../drivers/postgres/module.ts")).postgresModule,
  },
  openmldb: {
    title: "OpenMLDB",
    init: "ns1:7527 --distribution /opt/openmldb",
    commands: true,
    sdk: true,
    lab: "--tablets 3",
    load: async () => ({
      ...(await import("../drivers/openmldb/module.ts")).openmldbModule,
      // Its servers cannot be had from a package registry: the demo runs on the lab, and says so.
      demo: async (options) => (await import("../../lab/index.ts")).openmldbDemoStage(options),
    }),
  },
  dolphindb: {
    title: "DolphinDB",
    init: "--controller ctl1:8848 --user admin --password @env:DDB_PASSWORD",
    lab: "--hosts 3",
    load: async () => ({
      ...(await import("../drivers/dolphindb/module.ts")).dolphindbModule,
      tutorial: true,
      demo: async (options) => (await import("../../lab/index.ts")).dolphindbDemoStage(options),
    }),
  },
  cdap: {
    title: "CDAP",
    init: "router1:11015 --user admin --password @env:CDAP_PASSWORD",
    lab: "--apps 20",
    load: async () => ({
      ...(await import("../drivers/cdap/module.ts")).cdapModule,
      demo: async (options) => (await import("../../lab/index.ts")).cdapDemoStage(options),
    }),
  },
  dataphin: {
    title: "Dataphin",
    init: "dataphin-openapi1:80 --access-key-id KEY --access-key-secret @env:DATAPHIN_SECRET --tenant 30001011 --manager manager1:80",
    lab: "--scale 0.05",
    load: async () => ({
      ...(await import("../drivers/dataphin/module.ts")).dataphinModule,
      demo: async (options) => (await import("../../lab/index.ts")).dataphinDemoStage(options),
    }),
  },
};

export interface SystemName {
  readonly system: string;
  readonly title: string;
  readonly commands: boolean;
  readonly sdk: boolean;
  /** Null: it has no lab. */
  readonly lab: string | null;
  readonly init: string;
}
const nameOf = (system: string, { title, commands, sdk, lab, init }: RegisteredSystem): SystemName => ({
  system,
  title,
  commands: commands ?? false,
  sdk: sdk ?? false,
  lab: lab ?? null,
  init: `${system} ${init ?? "HOST:PORT"}`,
});
export const systems: SystemName[] = Object.entries(registered).map(([system, each]) => nameOf(system, each));

/** Adds a system that does not come with this package; loaded with `node --import FILE`, which every process of a run inherits. */
export function registerSystem(name: string, system: RegisteredSystem): void {
  registered[name] = system;
  systems.push(nameOf(name, system));
}

/** Error SW1103. */
export async function loadSystem(name: string): Promise<SystemModule> {
  const found = Object.hasOwn(registered, name) ? registered[name] : undefined;
  if (!found)
    throw new StillwaterError("SW1103", `There is no driver for a system called ${JSON.stringify(name)}.`, {
      object: name,
      remedy: `The systems are: ${systems.map((each) => each.system).join(", ")}.`,
    });
  return found.load();
}
