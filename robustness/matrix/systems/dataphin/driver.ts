// Dataphin: steps that only a person can do in the console, steps that only a person can judge, and one of ours between.
import type { Driver } from "../../../../src/model/driver.ts";
import type { Facts } from "../../../../src/model/facts.ts";
import type { Mode } from "../../../../src/model/goal.ts";
import type { Item } from "../../../../src/model/step.ts";
import { holding, operation, operationTable } from "../../../../src/planner/kit.ts";
import type { FakeDataphin } from "./fake.ts";

type Structure = { readonly version: string };
type Now = { readonly maintenance: boolean };
export type DataphinFacts = Facts<Structure, Now>;
export interface DataphinGoal {
  readonly version: string;
  readonly mode: Mode;
}

export function dataphinDriver(app: FakeDataphin): Driver<DataphinFacts, DataphinGoal> {
  /** No act: the question tells a person what to do, the look sees that it was done. */
  const maintenance = operation<DataphinFacts, { readonly is: boolean }>("maintenance", {
    look: async ({ is }) => (app.api().maintenance === is ? { is: "done" } : { is: "open", why: "nobody has pressed it" }),
    undo: (): readonly Item[] => [maintenance.step("leave", "restore", { is: false }, { ask: "Leave maintenance mode in the console" })],
  });
  const backup = operation<DataphinFacts, { readonly name: string }>("backup", {
    fenced: "host",
    look: async ({ name }) => (app.backups.includes(name) ? { is: "done" } : { is: "open" }),
    act: async ({ name }, _, context) => context.send("application", () => (app.backup(name), null)),
  });
  const upgrade = operation<DataphinFacts, { readonly version: string }>("upgrade", {
    look: async ({ version }) => (app.api().version === version ? { is: "done" } : { is: "open", why: "the console has not upgraded" }),
  });
  /** Nothing to look at: the answer of the person is all there is, and the journal has his name. */
  const verified = operation<DataphinFacts, null>("verified", { look: async () => ({ is: "done" }) });

  return {
    system: "dataphin",
    operations: operationTable<DataphinFacts>(maintenance, backup, upgrade, verified),
    invariants: [],
    async inspect() {
      const { version, maintenance: is } = app.api();
      return { structure: { version }, now: { maintenance: is } };
    },
    plan(facts, { version, mode }) {
      const release = (full: string): string => full.split(".").slice(0, 3).join(".");
      if (mode === "zero-downtime" && release(facts.structure.version) !== release(version))
        return { refused: "zero-downtime needs the first three segments to be equal", clear: "choose downtime" };
      if (facts.structure.version === version) return { refused: "this version runs", clear: "nothing to do" };
      const items = holding(
        maintenance.step("maintenance", "guard", { is: true }, { ask: "Enter maintenance mode in the console" }),
        "page",
        backup.step("backup", "backup", { name: `before ${version}` }),
        upgrade.step(
          "upgrade",
          "replace",
          { version },
          { ask: `Press Upgrade to ${version} in the console`, commits: { of: "run", why: "the console has no way back" } },
        ),
        verified.step("verify", "verify", null, { ask: "Log on and verify the result" }),
      );
      return { turns: [{ id: "application", nodes: ["application"], items }] };
    },
  };
}
