// Settings of the running nodes against each other (facts 1.5, 5.4). Pure.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import { nodesOf, type DdFacts } from "../facts.ts";
import { count, notMeasured, orPassed, passed, warning } from "./check-kit.ts";
import { stops } from "./scope.ts";
import { viewOf, type View } from "./view.ts";

export function configurationChecks(facts: DdFacts, goal: Goal): readonly Check[] {
  if (!stops(facts, goal)) return [];
  const view = viewOf(facts, goal);
  return [...known(view), ...alike(view), ...durable(view), ...ownDirectories(view)];
}

function known({ facts }: View): readonly Check[] {
  const silent = Object.entries(facts.structure.nodes).flatMap(([name, { settings }]) =>
    settings === undefined || Object.keys(settings).length === 0 ? [name] : [],
  );
  if (silent.length === 0) return [];
  return [
    notMeasured("configuration", silent.join(", "), "getConfig() did not tell its settings, so they are not compared", {
      remedy: "With enableConfigAccessControl only an administrator sees them: check the user in the cluster file.",
      source: "facts 2",
    }),
  ];
}

/** lanCluster decides how heartbeats travel: nodes that differ do not hear each other. */
function alike({ facts }: View): readonly Check[] {
  const found = (["lanCluster"] as const).flatMap((key): readonly Check[] => {
    const values = new Map<string, string[]>();
    for (const [name, { settings }] of Object.entries(facts.structure.nodes)) {
      const value = settings?.[key];
      if (value === undefined) continue;
      const plain = /^(1|true)$/i.test(value) ? "true" : /^(0|false)$/i.test(value) ? "false" : value;
      values.set(plain, [...(values.get(plain) ?? []), name]);
    }
    if (values.size < 2) return [];
    return [
      warning("configuration-alike", key, [...values].map(([value, names]) => `${value} on ${names.join(", ")}`).join("; "), {
        remedy: "Set it to the same everywhere: it says how nodes hear of each other.",
        source: "facts 5.4",
      }),
    ];
  });
  return orPassed(found, "configuration-alike", "lanCluster", "is the same wherever it is set");
}

/** Cache engines keep acknowledged rows in memory: without dataSync a power cut loses them, and the redo logs with them. */
function durable({ facts, setting }: View): readonly Check[] {
  const data = nodesOf(facts, "datanode");
  const found = data.flatMap((name): readonly Check[] => {
    const sync = setting(name, "dataSync") === "1";
    const caches = ["OLAPCacheEngineSize", "TSDBCacheEngineSize"].filter((key) => Number(setting(name, key) ?? 0) > 0);
    if (caches.includes("OLAPCacheEngineSize") && !sync)
      return [
        warning("data-sync", name, `${caches.join(" and ")} set without dataSync=1`, {
          remedy: "Set dataSync=1 with cache engines; the run flushes the caches before each stop.",
          source: "facts 1.5, 5.4",
        }),
      ];
    return [];
  });
  return orPassed(found, "data-sync", "data nodes", "dataSync goes with the cache engines");
}

const directories = [
  "persistenceDir",
  "persistenceOffsetDir",
  "redoLogDir",
  "TSDBRedoLogDir",
  "PKEYRedoLogDir",
  "chunkMetaDir",
  "volumes",
  "streamingHADir",
  "streamingHALogDir",
] as const;

/** Two nodes of a host in one directory damage each other's files. A relative path lies in each node's own home. */
function ownDirectories({ facts, setting }: View): readonly Check[] {
  const owners = new Map<string, string[]>();
  for (const [name, { host, role }] of Object.entries(facts.structure.nodes)) {
    if (role !== "datanode" && role !== "computenode") continue;
    for (const key of directories)
      for (const path of (setting(name, key) ?? "").split(",").map((each) => each.trim()))
        if (path.startsWith("/")) {
          const at = `${host} ${path.replace(/\/+$/, "")}`;
          owners.set(at, [...(owners.get(at) ?? []), `${name} (${key})`]);
        }
  }
  const shared = [...owners].filter(([, users]) => new Set(users.map((user) => user.split(" ")[0])).size > 1);
  const found = shared.map(([at, users]) =>
    warning("own-directories", at, `is used by ${users.join(" and ")}`, {
      remedy: "Give each node a directory of its own.",
      source: "facts 5.4",
    }),
  );
  return found.length > 0
    ? found
    : [
        passed(
          "own-directories",
          "data nodes",
          `${count(owners.size, "absolute directory").replace(/directorys$/, "directories")}, none shared by two nodes of a host`,
        ),
      ];
}
