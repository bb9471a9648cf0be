// One claim on every host of a cluster.
import type { FencedHosts } from "../engine/live-surroundings.ts";
import type { Claim } from "../journal/store.ts";
import { StillwaterError } from "../model/errors.ts";
import type { Fence } from "../model/fence.ts";
import type { ClaimableHost, HostRecord } from "../model/host.ts";

/** The records of all hosts that answer. Throws the first host's error when one cannot be read: nobody may begin without having seen them all. */
export async function readRecords(hosts: readonly ClaimableHost[]): Promise<readonly (HostRecord | null)[]> {
  return Promise.all(hosts.map((host) => host.readRecord()));
}
/** The highest epoch that any host has seen: a new claim must lie above it, or its effects would be refused. */
export const highestEpoch = (records: readonly (HostRecord | null)[]): number => Math.max(0, ...records.map((record) => record?.epoch ?? 0));

export interface HostClaimsOptions {
  readonly hosts: readonly ClaimableHost[];
  readonly store: string;
  readonly claim: Claim;
  readonly run: string;
  readonly takeOver: boolean;
}

export class HostClaims implements FencedHosts {
  readonly #options: HostClaimsOptions;
  #connection = 1;
  #until: number;
  /** Hosts that have not answered the last renewal yet: busy with a long effect, or silent. The others must not wait for them. */
  readonly #renewing = new Set<ClaimableHost>();

  private constructor(options: HostClaimsOptions) {
    this.#options = options;
    this.#until = options.claim.until;
  }

  /** All or none: what was claimed before a refusal is released again. */
  static async take(options: HostClaimsOptions): Promise<HostClaims> {
    const claims = new HostClaims(options);
    const outcomes = await Promise.allSettled(options.hosts.map((host) => host.claim(claims.#claim())));
    const refused = outcomes.find((outcome) => outcome.status === "rejected");
    if (refused?.status !== "rejected") return claims;
    const taken = options.hosts.filter((_, index) => outcomes[index]?.status === "fulfilled");
    await Promise.allSettled(taken.map((host) => host.release(claims.#fence())));
    throw refused.reason instanceof Error ? refused.reason : new Error(String(refused.reason));
  }

  fence(signal: AbortSignal): Fence {
    return { run: this.#options.run, epoch: this.#options.claim.epoch, connection: this.#connection, signal };
  }
  async renew(until: number): Promise<void> {
    this.#until = until;
    const idle = this.#options.hosts.filter((host) => !this.#renewing.has(host));
    await Promise.all(idle.map((host) => this.#renew(host, until)));
  }
  async #renew(host: ClaimableHost, until: number): Promise<void> {
    this.#renewing.add(host);
    try {
      await host.renew(this.#fence(), until);
    } catch (error) {
      // Silence: its record expires by itself, and the next renewal finds it again.
      if (error instanceof StillwaterError && error.code === "SW3010") throw error;
    } finally {
      this.#renewing.delete(host);
    }
  }
  async raise(): Promise<void> {
    this.#connection++;
    // A host that cannot be reached now gets the number with the next frame that reaches it: a frame is refused only by a higher one.
    await Promise.allSettled(this.#options.hosts.map((host) => host.raise(this.#fence())));
  }
  async release(): Promise<void> {
    await Promise.allSettled(this.#options.hosts.map((host) => host.release(this.#fence())));
  }

  #claim(): Parameters<ClaimableHost["claim"]>[0] {
    const { store, claim, run, takeOver } = this.#options;
    const { operator, host, pid, verb } = claim.holder;
    return {
      store,
      run,
      epoch: claim.epoch,
      connection: this.#connection,
      holder: `${operator} on ${host} (pid ${pid})`,
      verb,
      expires: this.#until,
      takeOver,
    };
  }
  #fence(): Fence {
    return this.fence(AbortSignal.timeout(10_000));
  }
}
