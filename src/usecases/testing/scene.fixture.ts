// A workspace over a made-up cluster in a file, with a host in memory and a clock that a test moves.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goal } from "../../cli/testing/plan.fixture.ts";
import { freshQuarry, quarryDefinition, quarryModule, readQuarry, writeQuarry, type QuarryFile } from "../../cli/testing/quarry.fixture.ts";
import { thisHolder } from "../../journal/process-identity.ts";
import type { RunRecord } from "../../journal/store.ts";
import type { ClusterDefinition } from "../../model/cluster.ts";
import type { SystemDriver } from "../../model/driver.ts";
import type { JournalEntry, RunEvent } from "../../model/event.ts";
import type { Goal } from "../../model/goal.ts";
import type { ClaimableHost, HostRecord } from "../../model/host.ts";
import type { Plan } from "../../model/plan.ts";
import { makePlan } from "../../planner/plan.ts";
import { sidecarFiles, writeWhole } from "../sidecar.ts";
import { openWorkspace, type Workspace } from "../workspace.ts";

/** A process of this machine that is not there any more. */
export const gone = { ...thisHolder("apply"), pid: 999_999_999 };

export interface SceneOptions {
  /** Changes the driver. */
  readonly driver?: (driver: SystemDriver) => SystemDriver;
  readonly definition?: (definition: ClusterDefinition) => ClusterDefinition;
  /** Changes what the host does. */
  readonly host?: Partial<Pick<ClaimableHost, "claim" | "renew" | "release" | "readRecord">>;
}

export class Scene {
  readonly directory = mkdtempSync(join(tmpdir(), "stillwater-scene-"));
  readonly file = join(this.directory, "quarry.json");
  readonly #alertFile = join(this.directory, "alerts");
  /** Added to the time of day, in ms. */
  later = 0;
  readonly workspace: Workspace;

  constructor(options: SceneOptions = {}) {
    writeQuarry(this.file, freshQuarry());
    writeFileSync(this.#alertFile, "");
    const made = quarryDefinition(this.file);
    const hooks = { ...made.hooks, alert: ["sh", "-c", 'cat >>"$0"; echo >>"$0"', this.#alertFile] };
    const definition = (options.definition ?? ((same) => same))({ ...made, hooks });
    const record: HostRecord = { store: "s", run: "orders", epoch: 0, connection: 1, holder: "", verb: "", since: 0, expires: 0 };
    const host = {
      name: "h1",
      readRecord: () => Promise.resolve(null),
      claim: () => Promise.resolve(record),
      renew: () => Promise.resolve(),
      raise: () => Promise.resolve(),
      release: () => Promise.resolve(),
      close: () => Promise.resolve(),
      ...options.host,
    };
    this.workspace = openWorkspace({
      stateDirectory: join(this.directory, "state"),
      clusterFile: join(this.directory, "cluster.yaml"),
      operator: "ana",
      now: () => Date.now() + this.later,
      parts: {
        readCluster: () => Promise.resolve(definition),
        system: () =>
          Promise.resolve({
            ...quarryModule,
            open: async (...args) => (options.driver ?? ((same: SystemDriver) => same))(await quarryModule.open(...args)),
          }),
        openHost: () => host as unknown as ClaimableHost,
      },
    });
  }
  async close(): Promise<void> {
    await this.workspace.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
  /** What the operator's alert command was told, in order. */
  alerts(): readonly string[] {
    const lines = readFileSync(this.#alertFile, "utf8")
      .split("\n")
      .filter((line) => line !== "");
    return lines.map((line) => (JSON.parse(line) as { readonly why: string }).why);
  }
  get quarry(): QuarryFile {
    return readQuarry(this.file);
  }
  change(edit: (quarry: QuarryFile) => void): void {
    const { quarry } = this;
    edit(quarry);
    writeQuarry(this.file, quarry);
  }
  async plan(change: Partial<Goal> = {}): Promise<Plan> {
    const driver = await this.workspace.driver();
    return makePlan(driver, {
      cluster: "orders",
      goal: { ...goal, artefact: null, ...change },
      facts: await driver.inspect({ now: this.workspace.now() }),
      overrides: [],
      rollsBack: null,
      createdAt: "2026-11-20T02:00:00.000Z",
      createdBy: "ana on jump1",
    });
  }
  /** A run with these events whose worker is dead. */
  async deadRun(...events: readonly RunEvent[]): Promise<RunRecord> {
    return this.deadRunOf(await this.plan(), ...events);
  }
  async deadRunOf(plan: Plan, ...events: readonly RunEvent[]): Promise<RunRecord> {
    const store = await this.workspace.store();
    const claim = await store.claim({ cluster: plan.cluster, holder: gone, leaseMs: 15_000, above: 0, holderIsDead: () => true });
    const record = await store.createRun(claim, plan);
    await store.append(claim, record.id, [{ is: "claimed", holder: "ana on jump1", verb: "apply", pid: gone.pid }, ...events]);
    return record;
  }
  /** As if the sidecar of that run lived in this process, was ready, and had nothing to say at the end. */
  async fakeSidecar(run = 1): Promise<void> {
    const directory = this.workspace.runDirectory(run);
    mkdirSync(directory, { recursive: true });
    await writeWhole(join(directory, sidecarFiles.process), thisHolder("sidecar"));
    await writeWhole(join(directory, sidecarFiles.readiness), { ready: true });
    await writeWhole(join(directory, sidecarFiles.conclusion), { version: 1, verdict: null, series: [], partitions: [] });
  }
  async events(run = 1): Promise<readonly RunEvent[]> {
    return (await this.entries(run)).map(({ event }) => event);
  }
  async entries(run = 1): Promise<readonly JournalEntry[]> {
    return (await this.workspace.store()).read(run, 0);
  }
}
