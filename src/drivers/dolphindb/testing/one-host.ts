// For this driver's own tests: one real host with an installation, and operations carried out as the engine does, with a crash wherever it is wanted.
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openHost, type HostConnection } from "../../../hosts/connection.ts";
import { claimed } from "../../../hosts/testing/claims.ts";
import { scratchDirectory } from "../../../hosts/testing/scratch.ts";
import { zipOf } from "../../../hosts/testing/zip.ts";
import type { AnyOperation, Look } from "../../../model/driver.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Host } from "../../../model/host.ts";
import type { Json } from "../../../model/json.ts";
import { isUndo, type Step } from "../../../model/step.ts";
import type { DdCluster, DdNode } from "../cluster.ts";
import type { DdFacts, Role } from "../facts.ts";
import { contentsDigest } from "../operations/contents.ts";
import type { Rpc } from "../rpc.ts";
import type { Package } from "../step-names.ts";

export class Crash extends Error {}
/** Called around every effect; throws a Crash to end the orchestrator there. */
export type Interrupt = (when: "before" | "after", effect: string) => void;

const effects = new Set(["run", "runDetached", "writeFile", "removeFile", "makeDirectory", "upload", "unpack", "swap", "backup", "restore"]);
function interruptible(host: Host, interrupt: () => Interrupt): Host {
  return new Proxy(host, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      if (typeof method !== "function") return method;
      if (typeof name !== "string" || !effects.has(name)) return method.bind(target) as unknown;
      return async (...given: unknown[]) => {
        interrupt()("before", name);
        const result: unknown = await (Reflect.apply(method, target, given) as Promise<unknown>);
        interrupt()("after", name);
        return result;
      };
    },
  });
}

type Operations = Readonly<Record<string, AnyOperation<DdFacts>>>;
export interface OneHost {
  readonly root: string;
  readonly host: HostConnection;
  readonly fence: Fence;
  readonly cluster: DdCluster;
  interrupt: Interrupt;
  /** Paths below `root`; what begins with #! may be run. */
  write(files: Readonly<Record<string, string>>): Promise<void>;
  text(path: string): Promise<string>;
  /** A zip with those files, and what `local/` would say of it. */
  pack(name: string, files: Readonly<Record<string, string>>): Promise<Package>;
  /** Looks and acts until it is done. `memory` is what a journal would have kept: give it again after a crash. */
  carryOut(operations: Operations, step: Step, memory: Map<string, Json>): Promise<Json>;
  look(operations: Operations, step: Step, memory: Map<string, Json>): Promise<Look>;
  close(): Promise<void>;
}

const sha256 = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** Installation and nodes below `root`: `server`, `server/clusterDemo/data/ALIAS`. */
export async function oneHost(
  nodes: readonly { readonly name: string; readonly role: Role; readonly server?: string }[],
  rpc: Partial<Rpc> = {},
): Promise<OneHost> {
  const root = scratchDirectory();
  const host = openHost({ name: "db1", transport: "local", address: null, user: null, stateDirectory: join(root, "state"), domain: null }, "test");
  const fence: Fence = await claimed(host, 1);
  const all = nodes.map(({ name, role, server = "server" }, index): DdNode => ({
    name,
    role,
    alias: name,
    endpoint: `127.0.0.1:${String(10_000 + index)}`,
    hostName: "db1",
    host: interruptible(host, () => one.interrupt),
    server: join(root, server),
    clusterDirectory: join(root, server, "clusterDemo"),
    home: join(root, server, "clusterDemo/data", name),
    archives: join(root, "state/artefacts"),
    backups: join(root, "state/backups"),
  }));
  const cluster = {
    cluster: "test",
    nodes: all,
    rpc,
    probeDatabase: "dfs://stillwater_probe",
    node: (name: string) => {
      const found = all.find((each) => each.name === name);
      if (found === undefined) throw new RangeError(name);
      return found;
    },
    aliased: (alias: string) => all.find((each) => each.alias === alias) ?? null,
    secret: (reference: string) => Promise.resolve(reference === "@env:PASSWORD" ? "very-secret" : reference),
    now: () => Date.now(),
  } as unknown as DdCluster;
  const reading = (): { readonly now: number } => ({ now: Date.now() });
  const operationOf = (operations: Operations, step: Step): AnyOperation<DdFacts> => {
    const found = operations[step.do];
    if (found === undefined) throw new RangeError(step.do);
    return found;
  };
  const beforeOf = async (operations: Operations, step: Step, memory: Map<string, Json>): Promise<Json> =>
    memory.get(step.id) ?? (await operationOf(operations, step).prepare?.(step.params, reading())) ?? null;
  const one: OneHost = {
    root,
    host,
    fence,
    cluster,
    interrupt: () => undefined,
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, name)), { recursive: true });
        await writeFile(join(root, name), text);
        if (text.startsWith("#!")) await chmod(join(root, name), 0o755);
      }
    },
    text: (path) => readFile(join(root, path), "utf8"),
    async pack(name, files) {
      const zip = zipOf(Object.entries(files).map(([path, content]) => ({ name: path, content, mode: content.startsWith("#!") ? 0o755 : 0o644 })));
      await writeFile(join(root, name), zip);
      const contents = contentsDigest(Object.entries(files).map(([path, content]) => ({ path, sha256: sha256(content) })));
      return { path: join(root, name), sha256: sha256(zip), bytes: zip.length, contents };
    },
    look: async (operations, step, memory) =>
      operationOf(operations, step).look(step.params, { before: await beforeOf(operations, step, memory), receipt: null }, reading()),
    async carryOut(operations, step, memory) {
      const operation = operationOf(operations, step);
      const before = await beforeOf(operations, step, memory);
      for (let acts = 0; acts < 3; acts++) {
        const look = await operation.look(step.params, { before, receipt: null }, reading());
        if (look.is === "done") return look.proof ?? null;
        if (look.is !== "open") throw new Error(`${step.id}: ${JSON.stringify(look)}`);
        memory.set(step.id, JSON.parse(JSON.stringify(before)) as Json);
        await operation.act?.(
          step.params,
          { before, receipt: null },
          { ...reading(), token: step.id, send: (_, effect) => Promise.resolve(effect(fence)) },
        );
      }
      throw new Error(`${step.id} does not get there`);
    },
    async close() {
      await host.close();
      await rm(root, { recursive: true, force: true });
    },
  };
  return one;
}

/** The steps that put one back, from what the journal kept of it. */
export const undoOf = (operations: Operations, step: Step, memory: ReadonlyMap<string, Json>): readonly Step[] =>
  (operations[step.do]?.undo?.(step.params, memory.get(step.id) ?? null) ?? []).flatMap((item) => (isUndo(item) ? [] : [item]));
