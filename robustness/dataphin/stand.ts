// One memory lab, and what Stillwater is given to upgrade it: the real driver, a host that refuses older claims, OpenAPI and HTTP on virtual time.
import { memoryCluster, type MemoryCluster, type MemoryClusterOptions } from "../../lab/dataphin/memory/cluster.ts";
import { MemoryDisk } from "../../lab/kit/memory-disk.ts";
import { MemoryHost } from "../../lab/kit/memory-host.ts";
import { NoReply } from "../../lab/kit/network.ts";
import { DataphinDriver } from "../../src/drivers/dataphin/driver.ts";
import { definitionOf } from "../../src/drivers/dataphin/testing/memory-run.ts";
import type { OpenApi } from "../../src/drivers/dataphin/wire/openapi.ts";
import { hostErrors } from "../../src/hosts/testing/memory-host-errors.ts";
import type { ClusterDefinition } from "../../src/model/cluster.ts";
import { Refused, Unreachable } from "../../src/model/errors.ts";
import { modes } from "../../src/model/goal.ts";
import type { Json } from "../../src/model/json.ts";
import { mortalHost } from "../orchestrator/host.ts";
import { virtualHttp } from "../orchestrator/http.ts";
import type { Mortal } from "../orchestrator/process.ts";

/** Where Stillwater's own requests come from. */
export const STILLWATER = "127.0.0.1:3";

export class Stand {
  readonly lab: MemoryCluster;
  readonly definition: ClusterDefinition;
  /** Every run of the configured command: its step, and how it ended. */
  readonly commands: { readonly step: string; code: number | null }[] = [];
  readonly #host: MemoryHost;

  private constructor(lab: MemoryCluster) {
    this.lab = lab;
    const disk = new MemoryDisk();
    const machine = {
      name: "jump",
      disk,
      process: () => null,
      command: (argv: readonly string[]) => this.#command(argv),
      unpack: () => false,
      mode: () => "755",
      freeBytes: () => Number.MAX_SAFE_INTEGER,
    };
    this.#host = new MemoryHost(machine, { clock: this.lab.world, errors: hostErrors, local: disk });
    this.definition = definitionOf(this.lab);
  }
  /** Drives the virtual world until everything serves. */
  static async begin(options: MemoryClusterOptions): Promise<Stand> {
    return new Stand(await memoryCluster(options));
  }
  #command(argv: readonly string[]): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> | null {
    const [name, step = "", given = "", version = ""] = argv;
    const mode = modes.find((each) => each === given);
    if (name !== "lab-manager" || mode === undefined) return null;
    const run: { readonly step: string; code: number | null } = { step, code: null };
    this.commands.push(run);
    return this.lab.command(step, mode, version).then(
      () => ({ code: (run.code = 0), stdout: `${step} done\n`, stderr: "" }),
      (error: unknown) => ({ code: (run.code = 1), stdout: "", stderr: `${error instanceof Error ? error.message : String(error)}\n` }),
    );
  }
  /** What the host refuses everything below of. */
  raise(epoch: number, connection: number): void {
    this.#host.raise(epoch, connection);
  }
  /** The driver as one process of Stillwater has it. */
  driver(process: Mortal): DataphinDriver {
    const { lab } = this;
    const host = mortalHost(this.#host, process);
    const direct = virtualHttp(lab.network, STILLWATER, process);
    return new DataphinDriver(
      this.definition,
      {
        host: () => host,
        service: () => null,
        // The virtual network knows an endpoint by host and port.
        http: () => ({ request: (request) => direct.request({ ...request, url: request.url.replace(/^(http:\/\/[^/:]+)(\/|$)/, "$1:80$2") }) }),
        secret: async (reference) => Object.values(lab.workload.apps).find(({ key }) => reference === `@env:SECRET_${key}`)?.secret ?? reference,
        now: () => lab.world.now(),
      },
      { openApi: this.#openApi(process), sleep: (ms) => process.sleep(ms) },
    );
  }
  #openApi(process: Mortal): OpenApi {
    const { lab } = this;
    return {
      call: (action, parameters, { timeoutMs }) =>
        process.live(async () => {
          const object = lab.endpoints.openapi;
          try {
            const request = { method: "POST", path: lab.signedPath(action, parameters), headers: {}, body: "" };
            const { status, body } = await lab.network.call(STILLWATER, object, request, timeoutMs);
            return { status, body: JSON.parse(body) as Json };
          } catch (error) {
            if (!(error instanceof NoReply)) throw error;
            throw error.failure === "refused" ? new Refused(error.message, { object }) : new Unreachable(error.message, { object });
          }
        }),
    };
  }
}
