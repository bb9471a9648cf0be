import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { holderNamed } from "../journal/fixtures.ts";
import type { Claim } from "../journal/store.ts";
import { Refused, StillwaterError, Unreachable } from "../model/errors.ts";
import type { ClaimableHost, HostRecord } from "../model/host.ts";
import { HostClaims, highestEpoch, readRecords } from "./host-claims.ts";

type Asked = Pick<ClaimableHost, "claim" | "renew" | "raise" | "release" | "readRecord">;
interface Fake {
  readonly host: ClaimableHost;
  readonly did: string[];
}
const record: HostRecord = { store: "s", run: "orders", epoch: 4, connection: 1, holder: "ana", verb: "apply", since: 0, expires: 0 };
function fake(change: Partial<Asked> = {}): Fake {
  const did: string[] = [];
  const asked: Asked = {
    claim: (claim) => {
      did.push(`claim ${claim.epoch}`);
      return Promise.resolve(record);
    },
    renew: (_, expires) => {
      did.push(`renew ${expires}`);
      return Promise.resolve();
    },
    raise: (fence) => {
      did.push(`raise ${fence.connection}`);
      return Promise.resolve();
    },
    release: () => {
      did.push("release");
      return Promise.resolve();
    },
    readRecord: () => Promise.resolve(record),
    ...change,
  };
  return { host: asked as ClaimableHost, did };
}
const claim: Claim = { cluster: "orders", epoch: 5, holder: holderNamed("ana"), since: 0, until: 1000 };
const take = (...hosts: readonly Fake[]): Promise<HostClaims> =>
  HostClaims.take({ hosts: hosts.map(({ host }) => host), store: "s", claim, run: "orders", takeOver: false });

test("all hosts or none: what was taken before a refusal is given back", async () => {
  const [one, two] = [fake(), fake({ claim: () => Promise.reject(new StillwaterError("SW2002", "held by ben")) })];
  await expect(take(one, two)).rejects.toMatchObject({ code: "SW2002" });
  expect(one.did).toEqual(["claim 5", "release"]);
  expect(two.did).toEqual([]);
});

test("nobody begins while a host cannot be read", async () => {
  const silent = fake({ readRecord: () => Promise.reject(new Refused("h2 cannot be reached", { code: "SW3001" })) });
  await expect(readRecords([fake().host, silent.host])).rejects.toMatchObject({ code: "SW3001" });
  expect(highestEpoch([record, null])).toBe(4);
  expect(highestEpoch([])).toBe(0);
});

test("a silent host keeps nobody waiting, and is not asked twice at once", async () => {
  let answer: () => void = () => undefined;
  let asked = 0;
  const silent = fake({ renew: () => (asked++, new Promise((resolve) => (answer = resolve))) });
  const other = fake();
  const claims = await take(silent, other);
  const first = claims.renew(2000);
  await delay(1);
  await claims.renew(3000);
  expect(asked).toBe(1);
  expect(other.did).toEqual(["claim 5", "renew 2000", "renew 3000"]);
  answer();
  await first;
  const again = claims.renew(4000);
  expect(asked).toBe(2);
  answer();
  await again;
});

test("silence is no refusal; that somebody else has claimed it is one", async () => {
  const claims = await take(fake({ renew: () => Promise.reject(new Unreachable("no answer", { code: "SW3003" })) }));
  await claims.renew(2000);
  const lost = await take(fake({ renew: () => Promise.reject(new StillwaterError("SW3010", "an older claim")) }));
  await expect(lost.renew(2000)).rejects.toMatchObject({ code: "SW3010" });
});

test("after a raise everything carries the new connection number, also where the raise was not heard", async () => {
  const claims = await take(fake({ raise: () => Promise.reject(new Unreachable("no answer")) }));
  await claims.raise();
  expect(claims.fence(new AbortController().signal)).toMatchObject({ epoch: 5, connection: 2 });
});
