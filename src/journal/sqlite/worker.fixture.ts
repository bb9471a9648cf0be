// A process that uses the journal, for the tests with several processes. Its first argument says what it does, the second is the directory.
import { newestRun } from "../run-records.ts";
import { isDead, thisHolder } from "../process-identity.ts";
import { StillwaterError } from "../../model/errors.ts";
import { planFor } from "../fixtures.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const [what, directory = ""] = process.argv.slice(2);
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const refusal = (error: unknown): string => (error instanceof StillwaterError ? `refused ${error.code}` : `broke ${String(error)}`);

/** Resolves at the next line on standard input: the test starts all processes at once with it. */
const started = new Promise((resolve) => {
  process.stdin.once("data", resolve);
});

async function claimOnce(): Promise<void> {
  say("ready");
  await started;
  try {
    const store = openSqliteStore({ directory, now: Date.now });
    const claim = await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 60_000, above: 0, holderIsDead: isDead });
    say(`won ${claim.epoch} ${store.id}`);
  } catch (error) {
    say(refusal(error));
  }
  // Alive until the test has heard everybody: a winner that is gone would be a dead holder.
  process.stdin.once("data", () => process.exit(0));
}

/** Appends until it is killed or refused, and says each number only when it is durable. */
async function appendOn(): Promise<void> {
  const store = openSqliteStore({ directory, now: Date.now });
  const claim = await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 60_000, above: 0, holderIsDead: isDead });
  const run = (await newestRun(store, "orders")) ?? (await store.createRun(claim, planFor("orders")));
  for (let count = 0; ; count += 1) {
    const events = Array.from({ length: (count % 3) + 1 }, () => ({ is: "alarm", what: "x".repeat((count * 97) % 9000), step: null }) as const);
    try {
      const { entries } = await store.append(claim, run.id, events);
      say(`${entries.at(-1)?.n ?? 0}`);
    } catch (error) {
      say(refusal(error));
      say(`still ${await store.read(run.id, 0).then(String, refusal)}`);
      return;
    }
  }
}

/** Claims for a moment only, and appends once more when it is told to. */
async function appendWhenTold(): Promise<void> {
  const store = openSqliteStore({ directory, now: Date.now });
  const claim = await store.claim({ cluster: "orders", holder: thisHolder("apply"), leaseMs: 200, above: 0, holderIsDead: isDead });
  const run = await store.createRun(claim, planFor("orders"));
  say("ready");
  await started;
  say(
    await store.append(claim, run.id, [{ is: "alarm", what: "late", step: null }]).then(
      () => "appended",
      (error: unknown) => refusal(error),
    ),
  );
  process.stdin.unref();
}

const jobs: Readonly<Record<string, () => Promise<void>>> = { claim: claimOnce, append: appendOn, "append when told": appendWhenTold };
await jobs[what ?? ""]?.();
