// The steps that a fault can hit, by their ids in the plan.
export const columns = [
  "backup",
  "schedules",
  "drain",
  "stop",
  "replace",
  "ready",
  "artefacts",
  "redeploy",
  "upgrade",
  "verify",
  "start",
  "enable",
] as const;
export type Column = (typeof columns)[number];

const byId: readonly (readonly [RegExp, Column])[] = [
  [/^undo programs/, "start"],
  [/^undo schedules/, "enable"],
  [/^backup/, "backup"],
  [/^schedules/, "schedules"],
  [/^programs$/, "drain"],
  [/^programs\//, "stop"],
  [/^replace/, "replace"],
  [/^ready/, "ready"],
  [/^system artefacts/, "artefacts"],
  [/^(?:checkpoints|redeploy) /, "redeploy"],
  [/^upgrade /, "upgrade"],
  [/^verify /, "verify"],
];
/** Error for a step that this table does not know: a new one must be hit, too. */
export function columnOf(step: string): Column {
  const found = byId.find(([pattern]) => pattern.test(step));
  if (found === undefined) throw new Error(`no column of the coverage has the step ${step}`);
  return found[1];
}
