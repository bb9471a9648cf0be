// The quarry's client for the probe: rows in a file beside the quarry's, shared by processes. What goes wrong is said in another file.
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Attempt, AttemptOutcome, ContinuityClient, ReplicaCount, ServerClock } from "../../model/continuity.ts";

type QuarryFault = "forgets" | "refuses";
const faultFile = (quarry: string): string => `${quarry}.fault`;
export function setQuarryFault(quarry: string, fault: QuarryFault | null): void {
  if (fault === null) rmSync(faultFile(quarry), { force: true });
  else writeFileSync(faultFile(quarry), fault);
}
export const quarryRows = (quarry: string, name: string): string => `${quarry}.rows.${name}`;

export class QuarryContinuity implements ContinuityClient {
  readonly kinds = ["insert"] as const;
  readonly route = "quarry";
  readonly deadlineMs = 500;
  readonly #quarry: string;
  readonly #rows: string;

  constructor(quarry: string, name: string) {
    this.#quarry = quarry;
    this.#rows = quarryRows(quarry, name);
  }
  get #fault(): QuarryFault | null {
    return existsSync(faultFile(this.#quarry)) ? (readFileSync(faultFile(this.#quarry), "utf8") as QuarryFault) : null;
  }
  partitions(): Promise<readonly string[]> {
    return Promise.resolve(["east", "west"]);
  }
  async prepare(): Promise<void> {
    appendFileSync(this.#rows, "");
    await Promise.resolve();
  }
  async attempt({ key, value }: Attempt): Promise<AttemptOutcome> {
    await Promise.resolve();
    const line = `${key} ${value ?? ""}\n`;
    switch (this.#fault) {
      case "forgets":
        return { is: "acknowledged" };
      case "refuses":
        return { is: "refused", why: "the quarry is closed" };
      case null:
        appendFileSync(this.#rows, line);
        return { is: "acknowledged" };
    }
  }
  async readAuthoritative(): Promise<ReadonlyMap<string, string>> {
    const records = new Map<string, string>();
    for (const line of readFileSync(this.#rows, "utf8").split("\n").slice(0, -1)) {
      const [key = "", value = ""] = line.split(" ");
      if (value === "removed") records.delete(key);
      else records.set(key, value);
    }
    return await Promise.resolve(records);
  }
  readReplicas(): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    return Promise.resolve(new Map());
  }
  async countReplicas(): Promise<readonly ReplicaCount[]> {
    const expected = (await this.readAuthoritative()).size;
    return [{ replica: "n2", partition: "east", rows: expected, expected }];
  }
  clocks(): Promise<readonly ServerClock[]> {
    return Promise.resolve([{ server: "n1", aheadMs: 4000, uncertaintyMs: 2 }]);
  }
  async removeBehindTheProbe(key: string): Promise<void> {
    appendFileSync(this.#rows, `${key} removed\n`);
    await Promise.resolve();
  }
  durability(): Promise<string> {
    return Promise.resolve("in a file");
  }
  async cleanUp(): Promise<void> {
    rmSync(this.#rows, { force: true });
    await Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
