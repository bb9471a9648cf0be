import type { SystemModule } from "../model/driver.ts";
import { StillwaterError } from "../model/errors.ts";

interface RegisteredSystem {
  readonly title: string;
  load(): Promise<SystemModule>;
}

/** The only place outside `src/drivers` that names systems. Each is loaded when it is asked for. */
const registered: Record<string, RegisteredSystem> = {
  postgres: {
    title: "PostgreSQL with streaming replication",
    load: async () => (await import("../drivers/postgres/module.ts")).postgresModule,
  },
};

export interface SystemName {
  readonly system: string;
  readonly title: string;
}
export const systems: SystemName[] = Object.entries(registered).map(([system, { title }]) => ({ system, title }));

/** Adds a system that does not come with this package; loaded with `node --import FILE`, which every process of a run inherits. */
export function registerSystem(name: string, system: RegisteredSystem): void {
  registered[name] = system;
  systems.push({ system: name, title: system.title });
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
