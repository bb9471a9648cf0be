import type * as z from "zod";
import { StillwaterError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { planHash } from "../plan.ts";
import { planSchema } from "./schema.ts";

const mostProblems = 8;

/** Reads a plan file. `name` names it in errors: SW1208 (not a plan), SW1209 (a version from elsewhere), SW1202 (changed after it was made). */
export function parsePlan(text: string, name: string): Plan {
  try {
    return checkedPlan(text, name);
  } catch (error) {
    // JSON nested a hundred thousand deep exhausts the stack of every reader; it is a bad file, not a defect.
    if (error instanceof RangeError)
      throw new StillwaterError("SW1208", "The file is not a plan: it is nested too deep.", { object: name, cause: error });
    throw error;
  }
}

function checkedPlan(text: string, name: string): Plan {
  const content = parseJson(text, name);
  const version = versionOf(content);
  if (typeof version === "number" && version !== 1)
    throw new StillwaterError("SW1209", `The plan file has version ${version}; this release knows version 1.`, { object: name });
  const { success, error } = planSchema.safeParse(content);
  if (!success)
    throw new StillwaterError("SW1208", "The file is not a plan.", {
      object: name,
      why: [
        ...error.issues.slice(0, mostProblems).map(problem),
        ...(error.issues.length > mostProblems ? [`and ${error.issues.length - mostProblems} more`] : []),
      ],
    });
  // The content as it was read, not as the schema gave it back: what is hashed must be what is applied.
  const plan = content as Plan;
  const hash = planHash(plan);
  if (hash !== plan.hash)
    throw new StillwaterError("SW1202", "The plan was changed after it was made: its hash does not match its content.", {
      object: name,
      why: [`hash in the file   ${plan.hash}`, `hash of its content ${hash}`],
    });
  return plan;
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new StillwaterError("SW1208", "The file is not a plan: it is not JSON.", {
      object: name,
      why: [error instanceof Error ? error.message : String(error)],
      cause: error,
    });
  }
}

const versionOf = (content: unknown): unknown =>
  typeof content === "object" && content !== null && "version" in content ? content.version : undefined;

const problem = (issue: z.core.$ZodIssue): string => {
  const path = issue.path.map(String).join(".");
  return path === "" ? issue.message : `${path}: ${issue.message}`;
};
