import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { samplePlan } from "../cli/testing/plan.fixture.ts";
import { quarryDefinition, quarryModule } from "../cli/testing/quarry.fixture.ts";
import { thisHolder } from "../journal/process-identity.ts";
import { StillwaterError } from "../model/errors.ts";
import { historyOf } from "./history.ts";
import { statusOf } from "./status.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

const gone = { ...thisHolder("apply"), pid: 999_999_999 };

async function withRun(look: (workspace: Workspace) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "stillwater-status-"));
  const workspace = openWorkspace({
    stateDirectory: join(directory, "state"),
    parts: {
      readCluster: () => Promise.resolve(quarryDefinition(join(directory, "nowhere.json"))),
      system: () => Promise.resolve(quarryModule),
      openHost: () => {
        throw new StillwaterError("SW3001", "no host in this test");
      },
    },
  });
  try {
    expect(await statusOf(workspace)).toMatchObject({ cluster: "orders", run: null, open: false });
    const store = await workspace.store();
    const claim = await store.claim({ cluster: "orders", holder: gone, leaseMs: 60_000, above: 0, holderIsDead: () => false });
    const record = await store.createRun(claim, await samplePlan());
    await store.append(claim, record.id, [
      { is: "claimed", holder: "ana on jump1", verb: "apply", pid: gone.pid },
      { is: "acting", step: "n2/freeze", at: 1, settled: 1, before: null },
    ]);
    await look(workspace);
  } finally {
    await workspace.close();
    rmSync(directory, { recursive: true });
  }
}

test("a run whose process is dead is stopped, although its claim has not run out; a cluster that cannot be seen hides nothing", () =>
  withRun(async (workspace) => {
    const status = await statusOf(workspace);
    expect(status).toMatchObject({
      open: true,
      nodes: null,
      notSeen: "no host in this test",
      run: { state: "stopped", turn: { number: 1 }, step: { id: "n2/freeze", number: 1 }, leases: [{ state: "left" }] },
    });
    expect(await historyOf(workspace)).toMatchObject({ runs: [{ run: 1, outcome: "stopped", operator: "ana on jump1", verdict: null }], plans: [] });
  }));

test("errors: a run that is not there, a name that is not this cluster's", () =>
  withRun(async (workspace) => {
    await expect(statusOf(workspace, { run: 7 })).rejects.toMatchObject({ code: "SW1004" });
    await expect(statusOf(workspace, { cluster: "billing" })).rejects.toMatchObject({ code: "SW1001" });
  }));
