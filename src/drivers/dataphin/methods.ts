// What the three modes mean for Dataphin, as data: for verdicts, plans and docs/modes.md (facts 1.3, 1.5, 2).
import type { Mode } from "../../model/goal.ts";

export interface Method {
  /** As the vendor's pages name it. */
  readonly vendor: string;
  /** In one clause. */
  readonly means: string;
  readonly logon: string;
  readonly eligible: string;
  readonly source: string;
}
export const methods: Readonly<Record<Mode, Method>> = {
  "zero-downtime": {
    vendor: "zero-downtime upgrade",
    means: "the application is rolled; a small number of requests may fail and succeed when they are tried again",
    logon: "yes, throughout",
    eligible: "the first three segments of the current and the target version are equal",
    source: "facts 1.3, 2.3; DP-18, DP-19",
  },
  "semi-downtime": {
    vendor: "semi-downtime (partial downtime), the new process",
    means: "what runs goes on and APIs answer; nothing is dispatched while the application is upgraded, and nobody logs on until then",
    logon: "yes, once the application is upgraded",
    eligible: "the current version is 5.1.1 or later",
    source: "facts 1.3, 2.1; DP-4 to DP-8",
  },
  downtime: {
    vendor: "downtime (full downtime), the legacy process",
    means: "running offline instances are stopped and run again afterwards, nothing new is dispatched, nobody logs on until the end",
    logon: "no, not until the end",
    eligible: "always",
    source: "facts 1.3, 2.2; DP-9 to DP-17",
  },
};
