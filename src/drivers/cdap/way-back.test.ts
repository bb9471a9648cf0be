import { describe, expect, test } from "vitest";
import type { Goal } from "../../model/goal.ts";
import { plan } from "./planning/plan.ts";
import { isUndo } from "../../model/step.ts";
import { checks } from "./checks/checks.ts";
import { appOn, appsGoal, factsOf, maintenanceGoal, platformGoal, system } from "./testing/facts-fixture.ts";
import { goalBack, undoUntil } from "./way-back.ts";

const facts = factsOf({
  apps: { a: appOn(system("cdap-data-pipeline", "6.9.2")) },
  artifacts: [system("cdap-data-pipeline", "6.9.2"), system("cdap-data-pipeline", "6.9.3")],
});
const surroundings = { namespaces: null, upgrade: { by: "operator" }, backups: "/b", checkpoints: {} } as const;
const backupOf = (goal: Goal): unknown => {
  const draft = plan(facts, goal, surroundings);
  if ("refused" in draft) throw new Error(draft.refused);
  return draft.turns.flatMap(({ items }) => items).find((item) => !isUndo(item) && item.do === "backup");
};

describe("the way back", () => {
  test("of applications is the very backup that their run has made [CD-9]", () => {
    const back = goalBack("/b", facts, appsGoal());
    expect(back).toMatchObject({ version: null, options: {}, maintenance: { is: "restore-backup", app: "default.a" } });
    const directory = back.maintenance?.is === "restore-backup" ? back.maintenance.directory : null;
    expect(backupOf(appsGoal())).toMatchObject({ params: { directory } });
  });
  test("of CDAP itself is refused: there is none", () => {
    const back = goalBack("/b", factsOf({ version: "6.9.2" }), platformGoal("6.10.1"));
    expect(back.version).toBe("6.9.2");
    const [check] = checks(factsOf({ version: "6.10.1" }), back).filter(({ code }) => code === "version-path");
    expect(check).toMatchObject({ verdict: "blocker", what: expect.stringContaining("no way down") as string });
    expect(check?.price).toBeUndefined();
  });
  test("of stopped programs is their start, which is said", () => {
    const stopped = maintenanceGoal({ is: "stop-programs", inputs: [], grace: "server" });
    expect(() => goalBack("/b", facts, stopped)).toThrow(
      expect.objectContaining({ code: "SW2006", remedy: expect.stringContaining("programs start") as string }) as Error,
    );
  });
  test("is said before, by what the server keeps [CD-1]", () => {
    expect(undoUntil(facts, appsGoal())).toContain("kept by CDAP");
    expect(undoUntil(factsOf({ version: "6.8.3" }), appsGoal())).toContain("overwrites");
    expect(undoUntil(facts, platformGoal("6.10.1"))).toContain("no downgrade");
    expect(undoUntil(facts, maintenanceGoal({ is: "stop-programs", inputs: [], grace: "server" }))).toContain("ledger");
  });
});
