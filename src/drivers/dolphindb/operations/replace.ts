// The installation of a host becomes another release while nothing runs from it: by renames, entry by entry, so that it can be stopped at any instant and goes on.
import type { Acting, Look } from "../../../model/driver.ts";
import { StillwaterError } from "../../../model/errors.ts";
import type { Host } from "../../../model/host.ts";
import type { Item } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import type { StepParams } from "../step-names.ts";
import { installedVersion } from "../installed.ts";
import { withInstalled } from "../prediction.ts";
import { contentsOn, filesOn, namesIn, order } from "./host-scripts.ts";
import { binary, freePath, type Kept, keptOf, keptOn, operatorsOwn, releaseOn, stampOf } from "./installation.ts";
import { runningIn } from "./running-in.ts";
import { expectedFiles } from "./stage.ts";

type ReplaceParams = StepParams["replace"];
type BeforeReplace = {
  /** What was in place; `unknown`: nobody can say. */
  readonly was: string;
  readonly wasBinary: string | null;
  /** Where the release lies; null: nowhere, so it must be in place already. */
  readonly source: string | null;
  /** sha256 of its `dolphindb`. */
  readonly binary: string | null;
  /** What goes in, `dolphindb` among them. */
  readonly entries: readonly string[];
  /** Of those: what was not there before. */
  readonly added: readonly string[];
  /** What goes out and has no successor. */
  readonly leaving: readonly string[];
  /** Where what was in place is kept. */
  readonly kept: string;
};

export const replaceOperation = (cluster: DdCluster) => {
  const replace = operation<DdFacts, ReplaceParams, BeforeReplace>("replace", {
    fenced: "host",
    async prepare(params, { now }) {
      const host = hostOf(cluster, params);
      const { server, version } = params;
      const was = params.from ?? (await installedVersion(host, server)) ?? "unknown";
      const found = params.package === null ? await keptOf(host, server, version) : null;
      const source = params.package === null ? (found?.directory ?? null) : releaseOn(server, version, params.package.sha256).files;
      const entries = source === null ? [] : (await namesIn(host, source)).filter((name) => !operatorsOwn.has(name));
      const present = new Set(await namesIn(host, server));
      return {
        was,
        wasBinary: await host.sha256(`${server}/${binary}`),
        source,
        binary: source === null ? null : await host.sha256(`${source}/${binary}`),
        entries,
        added: entries.filter((name) => !present.has(name)),
        leaving: (found?.kept.added ?? []).filter((name) => present.has(name) && !entries.includes(name)),
        kept: found?.kept.from ?? (await freePath(host, keptOn(server, was, stampOf(now)))),
      };
    },
    async look(params, { before }): Promise<Look> {
      const host = hostOf(cluster, params);
      const { server, version } = params;
      const open = await outstanding(host, server, before);
      if (open.length > 0) {
        const running = await runningIn(host, server);
        if (running.length > 0) return { is: "waiting", for: `${running.join(", ")} to end: it runs from ${server} on ${host.name}` };
        return { is: "open", why: `${open.slice(0, 5).join(", ")} of ${version} not in place yet` };
      }
      return verified(host, params, before);
    },
    async act({ host: name, server }, { before }, context) {
      await exchange(hostOf(cluster, { host: name, server }), server, before, context);
      return null;
    },
    undo: ({ host, server, version }, { was, source }): readonly Item[] =>
      source === null || was === version
        ? []
        : [replace.step(`${was} back on ${host}`, "restore", { host, server, from: version, version: was, package: null, plugins: null })],
    predict: (facts, { host, server, version }) => withInstalled(facts, host, server, version),
  });
  return replace;
};

function hostOf(cluster: DdCluster, { host, server }: Pick<ReplaceParams, "host" | "server">): Host {
  const node = cluster.nodes.find(({ hostName, server: own }) => hostName === host && own === server);
  if (node === undefined) throw new StillwaterError("SW9999", `no node on ${host} runs from ${server}`, { object: host });
  return node.host;
}

/** What is still to be moved. */
async function outstanding(host: Host, server: string, { source, entries, leaving }: BeforeReplace): Promise<readonly string[]> {
  if (source === null) return [];
  const [staged, present] = [new Set(await namesIn(host, source)), new Set(await namesIn(host, server))];
  const coming = entries.filter((name) => staged.has(name) || !present.has(name));
  return [...coming, ...leaving.filter((name) => present.has(name))];
}

async function exchange(host: Host, server: string, before: BeforeReplace, context: Acting): Promise<void> {
  const { source, entries, leaving, kept, was, wasBinary, added } = before;
  if (source === null || (await outstanding(host, server, before)).length === 0) return;
  const about: Kept = { version: was, binary: wasBinary, added, from: source };
  await context.send(host.name, async (fence) => {
    await host.makeDirectory(fence, kept);
    await host.writeFile(fence, `${kept}.json`, `${JSON.stringify(about)}\n`, { mode: "0644" });
    // From here on nothing starts from this directory, whoever tries: an agent, a service manager, a script.
    if ((await namesIn(host, source)).includes(binary) && !(await namesIn(host, kept)).includes(binary))
      await order(host, fence, "aside", [server, kept, binary]);
  });
  const running = await runningIn(host, server);
  if (running.length > 0)
    throw new StillwaterError("SW2106", `${running.join(", ")} was started from ${server} on ${host.name} while it was being replaced`, {
      object: `${host.name}:${server}`,
      why: [`the binary lies in ${kept}; nothing else was moved by this attempt`],
      remedy: "Stop it, and what has started it (an agent, a service with Restart=), then `stillwater retry`.",
    });
  const others = entries.filter((name) => name !== binary);
  await carryOwn(host, server, source, others, context);
  await context.send(host.name, async (fence) => {
    await order(host, fence, "exchange", [server, source, kept, ...others]);
    await order(host, fence, "aside", [server, kept, ...leaving]);
    await order(host, fence, "exchange", [server, source, kept, binary]);
  });
}

/** Files of the operator in directories that the release has too: plugins and modules of his own, as the vendor's copy would leave them. */
async function carryOwn(host: Host, server: string, source: string, entries: readonly string[], context: Acting): Promise<void> {
  const waiting = new Set(await namesIn(host, source));
  const names = entries.filter((name) => waiting.has(name));
  const [present, coming] = [await filesOn(host, server, names), new Set(await filesOn(host, source, names))];
  // One whose directory is a file in the release cannot lie beside it.
  const own = present.filter((path) => path.includes("/") && !coming.has(path) && !coming.has(path.split("/")[0] ?? ""));
  if (own.length === 0) return;
  await context.send(host.name, (fence) => order(host, fence, "carry", [server, source], own.map((path) => `./${path}\n`).join("")));
}

async function verified(host: Host, params: ReplaceParams, before: BeforeReplace): Promise<Look> {
  const { server, version, package: made, plugins } = params;
  const [digest, says] = [await host.sha256(`${server}/${binary}`), await installedVersion(host, server)];
  const keptIn = before.source === null ? null : before.kept;
  if (before.source === null && says !== version)
    return {
      is: "unclear",
      known: [`${server} on ${host.name} is ${says ?? "no release that says its version"}`, `no release ${version} is kept or staged beside it`],
      unknown: [`where ${version} is`],
    };
  if (before.binary !== null && digest !== before.binary)
    return {
      is: "unclear",
      known: [`${server}/${binary} on ${host.name} has the sha256 ${String(digest)}`, `that of ${version} has ${before.binary}`],
      unknown: ["who has put it there"],
    };
  if (made === null) return { is: "done", proof: { version, says, binary: digest, was: before.was, keptIn } };
  const files = await expectedFiles(host, server, { package: made, plugins, version });
  const names = [...new Set(files.map(({ path }) => path.split("/")[0] ?? ""))];
  const found = new Map((await contentsOn(host, server, names)).map(({ path, sha256 }) => [path, sha256]));
  const wrong = files.filter(({ path, sha256 }) => found.get(path) !== sha256).map(({ path }) => path);
  if (wrong.length > 0)
    return {
      is: "unclear",
      known: [`${String(wrong.length)} files in ${server} on ${host.name} are not those of the package: ${wrong.slice(0, 5).join(", ")}`],
      unknown: ["who has changed them"],
    };
  return { is: "done", proof: { version, says, binary: digest, files: files.length, was: before.was, keptIn } };
}
