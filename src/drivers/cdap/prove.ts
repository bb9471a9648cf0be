// The system's own evidence: the ledger is complete, each stopped run ended and how, each was started again exactly once, and configurations are what they
// were (facts 6, 10). From what steps left in the journal, and the facts before and after. Pure.
import type { StepEvidence, SystemProof } from "../../model/driver.ts";
import type { Json } from "../../model/json.ts";
import type { CdapFacts } from "./facts.ts";
import { secureKeysNote } from "./backup/files.ts";
import { isBackupProof } from "./operations/backup.ts";
import { isCopyProof } from "./operations/copy-checkpoints.ts";
import { isRestoreProof } from "./operations/restore-definitions.ts";
import { isStartProof } from "./operations/start-programs.ts";
import { isAnswered } from "./operations/stop-programs.ts";
import { isStopProof } from "./operations/stop-runs.ts";
import { isVerifyProof } from "./operations/verify-apps.ts";
import type { StepParams } from "./step-names.ts";
import { isActive, programText, runStatuses } from "./wire/programs.ts";

type Finding = { readonly object: string; readonly what: string };
type Evidence = SystemProof["objects"][number];

export function prove(evidence: readonly StepEvidence[], _before: CdapFacts, after: CdapFacts): SystemProof {
  const parts = [
    stopped(evidence),
    stayed(evidence),
    named(evidence),
    started(evidence, after),
    backedUp(evidence),
    copied(evidence),
    restored(evidence),
    verified(evidence),
  ];
  const covered = parts.flatMap(({ covers }) => (covers === null ? [] : [covers]));
  return {
    coverage: covered.length === 0 ? null : covered.join("; "),
    objects: parts.flatMap(({ objects }) => objects),
    violations: parts.flatMap(({ violations }) => violations),
  };
}
interface Part {
  /** Null: nothing of it in this run. */
  readonly covers: string | null;
  readonly objects: readonly Evidence[];
  readonly violations: readonly Finding[];
}
const of = <T extends Json>(evidence: readonly StepEvidence[], name: string, is: (proof: Json) => proof is T): readonly T[] =>
  evidence.flatMap((each) => (each.do === name && is(each.proof) ? [each.proof] : []));
const many = (count: number, what: string): string => `${String(count)} ${what}${count === 1 ? "" : "s"}`;

function stopped(evidence: readonly StepEvidence[]): Part {
  const runs = of(evidence, "stopRuns", isStopProof).flatMap((proof) => proof.runs);
  if (runs.length === 0) return { covers: null, objects: [], violations: [] };
  const groups = Map.groupBy(runs, ({ endState, by }) =>
    by === "force" ? `${endState} by force` : by === "itself" ? `${endState} by itself` : endState,
  );
  const longest = Math.max(0, ...runs.flatMap(({ seconds }) => seconds ?? []));
  return {
    covers: `${many(runs.length, "run")} in the ledger, each with its end`,
    objects: [
      {
        object: "runs stopped",
        evidence: `${[...groups].map(([state, own]) => `${String(own.length)} ${state}`).join(", ")}; the longest stop took ${String(longest)} s`,
      },
    ],
    violations: runs
      .filter(({ endState }) => endState === "STUCK" || endState === "VANISHED")
      .map((run) => ({
        object: `${programText(run)} run ${run.runId}`,
        what:
          run.endState === "STUCK"
            ? `STUCK: STOPPING for ${String(run.seconds)} s, and its controller is gone`
            : "the server knows no such run any more",
      })),
  };
}

/** What was to be stopped runs again: a stop suspends no schedules, and whoever goes on from it must not take it for a drain. */
function stayed(evidence: readonly StepEvidence[]): Part {
  const answers = of(evidence, "stopPrograms", isAnswered).flatMap((proof) => proof.answers);
  const again = new Map(
    answers.flatMap(({ runs }) =>
      runs.filter(({ endState }) => runStatuses.some((status) => status === endState && isActive(status))).map((run) => [run.runId, run]),
    ),
  );
  return {
    covers: null,
    objects: [],
    violations: [...again.values()].map(({ program, runId }) => ({ object: `${program} run ${runId}`, what: "began after the stop, and runs" })),
  };
}

/** What an operator has named, and no stop could be meant by: whoever has mistyped a name must not read that all is well. */
function named(evidence: readonly StepEvidence[]): Part {
  const violations = evidence.flatMap(({ do: name, params, proof }): readonly Finding[] => {
    if (name !== "stopPrograms" || !isAnswered(proof)) return [];
    const { inputs } = params as StepParams["stopPrograms"];
    const unmet = proof.answers.filter(
      ({ statusCode, error = "" }) => statusCode === 404 || (statusCode === 400 && !/ is not running|stopped already$/.test(error)),
    );
    return unmet.map(({ input, error = "" }) => ({ object: JSON.stringify(inputs[input] ?? {}), what: error }));
  });
  const inputs = of(evidence, "stopPrograms", isAnswered).flatMap(({ answers }) => answers).length;
  return { covers: inputs === 0 ? null : `${many(inputs, "input")} looked for over all versions, each with its answer`, objects: [], violations };
}

function started(evidence: readonly StepEvidence[], after: CdapFacts): Part {
  const runs = of(evidence, "startPrograms", isStartProof).flatMap((proof) => proof.started);
  if (runs.length === 0) return { covers: null, objects: [], violations: [] };
  const active = new Set(after.now.activeRuns.map(({ runId }) => runId));
  const again = runs.filter(({ is }) => is === "started");
  const left = runs.filter(({ is }) => is !== "started" && is !== "gone");
  return {
    covers: `${many(again.length, "run")} started again, each once by its mark`,
    objects: [
      {
        object: "runs started",
        evidence: `${String(again.length)}, of which ${String(again.filter(({ runId }) => runId !== null && active.has(runId)).length)} run now`,
      },
      ...left.map((run): Evidence => ({ object: programText(run), evidence: `${run.is}: ${run.why}` })),
    ],
    violations: [
      ...again.filter(({ why }) => why !== "once").map((run) => ({ object: programText(run), what: `started ${run.why}` })),
      ...again
        .filter(({ status }) => status === "FAILED")
        .map((run) => ({ object: programText(run), what: `run ${run.runId ?? ""} FAILED after its start` })),
      ...runs.filter(({ is }) => is === "gone").map((run) => ({ object: programText(run), what: `not started: ${run.why}` })),
    ],
  };
}

function backedUp(evidence: readonly StepEvidence[]): Part {
  const [backup] = of(evidence, "backup", isBackupProof);
  if (backup === undefined) return { covers: null, objects: [], violations: [] };
  return {
    covers: [
      `a backup of ${many(backup.applications, "application")}, reopened, counted and hashed`,
      // On every screen: whoever needs it finds out too late otherwise.
      ...backup.notes.filter((note) => note.startsWith(secureKeysNote)).map((note) => `in it ${note}`),
    ].join(", "),
    objects: [
      { object: backup.directory, evidence: `${many(backup.files, "file")}, manifest sha256 ${backup.manifest}; export: ${backup.export}` },
      ...backup.notes.map((note): Evidence => ({ object: "not in the backup", evidence: note })),
    ],
    violations: [],
  };
}

function copied(evidence: readonly StepEvidence[]): Part {
  const proofs = of(evidence, "copyCheckpoints", isCopyProof);
  return {
    covers: proofs.length === 0 ? null : `${many(proofs.length, "checkpoint")} copied by the operator's command`,
    objects: proofs.map(({ app, from, copy }): Evidence => ({ object: `checkpoint of ${app}`, evidence: `${from} copied to ${copy}` })),
    violations: [],
  };
}

function restored(evidence: readonly StepEvidence[]): Part {
  const proofs = of(evidence, "restoreDefinitions", isRestoreProof);
  const count = proofs.reduce((sum, { equal }) => sum + equal, 0);
  return {
    covers: proofs.length === 0 ? null : `${many(count, "definition")} equal to the backup by meaning`,
    objects: proofs.map(({ kind, equal, objects }): Evidence => ({
      object: kind,
      evidence: `${String(equal)} of ${String(objects)} equal to the backup`,
    })),
    violations: [],
  };
}

function verified(evidence: readonly StepEvidence[]): Part {
  const proofs = of(evidence, "verifyApps", isVerifyProof);
  if (proofs.length === 0) return { covers: null, objects: [], violations: [] };
  const apps = proofs.reduce((sum, proof) => sum + proof.apps, 0);
  const schedules = proofs.reduce((sum, proof) => sum + proof.schedules, 0);
  return {
    covers: `configurations of ${many(apps, "application")} and ${many(schedules, "schedule")} compared with the backup`,
    objects: [{ object: "applications upgraded", evidence: `${String(apps)} read again: artefacts, plug-ins, configuration, schedules` }],
    violations: proofs.flatMap(({ differences }) => differences.map(({ app, what }): Finding => ({ object: app, what }))),
  };
}
