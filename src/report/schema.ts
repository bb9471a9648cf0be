// The report as other programs read it. docs/schemas/report.json is generated from here; a test keeps both the same.
import { z } from "zod";
import { goalKinds, modes } from "../model/goal.ts";
import { phases } from "../model/step.ts";
import type { Report } from "../model/report.ts";

const ms = z.number().describe("milliseconds");
const moment = z.number().describe("milliseconds since 1970");
const amount = z.int().min(0);
const verdict = z.enum(["pass", "fail", "not-measured"]).describe("pass only when everything that it stands for was measured");

const impactForecast = z.object({
  feature: z.string(),
  turn: z.string(),
  effect: z.enum(["none", "degraded", "refused", "paused", "lost"]),
  expectedMs: ms,
  basis: z.string().describe("where the duration comes from"),
  source: z.string().describe("the rule's source"),
  amount: z.object({ value: z.number(), unit: z.string() }).exactOptional().describe("where the effect is a number of things: how many at most"),
  measure: z
    .discriminatedUnion("by", [
      z.object({ by: z.literal("longest-write-gap") }),
      z.object({ by: z.literal("node-unavailable"), node: z.string() }),
      z.object({ by: z.literal("lease-held"), step: z.string() }),
      z.object({ by: z.literal("watch"), feature: z.string(), of: z.enum(["longest", "total"]) }),
      z.object({ by: z.literal("count"), what: z.string() }),
    ])
    .nullable(),
});

const bar = z.object({
  step: z.string(),
  parent: z.string().nullable(),
  turn: z.string().nullable(),
  nodes: z.array(z.string()),
  phase: z.enum(phases),
  title: z.string().nullable(),
  from: moment,
  to: moment.nullable(),
  acts: amount,
  done: z.boolean(),
  undo: z.boolean(),
});

const record = z.object({
  initialVersion: z.string().nullable(),
  targetVersion: z.string().nullable(),
  startedAt: moment.nullable(),
  durationMs: ms.nullable(),
  maintenance: z.object({ startedAt: moment, durationMs: ms.nullable() }).nullable(),
  instants: z.array(z.object({ instant: z.string(), at: moment })),
});
const watched = z.object({
  features: z.array(
    z.object({
      feature: z.string(),
      tries: amount,
      works: amount,
      refused: amount,
      failed: amount,
      outages: z.array(z.object({ from: moment, to: moment.nullable(), why: z.string() })),
      holesMs: ms,
      holes: z.array(z.object({ from: moment, to: moment })).exactOptional(),
    }),
  ),
  events: z.array(
    z.object({
      key: z.string(),
      at: moment,
      object: z.string(),
      what: z.string(),
      watch: z.string(),
      policy: z.enum(["deliver", "queue", "drop"]),
      why: z.string(),
      seenAt: moment,
      deliveredAt: moment.nullable(),
    }),
  ),
  blind: z.array(z.object({ watch: z.string(), since: moment.nullable(), why: z.string() })).exactOptional(),
});

const timeline = z.object({
  from: moment,
  to: moment,
  bars: z.array(bar),
  turns: z.array(
    z.object({ id: z.string(), title: z.string().nullable(), nodes: z.array(z.string()), from: moment.nullable(), to: moment.nullable() }),
  ),
  nodes: z.array(z.object({ node: z.string(), restarts: amount, unavailable: z.array(z.object({ from: moment, to: moment.nullable() })) })),
  away: z.array(
    z.object({ is: z.enum(["gone", "pause", "ask"]), from: moment, to: moment.nullable(), step: z.string().nullable(), why: z.string() }),
  ),
  claims: z.array(z.object({ epoch: amount, at: moment, holder: z.string(), verb: z.string() })),
  wallMs: ms,
  criticalPathMs: ms,
});

const detail = z.object({
  plan: z.object({
    hash: z.string(),
    createdAt: z.string(),
    createdBy: z.string(),
    goalVersion: z.string().nullable(),
    settings: z.array(z.string()).describe("keys only: a value may be a secret"),
    undoUntil: z.string(),
    rollsBack: z.string().nullable(),
    turns: z.array(z.object({ id: z.string(), title: z.string().nullable(), nodes: z.array(z.string()), role: z.string().nullable() })),
    unfenced: z.array(z.string()),
  }),
  timeline,
  windows: z.array(z.object({ turn: z.string(), kind: z.enum(["move", "restart"]), partition: z.string(), from: moment, to: moment })),
  series: z.array(
    z.object({
      from: moment,
      to: moment,
      acknowledged: amount,
      refused: amount,
      unknown: amount,
      p50Ms: ms.nullable(),
      p99Ms: ms.nullable(),
      longestGap: z.object({ from: moment, to: moment }).nullable(),
    }),
  ),
  leases: z.array(z.object({ step: z.string(), title: z.string(), from: moment, to: moment.nullable().describe("null: not put back") })),
  aborted: z.object({ by: z.string(), reason: z.string() }).nullable(),
  alarms: z.array(z.object({ at: moment, what: z.string() })),
});

const reportSchema = z
  .object({
    version: z.literal(1),
    run: amount,
    cluster: z.string(),
    system: z.string(),
    lab: z.literal(true).exactOptional().describe("the cluster is a lab: its servers are simulated"),
    mode: z.enum(modes),
    goal: z.enum(goalKinds),
    verdict,
    sentence: z.string().describe("the printed sentence of the proof"),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    outcome: z.enum(["succeeded", "aborted", "force-stopped", "unfinished"]),
    nodes: z.array(
      z.object({
        name: z.string(),
        role: z.string(),
        roleBefore: z.string().exactOptional(),
        from: z.string().nullable(),
        to: z.string().nullable(),
        restarts: amount,
      }),
    ),
    leases: z.object({ taken: amount, putBack: amount, left: amount }),
    wallMs: ms,
    criticalPathMs: ms.describe("milliseconds in which steps were really under way"),
    impact: z.array(
      z.object({
        feature: z.string(),
        phase: z.string(),
        forecast: impactForecast,
        measured: z.object({ ms, evidence: z.string(), amount: z.object({ value: z.number(), unit: z.string() }).exactOptional() }).nullable(),
        holds: z.boolean().nullable().describe("measured <= 1.5 x expected + 250 ms; null: not measured"),
      }),
    ),
    continuity: z.object({
      verdict,
      notApplicable: z.literal(true).exactOptional().describe("the system stores no records of its clients'"),
      why: z.array(z.string()),
      scope: z.object({ partitionsTouched: amount, partitionsProbed: amount, route: z.string(), durability: z.string() }),
      attempts: amount,
      acknowledged: amount,
      refused: amount,
      unknown: amount,
      lost: amount,
      corrupted: amount,
      duplicated: amount,
      replicaOnly: amount,
      windows: amount,
      windowsMeasured: amount,
      probeHolesMs: ms,
      longestWriteGapMs: ms.nullable(),
      p99Ms: z.object({ before: ms.nullable(), during: ms.nullable(), after: ms.nullable() }),
      control: z.enum(["caught", "missed"]),
    }),
    systemProof: z.object({
      coverage: z.string().nullable(),
      objects: z.array(z.object({ object: z.string(), evidence: z.string() })),
      violations: z.array(z.object({ object: z.string(), what: z.string() })),
    }),
    overrides: z.array(z.object({ code: z.string(), by: z.string(), reason: z.string() })),
    answers: z.array(z.object({ step: z.string(), answer: z.string(), by: z.string(), reason: z.string() })),
    notSeen: z.array(z.string()),
    forced: z
      .object({ mark: z.enum(["succeeded", "failed"]), by: z.string(), reason: z.string(), left: z.array(z.string()) })
      .exactOptional()
      .describe("of a run that an operator stopped by force: what he says came of it, and what is still set"),
    record: record.exactOptional().describe("the record that a vendor's console keeps of an upgrade"),
    watched: watched.exactOptional().describe("what was tried and seen beside the run"),
    detail: detail.exactOptional().describe("what the picture of a rendered report is drawn from"),
  })
  .meta({ title: "Stillwater report", description: "Keys are stable; more may be added." });

/** Throws a ZodError that names each key that is wrong. */
export const parseReport = (value: unknown): Report => reportSchema.parse(value);

/** JSON Schema 2020-12; keys that it does not know are allowed. */
export const reportJsonSchema = (): unknown => z.toJSONSchema(reportSchema, { io: "input" });
