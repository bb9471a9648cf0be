// Plugins (facts 1.7, 5.3; DD-6): the first three numbers must be the server's, or they are not loaded, and what uses them keeps a node from starting.
import type { Check } from "../../../model/facts.ts";
import type { Goal } from "../../../model/goal.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import { isAtLeast, lineOf, releaseOf } from "../compatibility/version.ts";
import type { DdFacts } from "../facts.ts";
import { planOptions } from "../planning/options.ts";
import { rowsOf, textIn } from "../wire/read-value.ts";
import { asked, unanswered } from "./ask.ts";
import { blocker, notMeasured, passed, some, warning } from "./check-kit.ts";

const source = "vendor's page on plugins; facts 1.7, 5.3; DD-6";
/** Of the vendor's statement for compiled plugins: from these releases on another version is refused by the server. */
const refusesFrom = (version: string): boolean => (lineOf(version) === "1.30" ? isAtLeast(version, "1.30.21") : isAtLeast(version, "2.00.9"));

export async function pluginChecks(cluster: DdCluster, facts: DdFacts, goal: Goal, nodes: readonly DdNode[]): Promise<readonly Check[]> {
  if (goal.version === null) return [];
  const servers = [...new Map(nodes.map((node) => [`${node.hostName} ${node.server}`, node])).values()];
  const [loaded, onDisk] = await Promise.all([
    Promise.all(
      nodes
        .filter(({ name, role }) => (role === "datanode" || role === "computenode") && facts.now.nodes[name]?.state === "serving")
        .map((node) => loadedOn(cluster, node)),
    ),
    Promise.all(servers.map(pluginsIn)),
  ]);
  const preloaded = nodes.flatMap(({ name, hostName }) =>
    (facts.structure.nodes[name]?.settings?.["preloadModules"] ?? "").split(",").flatMap((each) => {
      const plugin = /^\s*plugins::([^\s]+)\s*$/.exec(each)?.[1];
      return plugin === undefined ? [] : [{ plugin, by: `preloadModules of ${name}`, host: hostName }];
    }),
  );
  const used = [...loaded.flatMap(({ uses }) => uses), ...preloaded];
  return [...loaded.flatMap(({ checks }) => checks), ...onDisk.flatMap(({ checks }) => checks), ...judge(goal, used, onDisk)];
}

interface Use {
  readonly plugin: string;
  readonly by: string;
  readonly host: string;
}
interface OnDisk {
  readonly host: string;
  readonly versions: ReadonlyMap<string, string>;
  readonly checks: readonly Check[];
}

async function loadedOn(
  cluster: DdCluster,
  { name, hostName }: DdNode,
): Promise<{ readonly uses: readonly Use[]; readonly checks: readonly Check[] }> {
  const answer = await asked(async () => rowsOf(name, "getLoadedPlugins()", await cluster.rpc.call(name, "getLoadedPlugins"), ["plugin"]));
  if (answer.is !== "answer") return { uses: [], checks: [unanswered("plugins", name, "which plugins it has loaded could not be asked", answer)] };
  return {
    uses: answer.value.map((row) => ({ plugin: textIn(row, "plugin") ?? "?", by: `${name}, where it is loaded`, host: hostName })),
    checks: [],
  };
}

const listing =
  'cd -- "$1" 2>/dev/null || exit 0; for f in */*.txt; do [ -f "$f" ] && { printf "%s\\t" "$f"; head -n 1 -- "$f"; printf "\\n"; }; done; :';

async function pluginsIn({ host, hostName, server }: DdNode): Promise<OnDisk> {
  const { code, stdout, stderr } = await host.query(["sh", "-c", listing, "plugins", `${server}/plugins`]);
  if (code !== 0)
    return {
      host: hostName,
      versions: new Map(),
      checks: [notMeasured("plugins", hostName, `what lies in ${server}/plugins: ${stderr.trim() || `sh ended with ${String(code)}`}`)],
    };
  const versions = new Map<string, string>();
  for (const line of stdout.split("\n")) {
    const [name = "", library = "", version = ""] = (line.split("\t")[1] ?? "").split(",").map((part) => part.trim());
    if (name !== "" && library.endsWith(".so") && releaseOf(version.split(".").slice(0, 4).join(".")) !== null) versions.set(name, version);
  }
  return { host: hostName, versions, checks: [] };
}

/** `2.00.9.1.1` is of server release 2.00.9. */
const tripleOf = (version: string): string | null => releaseOf(version.split(".").slice(0, 4).join("."));

function judge({ version, options }: Goal, used: readonly Use[], onDisk: readonly OnDisk[]): readonly Check[] {
  const target = releaseOf(version ?? "");
  if (version === null || target === null) return [];
  const parsed = planOptions({ options });
  const brought = "refused" in parsed ? {} : { ...parsed.package?.plugins, ...parsed.plugins?.versions };
  const after = (host: string, plugin: string): string | null =>
    brought[plugin] ?? onDisk.find((each) => each.host === host)?.versions.get(plugin) ?? null;
  const found: Check[] = [];
  const names = [...new Set(used.map(({ plugin }) => plugin))].toSorted();
  for (const plugin of names) {
    const users = used.filter((use) => use.plugin === plugin);
    const wrong = users.filter(({ host }) => {
      const then = after(host, plugin);
      return then === null || tripleOf(then) !== target;
    });
    if (wrong.length === 0) {
      found.push(passed("plugins", plugin, `${after(users[0]?.host ?? "", plugin) ?? "?"} fits ${version}`, { source }));
      continue;
    }
    const then = [...new Set(wrong.map(({ host }) => after(host, plugin) ?? "none"))].join(", ");
    found.push(
      blocker(
        "plugins",
        plugin,
        `is used (${some([...new Set(wrong.map(({ by }) => by))])}), and with ${version} there would be ${then === "none" ? "none" : `version ${then}`}`,
        {
          remedy: `Give the plugin of ${target}: -o plugins=DIR with ${plugin}/ in it, or a package that brings it.`,
          price: refusesFrom(version)
            ? "the server refuses to load it; scheduled jobs and function views that use it cannot be read, and a node with it in preloadModules does not start"
            : "it was built for another server and may crash it",
          source,
        },
      ),
    );
  }
  const idle = onDisk.flatMap(({ host, versions }) =>
    [...versions].flatMap(([plugin, there]) =>
      names.includes(plugin) || brought[plugin] !== undefined || tripleOf(there) === target ? [] : [`${plugin} ${there} on ${host}`],
    ),
  );
  if (idle.length > 0)
    found.push(
      warning("plugins-idle", "plugins", `stay as they are and do not fit ${version}: ${some(idle)}`, {
        remedy: "Nobody has them loaded now; give their new versions with -o plugins=DIR when scripts load them later.",
        source,
      }),
    );
  return found.length > 0 ? found : [passed("plugins", "plugins", "no node has one loaded or preloads one, and what lies on disk fits", { source })];
}
