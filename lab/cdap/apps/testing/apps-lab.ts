// A whole CDAP in memory with the lab's applications in it, asked as an operator would with curl.
import { NoReply, type Reply } from "../../../kit/network.ts";
import { ENDPOINT, memoryCdap, type MemoryCdap, type MemoryCdapOptions } from "../../memory/cluster.ts";
import { installed } from "../install.ts";
import type { SeedOptions } from "../seed/seed.ts";

const DURATIONS = { appfabric: 2_000, services: 1_000, item: 5 } as const;

export class AppsLab {
  readonly cdap: MemoryCdap;

  private constructor(cdap: MemoryCdap) {
    this.cdap = cdap;
  }
  /** Nothing runs but the system's services. */
  static async up(release: string, options: SeedOptions & Partial<Omit<MemoryCdapOptions, "install">> = {}): Promise<AppsLab> {
    const { durations, ...rest } = options;
    const install = installed({ running: false, ...rest });
    return new AppsLab(await memoryCdap({ ...rest, release, durations: { ...DURATIONS, ...durations }, install }));
  }
  pass(ms: number): Promise<void> {
    return this.cdap.world.advance(ms);
  }
  /** Null: the connection was closed. */
  async call(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply | null> {
    const text = body === undefined ? "" : typeof body === "string" ? body : JSON.stringify(body);
    try {
      return await this.cdap.world.run(this.cdap.network.call("me:1", ENDPOINT, { method, path, headers, body: text }, 600_000));
    } catch (error) {
      if (error instanceof NoReply) return null;
      throw error;
    }
  }
  /** `[status, body]` below the namespace `default`, or from `/v3` on; the body parsed if it is JSON. */
  async ask(method: string, path: string, body?: unknown): Promise<readonly [number, unknown]> {
    const reply = await this.call(method, path.startsWith("/v3") ? path : `/v3/namespaces/default${path}`, body);
    if (reply === null) return [0, null];
    try {
      return [reply.status, JSON.parse(reply.body) as unknown];
    } catch {
      return [reply.status, reply.body];
    }
  }
}
