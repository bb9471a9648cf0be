// The plan as it lies in a file. The types come from the model; that both say the same is checked by the compiler at the end.
import * as z from "zod";
import { parsedJson as json } from "../../model/json-schema.ts";
import { phases } from "../../model/step.ts";

const text = z.string();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits");
const milliseconds = z.number().nonnegative();
const mode = z.enum(["zero-downtime", "semi-downtime", "downtime"]);

const step = z.strictObject({
  id: text.min(1).describe("unique in the plan"),
  phase: z.enum(phases),
  do: text.min(1).describe("an operation of the driver"),
  params: json,
  title: text.optional(),
  expectedMs: milliseconds.optional(),
  held: z.enum(["release", "page", "finish-then-release"]).optional().describe("a lease: what the watchdog does with it when nobody is there"),
  ask: text.optional().describe("shown to a person, who must answer before the step begins"),
  commits: z.strictObject({ of: z.enum(["turn", "run"]), why: text }).optional(),
  may: z
    .strictObject({ do: z.array(text), atMost: z.int().nonnegative() })
    .optional()
    .describe("what the step may expand into at run time"),
  withinMs: milliseconds.optional(),
  instant: text.optional(),
  note: text.optional(),
  maintenance: z.enum(["begins", "begins-with", "ends"]).optional(),
});
const undo = z.strictObject({ undo: text.min(1).describe("the id of the step that is put back") });

const turn = z.strictObject({
  id: text.min(1),
  nodes: z.array(text),
  title: text.optional(),
  role: text.optional(),
  heals: z.literal(true).optional(),
  items: z.array(z.union([step, undo])),
});

const kept = z.array(z.strictObject({ do: text, params: json, before: json, proof: json }));
const programInput = z.strictObject({
  namespace: text.optional(),
  appId: text.optional(),
  appVersion: text.optional(),
  programType: text.optional(),
  programId: text.optional(),
  runId: text.optional(),
  runtimeargs: z.record(z.string(), z.string()).optional(),
});

const goal = z.strictObject({
  version: text.nullable(),
  artefact: z.strictObject({ path: text, sha256, bytes: z.int().nonnegative(), version: text }).nullable(),
  settings: z.record(text, text.nullable()),
  restart: z.boolean(),
  mode: z.enum(["zero-downtime", "semi-downtime", "downtime", "auto"]),
  only: z.array(text).nullable(),
  maintenance: z
    .discriminatedUnion("is", [
      z.strictObject({ is: z.literal("recover") }),
      z.strictObject({ is: z.literal("drain"), node: text }),
      z.strictObject({
        is: z.literal("restore"),
        node: text,
        drained: kept.describe("what the drain of this node kept"),
      }),
      z.strictObject({
        is: z.literal("stop-programs"),
        inputs: z.array(programInput),
        grace: z.union([z.enum(["server", "never"]), z.int().nonnegative().describe("seconds; then by force")]),
      }),
      z.strictObject({
        is: z.literal("start-programs"),
        inputs: z.array(programInput),
        stopped: kept.describe("what an earlier stop kept"),
        token: text,
      }),
      z.strictObject({ is: z.literal("backup"), directory: text }),
      z.strictObject({ is: z.literal("restore-backup"), directory: text, app: text.nullable() }),
    ])
    .optional(),
  options: z.record(text, text),
});

const node = z.strictObject({
  name: text,
  role: text,
  endpoint: text,
  version: text.nullable(),
  installed: text.nullable(),
  state: z.enum(["serving", "down", "unreachable"]),
  detail: text,
});

const check = z.strictObject({
  code: text,
  object: text,
  verdict: z.enum(["passed", "warning", "blocker", "not-measured"]),
  what: text,
  remedy: text.optional(),
  price: text.optional(),
  source: text.optional(),
});

const impact = z.strictObject({
  feature: text,
  turn: text,
  effect: z.enum(["none", "degraded", "refused", "paused", "lost"]),
  expectedMs: milliseconds,
  basis: text,
  source: text,
  amount: z.strictObject({ value: z.number(), unit: text }).optional(),
  measure: z
    .union([
      z.strictObject({ by: z.literal("longest-write-gap") }),
      z.strictObject({ by: z.literal("node-unavailable"), node: text }),
      z.strictObject({ by: z.literal("lease-held"), step: text }),
      z.strictObject({ by: z.literal("watch"), feature: text, of: z.enum(["longest", "total"]) }),
      z.strictObject({ by: z.literal("count"), what: text }),
    ])
    .nullable(),
});

export const planSchema = z.strictObject({
  version: z.literal(1),
  hash: sha256.describe("sha256 over the canonical form (keys sorted, no white space) of everything else"),
  cluster: text.min(1),
  system: text.min(1),
  lab: z.literal(true).optional().describe("the cluster is a lab: its servers are simulated"),
  goal,
  mode,
  modes: z.array(z.strictObject({ mode, eligible: z.boolean(), why: text })),
  facts: z.strictObject({ structure: json, now: json }),
  nodes: z.array(node).optional().describe("the nodes as they were when the plan was made"),
  structureDigest: sha256.describe("sha256 over the canonical form of facts.structure"),
  turns: z.array(turn),
  impact: z.array(impact),
  checks: z.array(check),
  overrides: z.array(z.strictObject({ code: text, by: text, reason: text })),
  unfenced: z.array(text),
  undoUntil: text,
  rollsBack: text.nullable(),
  createdAt: z.iso.datetime(),
  createdBy: text,
});
