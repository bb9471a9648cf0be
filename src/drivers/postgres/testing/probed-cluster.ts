// A cluster with the probe on it, what happens to it meanwhile, and the verdict: for the tests of the continuity client.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Client } from "pg";
import { checkRecords } from "../../../continuity/check.ts";
import { readLog } from "../../../continuity/log-reader.ts";
import { runProbe } from "../../../continuity/process.ts";
import { awaitReady } from "../../../continuity/status.ts";
import { summarise } from "../../../continuity/summary.ts";
import { judgeContinuity } from "../../../continuity/verdict.ts";
import type { ContinuityVerdict, RiskWindow } from "../../../model/report.ts";
import { partition, type PostgresContinuity, type PostgresContinuityOptions } from "../continuity.ts";
import { createDemoCluster, temporaryDirectory, type DemoCluster } from "../demo/demo-cluster.ts";

export class ProbedCluster {
  readonly cluster: DemoCluster;
  /** Of the probe's records; a new one with each `begin`. */
  directory = "";
  readonly #root: string;

  private constructor(root: string, cluster: DemoCluster) {
    this.#root = root;
    this.cluster = cluster;
  }
  static async create(): Promise<ProbedCluster> {
    const root = await temporaryDirectory("stillwater-continuity-");
    const cluster = await createDemoCluster({ directory: join(root, "cluster") });
    await cluster.snapshot();
    return new ProbedCluster(root, cluster);
  }
  async destroy(): Promise<void> {
    await this.cluster.destroy();
    rmSync(this.#root, { recursive: true, force: true });
  }
  begin(): void {
    this.directory = mkdtempSync(join(tmpdir(), "stillwater-probe-"));
  }
  end(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  optionsFor(name: string): PostgresContinuityOptions {
    const { nodes, user, password } = this.cluster;
    return {
      nodes: nodes.map(({ name: node, host, port }) => ({ name: node, host, port })),
      route: { hosts: nodes.map(({ endpoint }) => endpoint) },
      user,
      password,
      database: "postgres",
      name,
      replayWithinMs: 1000,
    };
  }
  async sql(node: string, text: string): Promise<readonly unknown[]> {
    const client = new Client(this.cluster.connection(node));
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  }

  /** The probe around something that happens; its time is the window. `rate`: attempts a second. */
  async probed(client: PostgresContinuity, rate: number, during: () => Promise<void>, deadlineMs = 2000): Promise<RiskWindow> {
    const { directory } = this;
    const stop = new AbortController();
    const probe = runProbe({ client, options: { name: "test", rate, deadlineMs }, directory, signal: stop.signal, signals: false });
    await awaitReady(directory, 10_000);
    await pause(300);
    const from = Date.now();
    await during();
    const window: RiskWindow = { turn: "1", kind: "move", partition, from, to: Date.now() };
    await pause(200);
    stop.abort();
    await probe;
    return window;
  }
  async judge(client: PostgresContinuity, windows: readonly RiskWindow[]): Promise<ContinuityVerdict> {
    const { directory } = this;
    const atEnd = await checkRecords({ client, directory, withinMs: 3000 });
    const afterwards = await checkRecords({ client, directory, withinMs: 3000 });
    return judgeContinuity({
      summary: await summarise(readLog(directory), windows),
      atEnd,
      afterwards,
      rejoinedAt: windows[0]?.to ?? 0,
      verifyAfterS: 0,
      minAcks: 20,
      route: "hosts",
      durability: "test",
    });
  }
}
