import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { ClusterDefinition } from "../model/cluster.ts";
import { httpClient } from "../hosts/http-client.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Handles } from "../model/driver.ts";
import { defaultParts } from "./parts.ts";
import type { WorkspaceParts } from "./workspace.ts";

export interface InitRequest {
  readonly system: string;
  /** What the system calls an address: HOST:PORT. */
  readonly target: string;
  /** Default `cluster.yaml`. */
  readonly output?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly parts?: Partial<WorkspaceParts>;
}
export interface Initialised {
  readonly file: string;
  readonly definition: ClusterDefinition;
}

/** Reads a running cluster and writes its cluster file; never overwrites one. Errors SW1103, SW1105, SW6001. */
export async function initCluster(request: InitRequest): Promise<Initialised> {
  const parts = { ...defaultParts, ...request.parts };
  const file = resolve(request.output ?? "cluster.yaml");
  const module = await parts.system(request.system);
  const http = httpClient();
  // No cluster file yet, so no host but this one: the driver asks the cluster itself.
  const handles: Handles = {
    host: (name) => {
      throw new StillwaterError("SW1107", `There is no cluster file yet, and so no host ${name}.`, { object: name });
    },
    http: () => http,
    secret: (reference) => parts.secret(reference),
    now: Date.now,
  };
  const definition = await module.discover(request.target, request.options ?? {}, handles).finally(() => http.close());
  const text = await parts.formatCluster(definition);
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text, { flag: "wx" });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST")
      throw new StillwaterError("SW1105", "The cluster file exists already; it was left as it is.", { object: file });
    throw new StillwaterError("SW1101", `The cluster file cannot be written: ${error instanceof Error ? error.message : String(error)}.`, {
      object: file,
      cause: error,
    });
  }
  return { file, definition };
}
