// For this driver's own tests: one real host with installation directories, and operations carried out as the engine does, with a crash wherever it is wanted.
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { openHost, type HostConnection } from "../../../hosts/connection.ts";
import { claimed } from "../../../hosts/testing/claims.ts";
import { scratchDirectory } from "../../../hosts/testing/scratch.ts";
import type { AnyOperation, Look } from "../../../model/driver.ts";
import type { Fence } from "../../../model/fence.ts";
import type { Host } from "../../../model/host.ts";
import type { Json } from "../../../model/json.ts";
import { isUndo, type Step } from "../../../model/step.ts";
import type { OmCluster, OmNode } from "../cluster.ts";
import type { OmFacts, Role } from "../facts.ts";

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

export interface OneHost {
  readonly root: string;
  readonly host: HostConnection;
  readonly cluster: OmCluster;
  interrupt: Interrupt;
  write(files: Readonly<Record<string, string>>): Promise<void>;
  /** Looks and acts until it is done. `memory` is what a journal would have kept: give it again after a crash. */
  carryOut(operations: Readonly<Record<string, AnyOperation<OmFacts>>>, step: Step, memory: Map<string, Json>): Promise<Json>;
  close(): Promise<void>;
}

export async function oneHost(
  nodes: readonly { readonly name: string; readonly role: Role; readonly directory: string; readonly sparkHome?: string }[],
): Promise<OneHost> {
  const root = scratchDirectory();
  const host = openHost({ name: "db1", transport: "local", address: null, user: null, stateDirectory: join(root, "state"), domain: null }, "test");
  const fence: Fence = await claimed(host, 1);
  const all = nodes.map(({ name, role, directory, sparkHome }, index): OmNode => ({
    name,
    role,
    endpoint: `127.0.0.1:${String(10_000 + index)}`,
    address: `127.0.0.1:${String(10_000 + index)}`,
    host: interruptible(host, () => one.interrupt),
    directory: join(root, directory),
    component: role,
    start: null,
    sparkHome: sparkHome === undefined ? null : join(root, sparkHome),
    archives: join(root, "state/archives"),
    backups: join(root, "state/backups"),
  }));
  const cluster = {
    nodes: all,
    node: (name: string) => {
      const found = all.find((each) => each.name === name);
      if (found === undefined) throw new RangeError(name);
      return found;
    },
    secret: (reference: string) => Promise.resolve(reference === "@env:ZK_CERT" ? "user:very-secret" : reference),
    now: () => Date.now(),
  } as unknown as OmCluster;
  const one: OneHost = {
    root,
    host,
    cluster,
    interrupt: () => undefined,
    async write(files) {
      for (const [name, text] of Object.entries(files)) {
        await mkdir(dirname(join(root, name)), { recursive: true });
        await writeFile(join(root, name), text);
        if (text.startsWith("#!")) await chmod(join(root, name), 0o755);
      }
    },
    async carryOut(operations, step, memory) {
      const operation = operations[step.do];
      if (operation === undefined) throw new RangeError(step.do);
      const reading = { now: Date.now() };
      const kept = memory.get(step.id);
      const before = kept ?? (await operation.prepare?.(step.params, reading)) ?? null;
      for (let acts = 0; acts < 3; acts++) {
        const look: Look = await operation.look(step.params, { before, receipt: null }, reading);
        if (look.is === "done") return look.proof ?? null;
        if (look.is !== "open") throw new Error(`${step.id}: ${JSON.stringify(look)}`);
        memory.set(step.id, JSON.parse(JSON.stringify(before)) as Json);
        await operation.act?.(
          step.params,
          { before, receipt: null },
          { ...reading, token: step.id, send: (_, effect) => Promise.resolve(effect(fence)) },
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
export const undoOf = (operations: Readonly<Record<string, AnyOperation<OmFacts>>>, step: Step, memory: ReadonlyMap<string, Json>): readonly Step[] =>
  (operations[step.do]?.undo?.(step.params, memory.get(step.id) ?? null) ?? []).flatMap((item) => (isUndo(item) ? [] : [item]));
