// The new release on the host: copied and tried before any node is stopped, and put in place while its own node is down.
import { StillwaterError } from "../../../model/errors.ts";
import { operation } from "../../../planner/kit.ts";
import type { PgFacts } from "../facts.ts";
import type { HostSnapshot } from "../host-snapshot.ts";
import type { PgNode, Servers } from "../servers.ts";
import { steps, type SwapParams, type UnpackParams, type UploadParams } from "../steps.ts";
import { versionOfBinary } from "../version.ts";

/** The directory with bin/postgres, lib/ and share/: archives have it at their top or a few levels down. */
async function releaseRoot(servers: Servers, server: PgNode, directory: string): Promise<string | null> {
  const script = `cd "$1" 2>/dev/null || exit 0; if [ -f bin/postgres ]; then set -- .; else set -- */ */*/ */*/*/; fi; for d; do d=\${d%/}; [ -f "$d/bin/postgres" ] && [ -d "$d/lib" ] && [ -d "$d/share" ] && { cd -P "$d" && pwd -P; exit 0; }; done; exit 0`;
  const result = await server.host.query(["sh", "-c", script, "root", directory]);
  const root = result.stdout.trim();
  if (root === "") return null;
  servers.roots.set(`${server.host.name} ${directory}`, root);
  return root;
}
async function versionAt(server: PgNode, root: string): Promise<string | null> {
  const result = await server.host.query([`${root}/bin/postgres`, "--version"]);
  return result.code === 0 ? versionOfBinary(result.stdout) : null;
}

const mebibytes = (count: number): string => `${String(count)} MiB`;

export const uploadOperation = (servers: Servers) =>
  operation<PgFacts, UploadParams>("upload", {
    fenced: "host",
    async look({ node, to, sha256 }) {
      const { host } = servers.node(node);
      if ((await host.stat(to)).kind !== "file") return { is: "open" };
      return (await host.sha256(to)) === sha256 ? { is: "done", proof: { sha256 } } : { is: "open" };
    },
    async act({ node, artefact, to, sha256, bytes }, _, context) {
      const server = servers.node(node);
      const { host } = server;
      await context.send(host.name, async (fence) => {
        await host.makeDirectory(fence, server.archives);
        const free = await host.freeBytes(server.archives);
        // A margin for what the server itself writes meanwhile: a full disk stops the database, not only us.
        const wanted = bytes * 2 + 64 * 1024 * 1024;
        if (free < wanted)
          throw new StillwaterError(
            "SW3012",
            `${host.name} has ${mebibytes(Math.floor(free / 1048576))} free; ${mebibytes(Math.ceil(wanted / 1048576))} are needed`,
            {
              object: `${host.name}:${server.archives}`,
              why: ["needed: the archive twice, and 64 MiB for what the server itself writes meanwhile"],
            },
          );
        await host.upload(fence, artefact, to, sha256);
      });
      return null;
    },
  });

export const unpackOperation = (servers: Servers) =>
  operation<PgFacts, UnpackParams>("unpack", {
    fenced: "host",
    async look({ node, directory, version }) {
      const server = servers.node(node);
      const root = await releaseRoot(servers, server, directory);
      if (root === null) {
        if ((await server.host.stat(directory)).kind === "absent") return { is: "open" };
        return { is: "unclear", known: [`${directory} on ${server.host.name} holds no release`], unknown: ["what it is"] };
      }
      const found = await versionAt(server, root);
      if (found === version) return { is: "done", proof: { root, version } };
      return { is: "unclear", known: [`${root}/bin/postgres is ${found ?? "not able to run there"}`], unknown: [`why it is not ${version}`] };
    },
    async act({ node, archive, directory, version }, _, context) {
      const server = servers.node(node);
      const parent = directory.slice(0, directory.lastIndexOf("/"));
      await context.send(server.host.name, async (fence) => {
        await server.host.makeDirectory(fence, parent);
        await server.host.unpack(fence, archive, directory);
      });
      const root = await releaseRoot(servers, server, directory);
      if (root === null) throw new StillwaterError("SW1205", `the archive holds no bin/postgres with lib/ and share/`, { object: archive });
      const found = await versionAt(server, root);
      if (found !== version)
        throw new StillwaterError("SW1206", `${root}/bin/postgres on ${server.host.name} is ${found ?? "not able to run there"}, not ${version}`, {
          object: root,
          remedy: "The archive must hold a release that runs on this host's distribution and processor.",
        });
      return null;
    },
  });

type BeforeSwap = {
  /** Where the link pointed; null: the installation is a directory. */
  readonly target: string | null;
  readonly from: string | null;
  readonly root: string | null;
};

/**
 * What was seen before a swap, with where the link leads now. Null: it leads to no release that was seen, or was not seen itself, so all of it must be
 * looked at again. Never throws what a host says: the swap was answered, and an error here would stand in the journal as its refusal.
 */
async function relinked(server: PgNode, seen: HostSnapshot): Promise<HostSnapshot | null> {
  const link = await server.host.stat(server.installation).catch((error: unknown) => {
    if (error instanceof StillwaterError) return { kind: "absent" as const };
    throw error;
  });
  const release = link.kind === "link" ? seen.releases.find(({ root }) => root === link.target) : undefined;
  if (seen.process !== null || release === undefined) return null;
  return { ...seen, linkTarget: release.root, installed: { root: server.installation, binary: release.binary } };
}

export const swapOperation = (servers: Servers) =>
  operation<PgFacts, SwapParams, BeforeSwap>("swap", {
    fenced: "host",
    async prepare({ node, replacement }) {
      const server = servers.node(node);
      const snapshot = servers.seen.give(node, await servers.handed(node));
      // A directory is moved away by its swap, what a link points to stays.
      const known = snapshot.linkTarget === null ? undefined : servers.roots.get(`${server.host.name} ${replacement}`);
      const root = known ?? (await releaseRoot(servers, server, replacement));
      const { linkTarget, installed } = snapshot;
      return { target: linkTarget, from: installed === null ? null : await servers.versionOf(server, installed), root };
    },
    async look({ node, version, replacement }, { before }) {
      const server = servers.node(node);
      const snapshot = await servers.handed(node);
      const { process, linkTarget, installed, releases } = snapshot;
      if (process !== null) return { is: "waiting", for: `${node} to be stopped` };
      const found = installed === null ? null : await servers.versionOf(server, installed);
      // A directory is in place when it is no longer where it lay; a link when it points there.
      const placed = linkTarget === null ? !releases.some(({ root }) => root === before.root) : linkTarget === before.root;
      servers.seen.give(node, snapshot);
      if (found === version && placed) return { is: "done", proof: { version } };
      if (before.root === null)
        return {
          is: "unclear",
          known: [`${replacement} on ${server.host.name} holds no release`, `${node} has ${found ?? "none"}`],
          unknown: ["where it is"],
        };
      return { is: "open" };
    },
    async act({ node, replacement, previous }, { before }, context) {
      const server = servers.node(node);
      const root = before.root ?? replacement;
      const seen = servers.seen.take(node);
      await context.send(server.host.name, async (fence) => {
        await server.host.swap(fence, { path: server.installation, replacement: root, previous });
      });
      const now = seen === null ? null : await relinked(server, seen);
      if (seen !== null && now !== null) servers.seen.give(node, now, seen);
      return null;
    },
    undo: ({ node, replacement, previous }, { target, from, root }) =>
      from === null
        ? []
        : [
            steps.swap(
              "swap back",
              target === null
                ? { node, version: from, replacement: previous, previous: root ?? replacement }
                : { node, version: from, replacement: target, previous },
            ),
          ],
  });
