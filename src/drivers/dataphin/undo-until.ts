// Up to when an upgrade can be ended cleanly (facts 1.6). Pure.
import type { Goal } from "../../model/goal.ts";

export function undoUntil({ mode }: Pick<Goal, "mode">): string {
  const backup = "afterwards the vendor knows no way back but the database backup and the former images";
  switch (mode) {
    case "downtime":
      return `until the shutdown begins: dispatch resumes, what was killed runs again; ${backup}`;
    case "semi-downtime":
    case "zero-downtime":
      return `until the application upgrade begins; ${backup}`;
    case "auto":
      return `until the shutdown (downtime) or the application upgrade begins; ${backup}`;
  }
}
