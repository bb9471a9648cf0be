// What single releases ask for or break (facts 1.3, 1.7, 5.3), as data with its sources. Pure.
import { isAtLeast, isBefore, lineOf } from "./version.ts";

/** What a gate looks at. */
export interface Jump {
  readonly from: string;
  readonly to: string;
  readonly hostByHost: boolean;
  /** Names of nodes with their settings; a node whose settings are not known is absent. */
  readonly settings: ReadonlyMap<string, Readonly<Record<string, string>>>;
}
export interface GateFinding {
  /** A node, a setting, or what the gate is about. */
  readonly object: string;
  readonly what: string;
}
export interface Gate {
  readonly code: string;
  readonly verdict: "blocker" | "warning" | "passed";
  readonly remedy: string;
  /** Absent: it cannot be overridden. */
  readonly price?: string;
  readonly source: string;
  readonly findings: (jump: Jump) => readonly GateFinding[];
}

const crosses = ({ from, to }: Jump, release: string): boolean => isBefore(from, release) && isAtLeast(to, release);
/** At least `first` and before the build that mends it. */
const within = (version: string, first: string, mended: string): boolean => isAtLeast(version, first) && isBefore(version, mended);
const told = (yes: boolean, object: string, what: string): readonly GateFinding[] => (yes ? [{ object, what }] : []);
const nodesWith = (jump: Jump, key: string, is: (value: string) => boolean): readonly string[] =>
  [...jump.settings].flatMap(([node, settings]) => {
    const value = settings[key];
    return value !== undefined && is(value) ? [node] : [];
  });
const present = (value: string): boolean => value !== "" && value !== "0" && value.toLowerCase() !== "none";
const isOn = (value: string): boolean => /^(1|true)$/i.test(value);
const isOff = (value: string): boolean => /^(0|false)$/i.test(value);

export const gates: readonly Gate[] = [
  {
    code: "graceful-stop",
    verdict: "blocker",
    remedy: "Upgrade within a maintenance window with the vendor's help: stop all writing first, and wait until the redo logs are empty.",
    price: "a stop is no graceful one: redo logs are replayed by the new release, slowly, or the node does not start",
    source: "vendor's page on shutdown; facts 1.3",
    findings: ({ from }) =>
      told(
        (lineOf(from) === "2.00" && isBefore(from, "2.00.5")) || isBefore(from, "1.30.17"),
        from,
        "this release has no graceful stop: SIGTERM is one from 1.30.17 and 2.00.5 on",
      ),
  },
  {
    code: "cache-engines",
    verdict: "blocker",
    remedy: "Set OLAPCacheEngineSize and TSDBCacheEngineSize to at most half of maxMemSize, in the cluster's configuration, before the upgrade.",
    source: "vendor's compatibility page of 3.00.5; facts 1.7",
    findings: (jump) =>
      !crosses(jump, "3.00.5")
        ? []
        : [...jump.settings].flatMap(([node, settings]) =>
            ["OLAPCacheEngineSize", "TSDBCacheEngineSize"].flatMap((key): readonly GateFinding[] => {
              const [cache, most] = [Number(settings[key] ?? 0), Number(settings["maxMemSize"] ?? 0)];
              return most > 0 && cache > most / 2
                ? [
                    {
                      object: node,
                      what: `${key} is ${String(cache)} GB, more than half of maxMemSize (${String(most)} GB): from 3.00.5 on the node does not start`,
                    },
                  ]
                : [];
            }),
          ),
  },
  {
    code: "streaming-log-directory",
    verdict: "blocker",
    remedy: "Set streamingHALogDir to what streamingHADir is, in the cluster's configuration, before the upgrade.",
    price: "replicated streams begin in an empty directory: what they hold is not found",
    source: "vendor's compatibility page of 3.00.5; facts 1.7",
    findings: (jump) =>
      crosses(jump, "3.00.5")
        ? nodesWith(jump, "streamingHADir", present)
            .filter((node) => !present(jump.settings.get(node)?.["streamingHALogDir"] ?? ""))
            .map((node) => ({ object: node, what: "streamingHADir is called streamingHALogDir from 3.00.5 on, and that is not set" }))
        : [],
  },
  {
    code: "streaming-cluster-name",
    verdict: "blocker",
    remedy: "Set clusterName in the cluster's configuration before the upgrade.",
    price: "nodes with replicated streams may not start",
    source: "vendor's compatibility page of 3.00.5; facts 1.7",
    findings: (jump) =>
      crosses(jump, "3.00.5")
        ? nodesWith(jump, "streamingHAMode", present)
            .filter((node) => !present(jump.settings.get(node)?.["clusterName"] ?? ""))
            .map((node) => ({ object: node, what: "streamingHAMode is set and clusterName is not: replicated streams need it from 3.00.5 on" }))
        : [],
  },
  {
    code: "streaming-topics",
    verdict: "warning",
    remedy: "Subscribe again where a topic is named by hand; streamingHADiskLimit and its purge interval are not known any more.",
    source: "vendor's compatibility page of 3.00.5; facts 1.7",
    findings: (jump) =>
      crosses(jump, "3.00.5")
        ? nodesWith(jump, "streamingHAMode", present).map((node) => ({
            object: node,
            what: "topics of replicated streams are CLUSTER_GROUP/table/action from 3.00.5 on",
          }))
        : [],
  },
  {
    code: "boot-script",
    verdict: "passed",
    remedy: "",
    source: "vendor's compatibility lists of 2.00.10, page of 3.00.5; facts 1.7",
    findings: (jump) => {
      const needing = ["2.00.10", "3.00.5"].filter((release) => crosses(jump, release));
      return told(
        needing.length > 0,
        "dolphindb.dos",
        `must be that of the new release (${needing.join(", ")}): it is replaced with the rest of the package`,
      );
    },
  },
  {
    code: "acl-and-raft-backup",
    verdict: "passed",
    remedy: "",
    source: "vendor's compatibility page of 3.00.5; facts 1.7",
    findings: (jump) =>
      told(
        crosses(jump, "3.00.5"),
        "controllers",
        "the vendor asks for a backup of ACL and Raft files on every controller: each turn makes it before anything is replaced",
      ),
  },
  {
    code: "script-results",
    verdict: "warning",
    remedy: "Try the scripts of your applications on the new release first.",
    source: "vendor's compatibility lists of 2.00.10",
    findings: (jump) =>
      told(
        crosses(jump, "2.00.10") && lineOf(jump.from) === "2.00",
        "scripts",
        "from 2.00.10 on joins do not match NULL with NULL, RIGHT JOIN orders columns otherwise, sums of DECIMAL64 are DECIMAL128, and aliases are not known in WHERE",
      ),
  },
  {
    code: "catalog-scripts",
    verdict: "blocker",
    remedy: "Take 3.00.4.2, 3.00.5 or later (3.00.3.4 within 3.00.3), or remove function views and scheduled jobs that use a catalog first.",
    price: "where a function view or a scheduled job uses a catalog, nodes may not start",
    source: "vendor's release notes of 3.00.4; facts 1.7",
    findings: ({ from, to }) =>
      told(
        within(from, "3.00.0", "3.00.3") && (within(to, "3.00.3", "3.00.3.4") || within(to, "3.00.4", "3.00.4.2")),
        to,
        "coming from 3.00.0 to 3.00.2, function views and scheduled jobs with catalog scripts may keep nodes from starting",
      ),
  },
  {
    code: "known-incompatibility",
    verdict: "blocker",
    remedy: "Take 3.00.4.3 or later.",
    price: "the vendor names this pair of releases as not fitting together",
    source: "vendor's release notes of 3.00.4.3; facts 1.7",
    findings: ({ from, to }) =>
      told(
        within(from, "2.00.16", "2.00.18") && within(to, "3.00.3", "3.00.4.3"),
        `${from} to ${to}`,
        "coming from 2.00.16 or 2.00.17 the vendor mended a fault of compatibility in 3.00.4.3",
      ),
  },
  {
    code: "two-lines",
    verdict: "blocker",
    remedy: "Upgrade all at once (--mode downtime): then no two lines run together.",
    price: "while hosts differ, calls from new nodes to old ones are refused with S00014, and queries over both fail",
    source: "vendor's page on S00014; facts 1.7",
    findings: ({ from, to, hostByHost }) =>
      told(
        hostByHost && lineOf(from) !== lineOf(to),
        `${lineOf(from) ?? "?"} and ${lineOf(to) ?? "?"}`,
        "host by host two lines of releases run together, and from 3.00 on a server refuses calls to one of a lower line",
      ),
  },
  {
    code: "controller-exits",
    verdict: "warning",
    remedy:
      "Nothing to do before: a controller that does not end is waited for, then the run stands still and asks; it is never killed with -9 without you.",
    source: "vendor's release notes of 3.00.3.3, 3.00.4.1, 3.00.4.3; facts 1.3",
    findings: (jump) => {
      const mended =
        isAtLeast(jump.from, "3.00.5") ||
        within(jump.from, "3.00.4.1", "3.00.5") ||
        within(jump.from, "3.00.3.3", "3.00.4") ||
        isBefore(jump.from, "3.00.0");
      const without = mended
        ? []
        : nodesWith(jump, "lanCluster", isOff).map((node) => ({
            object: node,
            what: "with lanCluster=0 a following controller of this release may not end on SIGTERM",
          }));
      const withLan = within(jump.from, "3.00.4", "3.00.4.3")
        ? nodesWith(jump, "lanCluster", isOn).map((node) => ({
            object: node,
            what: "with lanCluster=true a controller of this release may not end on SIGTERM",
          }))
        : [];
      return [...without, ...withLan];
    },
  },
  {
    code: "known-defects",
    verdict: "warning",
    remedy: "Take a later build of the release where there is one.",
    source: "vendor's release notes; facts 5.3",
    findings: ({ to }) => {
      const defects = [
        ["2.00.9", "2.00.9.3", "a crash when the Raft log is read at start"],
        ["2.00.10", "2.00.10.1", "function views with functions of a plugin on one controller break the others"],
        ["2.00.10", "2.00.10.9", "a controller that starts may crash when clients log in"],
      ] as const;
      return defects.flatMap(([first, mended, what]) => told(within(to, first, mended), to, `${what} (mended in ${mended})`));
    },
  },
];
