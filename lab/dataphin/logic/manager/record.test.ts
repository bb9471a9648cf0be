import { expect, it } from "vitest";
import { refusesMode, stepsOf } from "./record.ts";

it("[DP-1] zero-downtime within three equal segments, semi-downtime from V5.1.1 on, downtime always", () => {
  expect(refusesMode("zero-downtime", "V5.1.2.02", "V5.1.2.04")).toBeNull();
  expect(refusesMode("zero-downtime", "v6.3.0.964601", "6.3.1.1")).toContain("same first three segments");
  expect(refusesMode("semi-downtime", "V5.1.1", "V5.2.0")).toBeNull();
  expect(refusesMode("semi-downtime", "V5.1.0.99", "V5.2.0")).toContain("from V5.1.1 on");
  expect(refusesMode("downtime", "V4.0.0", "V5.2.0")).toBeNull();
  expect(refusesMode("downtime", "V4.0.0", "newest")).toContain("no version");
});
it("[DP-2] the backup comes before whatever changes the database, in every mode that has one", () => {
  for (const mode of ["semi-downtime", "downtime"] as const) {
    const steps = stepsOf[mode];
    for (const later of ["pre-upgrade", "upgrade-application", "update-data"] as const)
      expect(steps.indexOf("backup-database")).toBeLessThan(steps.indexOf(later));
  }
});
