// From facts and a goal to a plan: pure. The time, the user and the overrides are passed in.
import { createHash } from "node:crypto";
import type { SystemDriver } from "../model/driver.ts";
import { StillwaterError, type ErrorCode } from "../model/errors.ts";
import type { Check, Facts } from "../model/facts.ts";
import { modes, type Goal, type Mode, type ModeVerdict } from "../model/goal.ts";
import { asJson, writeCanonicalJson } from "../model/json.ts";
import type { Plan } from "../model/plan.ts";
import { isUndo, type Item, type Turn } from "../model/step.ts";
import { checkDraft } from "./checker.ts";

/** sha256 over the canonical form, in hexadecimal digits. */
export function digest(value: unknown): string {
  const hash = createHash("sha256");
  writeCanonicalJson(value, (piece) => hash.update(piece));
  return hash.digest("hex");
}

/** The hash of a plan: sha256 over the canonical form of everything but `hash`. */
export function planHash(plan: Plan | Omit<Plan, "hash">): string {
  const { hash: _, ...rest } = { hash: "", ...plan };
  return digest(rest);
}
/** How people name a plan: the first eight digits of its hash. */
export const shortHash = (plan: Plan): string => plan.hash.slice(0, 8);

export interface PlanRequest {
  readonly cluster: string;
  readonly lab?: true;
  readonly goal: Goal;
  readonly facts: Facts;
  /** What was found by asking the cluster about this goal; beside the driver's pure prechecks. */
  readonly examined?: readonly Check[];
  readonly overrides: Plan["overrides"];
  readonly rollsBack: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Throws SW2107 (a blocker), SW2108 (no eligible mode), SW2109 (nothing to do), SW2110 (the driver refuses), SW1207 (the checker refuses). */
export function makePlan(driver: SystemDriver, request: PlanRequest): Plan {
  const { facts, goal } = request;
  const draft = driver.plan(facts, goal);
  if ("refused" in draft)
    throw new StillwaterError(refusalCode(draft.code), draft.refused, {
      remedy: draft.clear,
      ...(draft.object === undefined ? {} : { object: draft.object }),
      ...(draft.why === undefined ? {} : { why: draft.why }),
      ...(draft.price === undefined ? {} : { price: draft.price }),
    });
  const verdicts = driver.modes(facts, goal);
  const mode = chooseMode(goal, verdicts);
  const checks = [...driver.check(facts, goal), ...(request.examined ?? [])];
  refuseBlockers(checks, request.overrides);
  const wrong = checkDraft(driver, facts, draft);
  if (wrong.length > 0)
    throw new StillwaterError("SW1207", `The plan that the ${driver.system} driver made breaks its own rules.`, {
      object: request.cluster,
      why: wrong,
    });
  const content: Omit<Plan, "hash"> = {
    version: 1,
    cluster: request.cluster,
    system: driver.system,
    ...(request.lab === true ? { lab: true } : {}),
    goal,
    mode,
    modes: verdicts,
    facts,
    nodes: driver.nodes(facts),
    structureDigest: digest(facts.structure),
    turns: draft.turns,
    impact: driver.impact(facts, goal, mode, draft.turns),
    checks,
    overrides: request.overrides,
    unfenced: unfencedOperations(driver, draft.turns),
    undoUntil: driver.undoUntil(facts, goal),
    rollsBack: request.rollsBack,
    createdAt: request.createdAt,
    createdBy: request.createdBy,
  };
  // What is hashed and shown is exactly what is read back.
  const stored = asJson(content) as unknown as Omit<Plan, "hash">;
  return { ...stored, hash: planHash(stored) };
}

const refusalCodes = ["SW1001", "SW2107", "SW2108", "SW2109"] as const;
const refusalCode = (code: string | undefined): ErrorCode => refusalCodes.find((each) => each === code) ?? "SW2110";

/** The least disruptive mode that is eligible; the one that was asked for, or a refusal with the reasons. */
function chooseMode(goal: Goal, verdicts: readonly ModeVerdict[]): Mode {
  const wanted = goal.mode === "auto" ? modes : [goal.mode];
  const eligible = wanted.find((mode) => verdicts.some((verdict) => verdict.mode === mode && verdict.eligible));
  if (eligible !== undefined) return eligible;
  throw new StillwaterError("SW2108", goal.mode === "auto" ? "No mode is eligible." : `${goal.mode} is not eligible.`, {
    why: verdicts.map((verdict) => `${verdict.mode}: ${verdict.eligible ? "eligible" : "not eligible"}: ${verdict.why}`),
  });
}

function refuseBlockers(checks: readonly Check[], overrides: Plan["overrides"]): void {
  const accepted = new Set(overrides.map((override) => override.code));
  const standing = checks.filter((check) => check.verdict === "blocker" && !(check.price !== undefined && accepted.has(check.code)));
  // What no override helps against comes first: nobody should accept a price and be refused all the same.
  const [first, ...others] = standing.toSorted((a, b) => Number(a.price !== undefined) - Number(b.price !== undefined));
  if (!first) return;
  throw new StillwaterError("SW2107", `${first.object}: ${first.what}`, {
    object: first.object,
    why: [`${first.code}: ${first.what}`, ...others.map((other) => `${other.code}: ${other.object}: ${other.what}`)],
    ...(first.remedy === undefined ? {} : { remedy: first.remedy }),
    ...(first.price === undefined ? {} : { price: first.price, override: first.code }),
  });
}

function unfencedOperations(driver: SystemDriver, turns: readonly Turn[]): readonly string[] {
  const names = new Set(turns.flatMap((turn) => turn.items).flatMap((item: Item) => (isUndo(item) ? [] : [item.do, ...(item.may?.do ?? [])])));
  return [...names].filter((name) => driver.operations[name]?.fenced === "unfenced").sort();
}
