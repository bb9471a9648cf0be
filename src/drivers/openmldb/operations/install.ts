// The new release on the host: copied and tried before any node is stopped, and put in place while its own node is down.
import { StillwaterError } from "../../../model/errors.ts";
import type { HostReader } from "../../../model/host.ts";
import type { Item } from "../../../model/step.ts";
import { operation } from "../../../planner/kit.ts";
import type { OmCluster, OmNode, ProcessFacts } from "../cluster.ts";
import type { OmFacts } from "../facts.ts";
import { freePath, isPidFile, isPidFileOf, keptPart, namesIn, partIn, versionOfPart } from "../installed.ts";
import { placeOf, stagingOf, type BackupParams, type Part, type SwapParams, type UnpackParams, type UploadParams } from "./install-params.ts";

/** What an installation needs of the processes of a host: see `processes.ts`. */
export type ReadProcess = (node: OmNode) => Promise<ProcessFacts>;

const mebi = 1024 * 1024;
const room = (bytes: number): string => `${String(Math.ceil(bytes / mebi))} MiB`;
async function needRoom(host: HostReader, path: string, wanted: number, what: string): Promise<void> {
  const free = await host.freeBytes(path);
  if (free >= wanted) return;
  throw new StillwaterError("SW3012", `${host.name} has ${room(free)} free; ${room(wanted)} are needed`, {
    object: `${host.name}:${path}`,
    why: [what],
  });
}

export const uploadOperation = (cluster: OmCluster) =>
  operation<OmFacts, UploadParams>("upload", {
    fenced: "host",
    async look({ node, to, sha256 }) {
      const { host } = cluster.node(node);
      if ((await host.stat(to)).kind !== "file") return { is: "open" };
      return (await host.sha256(to)) === sha256 ? { is: "done", proof: { sha256 } } : { is: "open" };
    },
    async act({ node, artefact, to, sha256, bytes }, _, context) {
      const { host, archives } = cluster.node(node);
      await context.send(host.name, async (fence) => {
        await host.makeDirectory(fence, archives);
        // A full disk stops the tablet that writes its binlog there, not only us.
        await needRoom(host, archives, bytes * 2 + 64 * mebi, "needed: the archive twice, and 64 MiB for what the components write meanwhile");
        await host.upload(fence, artefact, to, sha256);
      });
      return null;
    },
  });

/** What one part of an unpacked release says; one that was put in place, now or by an earlier run, counts where it lies. */
async function staged(
  node: OmNode,
  part: Part,
  { directory, version }: UnpackParams,
): Promise<{ readonly path: string; readonly version: string | null } | null> {
  const path = (await partIn(node.host, part, directory)) ?? (await keptPart(node, part, version));
  if (path !== null) return { path, version: await versionOfPart(node.host, part, path) };
  const place = placeOf(node, part);
  return (await versionOfPart(node.host, part, place)) === version ? { path: place, version } : null;
}

export const unpackOperation = (cluster: OmCluster) =>
  operation<OmFacts, UnpackParams>("unpack", {
    fenced: "host",
    async look(params) {
      const node = cluster.node(params.node);
      if ((await node.host.stat(params.directory)).kind === "absent") return { is: "open" };
      const proof: Record<string, string> = {};
      for (const part of params.parts) {
        const found = await staged(node, part, params);
        if (found === null)
          return { is: "unclear", known: [`${params.directory} on ${node.host.name} holds no ${part}/ of a release`], unknown: ["what it is"] };
        if (found.version !== params.version)
          return {
            is: "unclear",
            known: [`${found.path} on ${node.host.name} is ${found.version ?? "not able to run there"}`],
            unknown: [`why it is not ${params.version}`],
          };
        proof[part] = `${found.path} says ${found.version}`;
      }
      return { is: "done", proof };
    },
    async act(params, _, context) {
      const node = cluster.node(params.node);
      const { host } = node;
      const { archive, directory, version, parts } = params;
      const about = await host.stat(archive);
      const parent = directory.slice(0, directory.lastIndexOf("/"));
      await context.send(host.name, async (fence) => {
        await host.makeDirectory(fence, parent);
        await needRoom(
          host,
          parent,
          (about.kind === "file" ? about.bytes : 0) * 4 + 64 * mebi,
          "needed: what is in the archive, and 64 MiB for what the components write meanwhile",
        );
        await host.unpack(fence, archive, directory);
      });
      for (const part of parts) {
        const found = await staged(node, part, params);
        if (found === null) throw new StillwaterError("SW1205", `the archive holds no ${part}/ of a release`, { object: archive });
        if (found.version !== version)
          throw new StillwaterError("SW1206", `${found.path} on ${host.name} is ${found.version ?? "not able to run there"}, not ${version}`, {
            object: found.path,
            remedy:
              "The archive must hold a release that runs on this host (glibc 2.17 or newer, AVX2), and whose binary is of the version that the release names.",
          });
      }
      return null;
    },
  });

type BeforeBackup = { readonly directory: string; readonly sources: readonly string[] };

/** OM-9, OM-14, OM-21, OM-23: every role has the backup. Each run makes its own; pid files stay out of it, because a restored one would name a stranger's process. */
export const backupOperation = (cluster: OmCluster) =>
  operation<OmFacts, BackupParams, BeforeBackup>("backup", {
    fenced: "host",
    async prepare({ node: name, parts }, { now }) {
      const node = cluster.node(name);
      const { host, backups } = node;
      const stamp = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "");
      const bin = placeOf(node, "bin");
      const files = (await namesIn(host, bin)).filter((each) => !isPidFile(each)).map((each) => `${bin}/${each}`);
      const others = parts.filter((part) => part !== "bin").map((part) => placeOf(node, part));
      return { directory: await freePath(host, `${backups}/${name}-${stamp}`), sources: [...files, `${node.directory}/conf`, ...others] };
    },
    async look({ node }, { before }) {
      const { host } = cluster.node(node);
      // A copy appears under its name when it is complete.
      return (await host.stat(before.directory)).kind === "directory" ? { is: "done", proof: { ...before } } : { is: "open" };
    },
    async act({ node: name }, { before }, context) {
      const { host, backups } = cluster.node(name);
      await context.send(host.name, async (fence) => {
        await host.makeDirectory(fence, backups, "700");
        await host.backup(fence, before.sources, before.directory);
      });
      return null;
    },
  });

type BeforeSwap = {
  /** The version that was in place; null: it could not say. */
  readonly was: string | null;
  /** What takes the place; null: what is there has the version already, as with components that share a directory, or there is nothing to put there. */
  readonly replacement: string | null;
  /** Where what was in place is kept. */
  readonly previous: string;
};

export const swapOperation = (cluster: OmCluster, readProcess: ReadProcess) => {
  const swap = operation<OmFacts, SwapParams, BeforeSwap>("swap", {
    fenced: "host",
    async prepare({ node: name, part, version, release }) {
      const node = cluster.node(name);
      const was = await versionOfPart(node.host, part, placeOf(node, part));
      const previous = await freePath(node.host, `${stagingOf(node, part)}/${part}-${was ?? "unknown"}`);
      if (was === version) return { was, replacement: null, previous };
      const replacement = (release === null ? null : await partIn(node.host, part, release)) ?? (await keptPart(node, part, version));
      return { was, replacement, previous };
    },
    async look({ node: name, part, version }, { before }) {
      const node = cluster.node(name);
      const place = placeOf(node, part);
      const { process } = await readProcess(node);
      if (process !== "down") return { is: "waiting", for: `${name} to be stopped` };
      const found = await versionOfPart(node.host, part, place);
      if (found === version) {
        const stray = part === "bin" ? await strayPidFiles(node, before.previous) : [];
        if (stray.length === 0) return { is: "done", proof: { version, previous: before.replacement === null ? null : before.previous } };
        return { is: "open", why: `${stray.map((each) => each.name).join(", ")} of other components to be taken along` };
      }
      if (before.replacement === null)
        return {
          is: "unclear",
          known: [`${place} on ${node.host.name} is ${found ?? "no release that says its version"}`, `no ${part}/ of ${version} is kept beside it`],
          unknown: [`where ${version} is`],
        };
      return { is: "open" };
    },
    async act({ node: name, part, version }, { before }, context) {
      const node = cluster.node(name);
      const { host } = node;
      const place = placeOf(node, part);
      const { replacement, previous } = before;
      if (replacement !== null && (await versionOfPart(host, part, place)) !== version) {
        const pids = part === "bin" ? await othersPidFiles(node, place) : [];
        await context.send(host.name, async (fence) => {
          await host.makeDirectory(fence, stagingOf(node, part));
          if (part === "bin" && (await host.stat(replacement)).kind === "directory") {
            // A bin/ that was put aside earlier still has the pid files of that time.
            for (const file of (await namesIn(host, replacement)).filter(isPidFile)) await host.removeFile(fence, `${replacement}/${file}`);
            for (const { name: file, text } of pids) await host.writeFile(fence, `${replacement}/${file}`, text);
          }
          await host.swap(fence, { path: place, replacement, previous });
        });
      }
      if (part === "bin")
        for (const { name: file, text } of await strayPidFiles(node, previous))
          await context.send(host.name, (fence) => host.writeFile(fence, `${place}/${file}`, text));
      return null;
    },
    undo: ({ node, part, version }, { was, replacement }): readonly Item[] =>
      was === null || was === version || replacement === null
        ? []
        : [swap.step(`${part} back`, "restore", { node, part, version: was, release: null })],
    predict: (facts, { node, part, version }) => withInstalled(facts, node, part, version),
  });
  return swap;
};

interface PidFile {
  readonly name: string;
  readonly text: string;
}
/** Of the components that share this bin/ (facts 3.1): they go on running, and start.sh finds them by these files alone. */
async function othersPidFiles(node: OmNode, bin: string): Promise<readonly PidFile[]> {
  const found: PidFile[] = [];
  for (const name of await namesIn(node.host, bin)) {
    if (!isPidFile(name) || isPidFileOf(node.component, name)) continue;
    const text = await node.host.readText(`${bin}/${name}`);
    if (text !== null) found.push({ name, text });
  }
  return found;
}
/** What was taken aside with the old bin/ and names a process that lives, while bin/ names none: mon may write its child's pid at any instant. */
async function strayPidFiles(node: OmNode, previous: string): Promise<readonly PidFile[]> {
  const bin = placeOf(node, "bin");
  const lives = async (text: string | null): Promise<boolean> => {
    const pid = Number(text?.replaceAll("\0", "").trim() ?? "");
    return Number.isSafeInteger(pid) && pid > 0 && ((await node.host.process(pid))?.state ?? "Z") !== "Z";
  };
  const stray: PidFile[] = [];
  for (const file of await othersPidFiles(node, previous)) {
    const present = await node.host.readText(`${bin}/${file.name}`);
    if (present !== file.text && (await lives(file.text)) && !(await lives(present))) stray.push(file);
  }
  return stray;
}

/** Components in one directory get a new bin/ together; what they run with stays until they are started again. */
function withInstalled(facts: OmFacts, name: string, part: Part, version: string): OmFacts {
  if (part === "spark") return facts;
  const own = facts.structure.nodes[name];
  if (own === undefined) return facts;
  const nodes = Object.fromEntries(
    Object.entries(facts.structure.nodes).map(([each, node]) => {
      const concerned = (each === name || own.shares.includes(each)) && (node.role === "taskmanager") === (part === "taskmanager");
      return [each, concerned ? { ...node, installed: version } : node];
    }),
  );
  return { ...facts, structure: { ...facts.structure, nodes } };
}
