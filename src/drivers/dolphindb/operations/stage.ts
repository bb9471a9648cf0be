// The new release on a host before anything is stopped: uploaded, unpacked beside every installation, every file compared with the package.
import { createHash } from "node:crypto";
import { StillwaterError } from "../../../model/errors.ts";
import type { HostReader } from "../../../model/host.ts";
import type { Acting, Look } from "../../../model/driver.ts";
import { operation } from "../../../planner/kit.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts } from "../facts.ts";
import type { Package, StepParams } from "../step-names.ts";
import { contentsDigest, contentsText, type FileDigest } from "./contents.ts";
import { contentsOn, namesIn, order, parseContents } from "./host-scripts.ts";
import { archiveOn, binary, operatorsOwn, pluginsOn, releaseOn } from "./installation.ts";

type StageParams = StepParams["stage"];
type Expected = { readonly package: Package; readonly plugins: Package | null; readonly version: string };

const mebi = 1024 * 1024;
const room = (bytes: number): string => `${String(Math.ceil(bytes / mebi))} MiB`;
async function needRoom(host: HostReader, path: string, wanted: number, what: string): Promise<void> {
  const free = await host.freeBytes(path);
  if (free >= wanted) return;
  throw new StillwaterError("SW3012", `${host.name} has ${room(free)} free at ${path}; ${room(wanted)} are needed`, {
    object: `${host.name}:${path}`,
    why: [what],
  });
}

/** One node for each installation that nodes of the host have. */
export function installationsOn(cluster: DdCluster, host: string): readonly DdNode[] {
  const nodes = cluster.nodes.filter(({ hostName }) => hostName === host);
  if (nodes.length === 0) throw new StillwaterError("SW9999", `no node of the cluster is on ${host}`, { object: host });
  return [...new Map(nodes.map((node) => [node.server, node])).values()];
}

/** Paths as they will be in the installation (`libDolphinDB.so`, `plugins/mysql/...`): the operator's plugins come before the package's of the same name. */
export async function expectedFiles(host: HostReader, server: string, { package: made, plugins, version }: Expected): Promise<readonly FileDigest[]> {
  const place = releaseOn(server, version, made.sha256);
  const shipped = (await readSums(host, place.sums, made)).flatMap(({ path, sha256 }) =>
    path.startsWith("server/") ? [{ path: path.slice("server/".length), sha256 }] : [],
  );
  const own =
    plugins === null ? [] : (await readSums(host, place.pluginSums, plugins)).map(({ path, sha256 }) => ({ path: `plugins/${path}`, sha256 }));
  const replaced = new Set(own.map(({ path }) => path.split("/").slice(0, 2).join("/")));
  return [...shipped.filter(({ path }) => !replaced.has(path.split("/").slice(0, 2).join("/"))), ...own].filter(
    ({ path }) => !operatorsOwn.has(path.split("/")[0] ?? ""),
  );
}
/** Error SW3013 when somebody has changed the list since. */
async function readSums(host: HostReader, path: string, { contents }: Package): Promise<readonly FileDigest[]> {
  const text = await host.readText(path);
  if (text === null)
    throw new StillwaterError("SW2110", `${host.name} has no ${path}: the package was not staged there`, {
      object: host.name,
      remedy: "Make a new plan.",
    });
  if (contents !== null && createHash("sha256").update(text).digest("hex") !== contents)
    throw new StillwaterError("SW3013", `${path} on ${host.name} does not name the files of the planned package`, {
      object: `${host.name}:${path}`,
      remedy: "Remove it together with the directory of that name, and make a new plan.",
    });
  return parseContents(text);
}

/** Null: nothing is staged there yet. What an earlier run has put in place already counts where it lies. */
async function differences(host: HostReader, server: string, expected: Expected): Promise<readonly string[] | null> {
  const place = releaseOn(server, expected.version, expected.package.sha256);
  if ((await host.stat(place.sums)).kind === "absent") return null;
  if (expected.plugins !== null) {
    if ((await host.stat(place.pluginSums)).kind === "absent") return null;
    if ((await namesIn(host, pluginsOn(server, expected.plugins.sha256))).length > 0) return null;
  }
  const files = await expectedFiles(host, server, expected);
  const names = [...new Set(files.map(({ path }) => path.split("/")[0] ?? ""))];
  const staged = new Map((await contentsOn(host, place.files, names)).map(({ path, sha256 }) => [path, sha256]));
  const missing = files.filter(({ path, sha256 }) => staged.get(path) !== sha256);
  if (missing.length === 0) return [];
  const elsewhere = new Set(missing.map(({ path }) => path.split("/")[0] ?? ""));
  const inPlace = new Map((await contentsOn(host, server, [...elsewhere])).map(({ path, sha256 }) => [path, sha256]));
  return missing.filter(({ path, sha256 }) => inPlace.get(path) !== sha256).map(({ path }) => path);
}

export const stageOperation = (cluster: DdCluster) =>
  operation<DdFacts, StageParams>("stage", {
    fenced: "host",
    async look({ host, ...expected }): Promise<Look> {
      const proof: Record<string, string> = {};
      for (const { host: machine, server } of installationsOn(cluster, host)) {
        const place = releaseOn(server, expected.version, expected.package.sha256);
        const wrong = await differences(machine, server, expected);
        if (wrong === null) return { is: "open" };
        if (wrong.length > 0)
          return {
            is: "unclear",
            known: [
              `${place.files} on ${machine.name} lacks ${String(wrong.length)} files of the package, or has others: ${wrong.slice(0, 5).join(", ")}`,
            ],
            unknown: [`who has changed it; remove ${place.directory} and ${place.sums}, then retry`],
          };
        const files = await expectedFiles(machine, server, expected);
        proof[server] =
          `${String(files.length)} files in ${place.files} have the checksums of the package (${contentsDigest(files).slice(0, 12)}); dolphindb ${files.find(({ path }) => path === binary)?.sha256 ?? "none"}`;
      }
      return { is: "done", proof: { archive: expected.package.sha256, ...proof } };
    },
    async act({ host, ...expected }, _, context) {
      for (const node of installationsOn(cluster, host)) await stageFor(node, expected, context);
      return null;
    },
  });

async function stageFor(node: DdNode, { version, package: made, plugins }: Expected, context: Acting): Promise<void> {
  const { host, server } = node;
  const place = releaseOn(server, version, made.sha256);
  await bring(node, "dolphindb", version, made, context);
  await unpackOnce(
    node,
    archiveOn(node.archives, "dolphindb", version, made.sha256),
    made,
    { directory: place.directory, sums: place.sums },
    context,
  );
  if (!(await namesIn(host, place.files)).includes(binary) && (await host.stat(`${server}/${binary}`)).kind === "absent")
    throw new StillwaterError("SW1205", `the package holds no server/${binary}`, { object: made.path });
  if (plugins !== null) {
    const layer = pluginsOn(server, plugins.sha256);
    await bring(node, "plugins", version, plugins, context);
    await unpackOnce(
      node,
      archiveOn(node.archives, "plugins", version, plugins.sha256),
      plugins,
      { directory: layer, sums: place.pluginSums },
      context,
    );
    const names = await namesIn(host, layer);
    await context.send(host.name, async (fence) => {
      await host.makeDirectory(fence, place.shippedPlugins);
      await host.makeDirectory(fence, `${place.files}/plugins`);
      await order(host, fence, "exchange", [`${place.files}/plugins`, layer, place.shippedPlugins, ...names]);
    });
  }
  // A server that may install plugins writes there as its own user.
  await context.send(host.name, (fence) => order(host, fence, "adopt", [server, place.files]));
}

async function bring(node: DdNode, what: "dolphindb" | "plugins", version: string, made: Package, context: Acting): Promise<void> {
  const { host, archives } = node;
  const to = archiveOn(archives, what, version, made.sha256);
  if ((await host.stat(to)).kind === "file" && (await host.sha256(to)) === made.sha256) return;
  await context.send(host.name, async (fence) => {
    await host.makeDirectory(fence, archives);
    // A full disk stops the data node that writes there, not only us.
    await needRoom(host, archives, made.bytes * 2 + 64 * mebi, "needed: the archive twice, and 64 MiB for what the nodes write meanwhile");
    await host.upload(fence, made.path, to, made.sha256);
  });
}

/** The list of files is written only after they were found to be those of the package: where it is, the directory was complete. */
async function unpackOnce(
  { host }: DdNode,
  archive: string,
  made: Package,
  to: { readonly directory: string; readonly sums: string },
  context: Acting,
): Promise<void> {
  if ((await host.stat(to.sums)).kind !== "absent") return;
  const parent = to.directory.slice(0, to.directory.lastIndexOf("/"));
  await context.send(host.name, async (fence) => {
    await host.makeDirectory(fence, parent);
    await needRoom(host, parent, made.bytes * 4 + 64 * mebi, "needed: what is in the archive, and 64 MiB for what the nodes write meanwhile");
    await host.unpack(fence, archive, to.directory);
  });
  const files = await contentsOn(host, to.directory, await host.list(to.directory));
  if (made.contents !== null && contentsDigest(files) !== made.contents)
    throw new StillwaterError("SW3013", `what was unpacked on ${host.name} is not what the package holds`, {
      object: `${host.name}:${to.directory}`,
      remedy: "Check disk and unzip of the host, remove the directory, then `stillwater retry`.",
    });
  await context.send(host.name, (fence) => host.writeFile(fence, to.sums, contentsText(files)));
}
