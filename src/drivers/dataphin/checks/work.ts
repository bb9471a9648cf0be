// What the upgrade does to work that runs or waits (facts 2.1, 2.2, 2.5).
import type { Check } from "../../../model/facts.ts";
import { dueIn } from "../impact/amounts.ts";
import { count, lasting, notMeasured, passed, some, warning, type Scope } from "./check-kit.ts";

export const workChecks = (scope: Scope): readonly Check[] => [
  ...runningCheck(scope),
  ...pendingCheck(scope),
  ...autoRerunCheck(scope),
  ...realtimeCheck(scope),
];

function runningCheck({ facts, mode, declared }: Scope): readonly Check[] {
  const { instances } = facts.now;
  if (instances === null) return [];
  const { running } = instances;
  if (mode !== "downtime" || running.length === 0)
    return [passed("running", "offline instances", `${count(running.length, "instance")} running${mode === "downtime" ? "" : ": they run on"}`)];
  const names = some([...new Set(running.map(({ node }) => node))]);
  const careful = new Map((declared.notIdempotent ?? []).map(({ node, source }) => [node, source]));
  const asked = running.filter(({ node, nodeId }) => careful.has(node) || careful.has(nodeId));
  return [
    warning("running", "offline instances", `${count(running.length, "instance")} running now would be stopped and run again: ${names}`, {
      remedy: "Begin when less runs (`-o start=`), or let them end by themselves first (`-o drain=MINUTES`).",
      source: "facts 2.2 D1, DP-9",
    }),
    ...(asked.length === 0
      ? []
      : [
          warning(
            "not-idempotent",
            some(asked.map(({ node }) => node)),
            `${count(asked.length, "instance")} must not run twice unseen: a person is asked before it runs again`,
            {
              remedy: "Let them end before: `-o drain=MINUTES`.",
              source: `declared.notIdempotent: ${some([...new Set(careful.values())])}`,
            },
          ),
        ]),
  ];
}

function pendingCheck(scope: Scope): readonly Check[] {
  const { facts, mode, window, spans } = scope;
  const { instances } = facts.now;
  if (instances === null) return [];
  const held = mode === "downtime" ? "dispatch stopped" : "application upgrade";
  const due = dueIn(facts, window.from, window.from + Math.max(spans(held), window.durationMs));
  const words = `${count(instances.pending, "instance")} pending, ${String(due)} of them due in the window${instances.paused > 0 ? `; ${count(instances.paused, "instance")} of paused nodes` : ""}`;
  if (mode === "zero-downtime" || due === 0) return [passed("pending", "offline instances", words)];
  return [
    warning("pending", "offline instances", `${words}: dispatched late, by up to ${lasting(scope, held)}`, {
      remedy: "Choose a start at which less is due: `-o start=HH:MM`.",
      source: mode === "downtime" ? "facts 2.2 D2, DP-9" : "facts 2.1 S2, DP-5",
    }),
  ];
}

/** A killed instance is FAILED: a platform that runs failed ones again would start it before its turn, and once more than we do. */
function autoRerunCheck({ mode, declared: { autoRerun } }: Scope): readonly Check[] {
  if (mode !== "downtime") return [];
  const source = "facts 2.5: force-stop marks FAILED, auto-rerun dispatches FAILED instances";
  if (autoRerun === undefined)
    return [
      notMeasured("auto-rerun", "offline instances", "no API tells whether the tenant, or a task, runs failed instances again by itself", {
        remedy: "Say it under options.declared.autoRerun, with its source. Dispatch is stopped before anything is killed in either case.",
        source,
      }),
    ];
  return [
    autoRerun.on
      ? warning(
          "auto-rerun",
          "offline instances",
          `failed instances are run again by the platform (${autoRerun.source}): what it has run again is not run a second time`,
          {
            remedy: "Dispatch is stopped before anything is killed; afterwards task runs are compared with those that were there before.",
            source,
          },
        )
      : passed("auto-rerun", "offline instances", `failed instances stay failed (${autoRerun.source})`, { source }),
  ];
}

function realtimeCheck({ facts }: Scope): readonly Check[] {
  const { realtime } = facts.now;
  if (realtime === null) return [];
  const source = "facts 2.2 D8, 2.5";
  const sick = realtime.filter(({ state }) => state !== "RUNNING" && state !== "FINISHED" && state !== "CANCELED");
  const bare = realtime.filter(({ state, lastCheckpointAt }) => state === "RUNNING" && lastCheckpointAt === null);
  const found = [
    ...(sick.length === 0
      ? []
      : [
          warning(
            "real-time",
            some(sick.map(({ name }) => name)),
            `${count(sick.length, "job")} not running now: ${some(sick.map(({ name, state }) => `${name} ${state}`))}`,
            { source },
          ),
        ]),
    ...(bare.length === 0
      ? []
      : [
          warning(
            "checkpoints",
            some(bare.map(({ name }) => name)),
            `${count(bare.length, "real-time job")} without a completed checkpoint: a failure meanwhile would begin from nothing, and nobody can restart it while nobody logs on`,
            {
              remedy: "Wait for a checkpoint (usually 180 s apart), or see why there is none.",
              source,
            },
          ),
        ]),
  ];
  return found.length > 0 ? found : [passed("real-time", "real-time jobs", `${count(realtime.length, "job")}, each with a checkpoint`, { source })];
}
