// The fence: who may act, who may not any more, and what a lost connection cannot do later.
import { expect } from "vitest";
import type { Check } from "./conformance.ts";
import { claimed, fenceOf, helperPid, until } from "./testing/claims.ts";

const holder = "ben on jump2 (pid 17)";

export function conformsInClaims(check: Check): void {
  check("an effect of an older epoch is refused, and so is one without a claim", async ({ host, fence, another, path }) => {
    const file = await path("file");
    const next = another();
    const newer = await claimed(next, 2);
    await next.writeFile(newer, file, "new");
    await expect(host.writeFile(fence, file, "old")).rejects.toMatchObject({ code: "SW3010", name: "Refused" });
    await expect(host.run(fenceOf(3, "2"), ["true"])).rejects.toMatchObject({ code: "SW3010" });
    expect(await host.readText(file)).toBe("new");
    // The number does not fall either.
    await expect(claimed(host, 1)).rejects.toMatchObject({ code: "SW3010", name: "StillwaterError" });
  });
  check("an effect of an older connection number is refused", async ({ host, fence, another }) => {
    await host.raise(fenceOf(1, "1", 2));
    await expect(host.run(fence, ["true"])).rejects.toMatchObject({ code: "SW3010" });
    expect((await host.run(fenceOf(1, "1", 2), ["true"])).code).toBe(0);
    expect((await host.run(fenceOf(1, "1", 3), ["true"])).code).toBe(0);
    await expect(host.run(fenceOf(1, "1", 2), ["true"])).rejects.toMatchObject({ code: "SW3010" });
    expect(await another().readRecord()).toMatchObject({ epoch: 1, connection: 3 });
  });
  check("a new connection of the same claim leaves the older one behind", async ({ host, fence, another }) => {
    expect((await host.run(fence, ["true"])).code).toBe(0);
    const before = await host.readRecord();
    const next = another();
    expect((await next.run(fence, ["true"])).code).toBe(0);
    expect((await next.readRecord())?.session).toBe((before?.session ?? 0) + 1);
    await expect(host.run(fence, ["true"])).rejects.toMatchObject({ code: "SW3010" });
  });
  check("another journal is refused in words, until the claim has run out or is taken over", async ({ host, another }) => {
    const other = another();
    const claim = { store: "journal-b", run: "7", holder, verb: "rollback", expires: Date.now() + 60_000 };
    const refused = other.claim({ ...claim, epoch: 9 });
    await expect(refused).rejects.toMatchObject({ code: "SW2002", name: "StillwaterError" });
    await expect(refused).rejects.toThrow(/is held by ana on jump1 \(pid 4211\): apply, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
    await expect(refused).rejects.toHaveProperty("why.0", expect.stringMatching(/verb apply, run 1, epoch 1, journal journal-a/));
    await expect(other.claim({ ...claim, epoch: 1, takeOver: true })).rejects.toMatchObject({ code: "SW3010" });
    expect(await other.claim({ ...claim, epoch: 9, takeOver: true })).toMatchObject({ store: "journal-b", epoch: 9, holder });
    await expect(host.run(fenceOf(1), ["true"])).rejects.toMatchObject({ code: "SW3010" });
    expect((await other.run(fenceOf(9, "7"), ["true"])).code).toBe(0);
  });
  check("a claim that has run out can be taken by another journal, and its holder is then refused", async ({ host, fence, another }) => {
    await host.renew(fence, Date.now() + 900);
    const other = another();
    const claim = { store: "journal-b", run: "7", epoch: 2, holder, verb: "apply", expires: Date.now() + 60_000 };
    await expect(other.claim(claim)).rejects.toMatchObject({ code: "SW2002" });
    // Nobody has taken it yet: the holder is still alone, and may go on.
    await until("its time is over", async () => ((await other.readRecord())?.expires ?? 0) <= Date.now());
    expect((await host.run(fence, ["true"])).code).toBe(0);
    await other.claim(claim);
    await expect(host.renew(fence, Date.now() + 60_000)).rejects.toMatchObject({ code: "SW3010" });
    await expect(host.run(fence, ["true"])).rejects.toMatchObject({ code: "SW3010" });
  });
  check("a released host is free for everybody, and remembers its epoch", async ({ host, fence, another }) => {
    await host.release(fence);
    await host.release(fence);
    expect(await host.readRecord()).toMatchObject({ epoch: 1, expires: 0 });
    await expect(host.run(fence, ["true"])).rejects.toMatchObject({ code: "SW3010" });
    const other = another();
    await expect(claimed(other, 1, "journal-b")).rejects.toMatchObject({ code: "SW3010" });
    await claimed(other, 2, "journal-b");
    await expect(host.release(fence)).rejects.toMatchObject({ code: "SW3010" });
  });
  check("a claim whose answer was lost can be repeated", async ({ another }) => {
    const next = another();
    await claimed(next, 4);
    await claimed(another(), 4);
    expect(await next.readRecord()).toMatchObject({ epoch: 4, session: 2 });
  });
  check(
    "an effect under way when the helper is killed is unknown; the next look waits until it has ended",
    async ({ host, fence, another, path }) => {
      const file = await path("file");
      const pid = await helperPid(host, fence);
      const effect = host.run(fence, ["sh", "-c", `touch ${file}.begun; until [ -e ${file}.go ]; do sleep 0.05; done; echo done >${file}`]);
      const outcome = expect(effect).rejects.toMatchObject({ code: "SW3003", name: "Unreachable" });
      await until("it has begun", async () => (await host.stat(`${file}.begun`)).kind === "file");
      process.kill(pid, "SIGKILL");
      await outcome;
      const look = host.readText(file);
      await another().query(["touch", `${file}.go`]);
      expect(await look).toBe("done\n");
      expect((await host.run(fence, ["cat", file])).stdout).toBe("done\n");
    },
  );
  check("what was sent over a lost connection and arrives late is refused", async ({ host, fence, another, path }) => {
    const file = await path("file");
    const pid = await helperPid(host, fence);
    process.kill(pid, "SIGSTOP");
    const late = host.writeFile(fence, file, "late");
    const outcome = expect(late).rejects.toMatchObject({ code: "SW3010" });
    const next = another();
    await next.writeFile(fence, file, "in time");
    process.kill(pid, "SIGCONT");
    await outcome;
    expect(await next.readText(file)).toBe("in time");
  });
  check("who wakes up after somebody else has claimed is refused", async ({ host, fence, another, path }) => {
    const file = await path("file");
    const pid = await helperPid(host, fence);
    process.kill(pid, "SIGSTOP");
    const outcomes = [host.writeFile(fence, file, "old"), host.removeFile(fence, file), host.runDetached(fence, "old", ["true"])].map((late) =>
      expect(late).rejects.toMatchObject({ code: "SW3010" }),
    );
    const next = another();
    const newer = await claimed(next, 2);
    await next.writeFile(newer, file, "new");
    process.kill(pid, "SIGCONT");
    await Promise.all(outcomes);
    expect(await next.readText(file)).toBe("new");
    expect(await next.detached("old")).toEqual({ is: "absent" });
  });
  check("at the deadline of the claim an effect is given up, and ended before anybody looks", async ({ host, path, fence }) => {
    const file = await path("file");
    const deadline = new AbortController();
    const effect = host.run(fenceOf(1, "1", 1, deadline.signal), ["sh", "-c", `touch ${file}.begun; sleep 20; touch ${file}`]);
    const outcome = expect(effect).rejects.toMatchObject({ code: "SW3003", name: "Unreachable" });
    await until("it has begun", async () => (await host.stat(`${file}.begun`)).kind === "file");
    deadline.abort();
    await outcome;
    const looked = Date.now();
    expect(await host.stat(file)).toEqual({ kind: "absent" });
    expect(Date.now() - looked).toBeLessThan(5_000);
    await expect(host.run(fenceOf(1, "1", 1, deadline.signal), ["touch", file])).rejects.toMatchObject({ name: "Refused" });
    expect((await host.run(fence, ["true"])).code).toBe(0);
  });
  check("looks are possible while an effect runs", async ({ host, fence, path }) => {
    const file = await path("go");
    const effect = host.run(fence, ["sh", "-c", `until [ -e ${file} ]; do sleep 0.02; done`]);
    for (let n = 0; n < 3; n++) expect(await host.stat(file)).toEqual({ kind: "absent" });
    await host.query(["touch", file]);
    expect((await effect).code).toBe(0);
  });
}
