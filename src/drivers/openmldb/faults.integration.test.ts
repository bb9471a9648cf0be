// What goes wrong in the middle of a run, on a lab cluster in memory: the run ends well, or stands still with the right words, and nothing is lost.
import { describe, expect, test } from "vitest";
import { StillwaterError } from "../../model/errors.ts";
import { leaderOf } from "./facts.ts";
import { expectWhole, leadersOf, movesOf, underLoad, type Loaded } from "./testing/load.ts";
import { restart, small, toTheEnd } from "./testing/small-cluster.ts";
import { goalOf, Killed, MemoryRun, type MemoryRunOptions } from "./testing/memory-run.ts";

/** The n-th request of that method. */
const nth = (method: string, n: number, fate: "lose" | "drop") => {
  let seen = 0;
  return (request: { readonly method: string }) => (request.method === method && ++seen === n ? fate : "pass");
};

describe("an answer that is lost after its effect, or a request that never arrives", () => {
  const methods = [
    ["NameServer/ConfSet", 1],
    ["NameServer/ConfSet", 2],
    ["TabletServer/ChangeRole", 1],
    ["NameServer/ChangeLeader", 1],
    ["NameServer/ChangeLeader", 2],
    ["NameServer/RecoverTable", 1],
    ["NameServer/RecoverTable", 2],
    ["NameServer/UpdateTableAliveStatus", 1],
  ] as const;
  test.each(methods.flatMap(([method, n]) => [[method, n, "lose"] as const, [method, n, "drop"] as const]))(
    "%s, number %i: %s",
    async (method, n, fate) => {
      const loaded = await underLoad(small);
      const { run } = loaded;
      await run.plan(restart());
      run.disturb = nth(method, n, fate);
      await toTheEnd(run);
      await expectWhole(loaded);
      const taken = run.count("NameServer/ChangeLeader") - (method === "NameServer/ChangeLeader" && fate === "drop" ? 1 : 0);
      expect(taken).toBe(movesOf(run).flatMap(({ moved }) => moved).length);
    },
  );
});

describe("Stillwater dies", () => {
  const killedAt = async (loaded: Loaded, when: "journaling" | "journaled", instant: number): Promise<boolean> => {
    let reached = 0;
    let died = false;
    loaded.run[when] = () => {
      if (++reached !== instant) return;
      died = true;
      throw new Killed();
    };
    await toTheEnd(loaded.run);
    return died;
  };
  test.each(["journaling", "journaled"] as const)(
    "[OM-10] at every instant of a drain (%s): the next one goes on, and every leader moves once",
    async (when) => {
      for (let instant = 1; ; instant++) {
        const loaded = await underLoad(small, 50);
        await loaded.run.plan(goalOf({ maintenance: { is: "drain", node: "tablet1" }, options: { "single-replica": "allow-unavailable" } }));
        const died = await killedAt(loaded, when, instant);
        await expectWhole(loaded, "anywhere");
        const tablet1 = loaded.before.structure.nodes["tablet1"]?.endpoint;
        const moved = Object.values(leadersOf(loaded.before)).filter((leader) => leader === tablet1).length;
        expect(loaded.run.count("NameServer/ChangeLeader"), `killed at ${String(instant)}`).toBeLessThanOrEqual(moved + 1);
        if (!died) {
          expect(instant).toBeGreaterThan(when === "journaled" ? 20 : 15);
          break;
        }
      }
    },
    300_000,
  );
  test("with a fence on: the watchdog gives the role back within 30 s, and a resume still ends well", async () => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    await run.plan(restart());
    // Behind the fence, before the change.
    run.disturb = ({ method }) => {
      if (method !== "NameServer/ChangeLeader") return "pass";
      throw new Killed();
    };
    expect(await run.process()).toBe("killed");
    run.disturb = () => "pass";
    const fenced = await run.inspect();
    expect(Object.values(fenced.now.partitions).some((partition) => leaderOf(partition)?.own?.mode === "follower")).toBe(true);
    const died = run.lab.world.now();
    const held = run.held();
    expect(held.length).toBeGreaterThanOrEqual(2);
    expect(await run.process(held)).toEqual({ is: "released" });
    expect(run.lab.world.now() - died).toBeLessThan(25_000);
    const released = await run.inspect();
    expect(Object.values(released.now.partitions).every((partition) => leaderOf(partition)?.own?.mode === "leader")).toBe(true);
    expect(released.now.autoFailover).toBe(true);
    await toTheEnd(run);
    await expectWhole(loaded);
  });
});

describe("an abort puts everything back", () => {
  test.each(["move tablet1/0.move", "stop tablet1", "start tablet1", "ready tablet1", "recover tablet1"])("at %s", async (step) => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    await run.plan(restart());
    run.journaled = (event) => {
      if ("step" in event && event.step === step) run.signal = { desired: "abort", by: "op", reason: "test" };
    };
    await toTheEnd(run);
    await expectWhole(loaded);
  });
});

describe("the nameserver", () => {
  test("fails over in the middle of an operation", async () => {
    const loaded = await underLoad({ ...small, nameservers: 2 });
    const { run } = loaded;
    await run.plan(restart());
    let done = false;
    run.disturb = ({ method, to }) => {
      if (method === "NameServer/ShowOPStatus" && !done && run.count("NameServer/ChangeLeader") > 0) {
        done = true;
        run.lab.kill(run.lab.at(to).name);
        run.lab.world.after(15_000, () =>
          run.lab.start(run.lab.nodes.find(({ role, running }) => role === "nameserver" && running === null)?.name ?? ""),
        );
      }
      return "pass";
    };
    await toTheEnd(run);
    await expectWhole(loaded);
  });
  test("is restarted while the only other one dies: it is started all the same, and the run stands still with the other's name", async () => {
    const loaded = await underLoad({ ...small, nameservers: 2 }, 500);
    const { run } = loaded;
    const leading = (await run.inspect()).now.nameserver ?? "";
    const node = run.lab.at(leading).name;
    const other = run.lab.nodes.find(({ role, name }) => role === "nameserver" && name !== node)?.name ?? "";
    await run.plan(goalOf({ restart: true, only: [node] }));
    run.journaled = (event) => {
      if (event.is === "acting" && event.step === `stop ${node}`) run.lab.kill(other);
    };
    expect(await run.process()).toMatchObject({ is: "paused", code: "SW2101", why: expect.stringContaining(other) as string });
    expect((await run.inspect()).now.nameserver).toBe(leading);
    run.lab.start(other);
    await toTheEnd(run);
    await expectWhole(loaded);
  });
  test("leaves followers fenced behind a change that failed (upstream #2849): the change is made again", async () => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    await run.plan(restart());
    run.lab.nameserver("nameserver1").faults.add({ kind: "fail-task", task: "kChangeLeader" });
    await toTheEnd(run);
    await expectWhole(loaded);
  });
  test("fails every change: the run stands still with the operation's number, nothing is fenced, and an abort puts everything back", async () => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    await run.plan(restart());
    for (let i = 0; i < 40; i++) run.lab.nameserver("nameserver1").faults.add({ kind: "fail-task", task: "kChangeLeader" });
    const outcome = await run.process();
    expect(outcome).toMatchObject({ is: "paused", code: "SW2106", why: expect.stringMatching(/operation \d+ is kFailed/) as string });
    const facts = await run.inspect();
    expect(Object.values(facts.now.partitions).every((partition) => leaderOf(partition)?.own?.mode === "leader")).toBe(true);
    run.signal = { desired: "abort", by: "op", reason: "test" };
    await toTheEnd(run);
    await expectWhole(loaded);
  });
  test("is set to auto_failover by an operator who runs the vendor's tool meanwhile: it is switched off again, and as it was in the end", async () => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    await run.plan(restart());
    run.disturb = ({ method }) => {
      if (method === "NameServer/ChangeLeader" && run.count("NameServer/ConfSet") === 1)
        void run.lab.ask("ConfSet", { conf: { key: "auto_failover", value: "true" } });
      return "pass";
    };
    await toTheEnd(run);
    expect(run.count("NameServer/ConfSet")).toBeGreaterThanOrEqual(3);
    await expectWhole(loaded);
  });
});

describe("tables", () => {
  test("one that is created during the run, led by the tablet that goes next, is moved too", async () => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    await run.plan(restart());
    let made = false;
    run.disturb = ({ method }) => {
      if (method === "NameServer/RecoverTable" && !made) {
        made = true;
        void run.lab.createTable({ db: "test", name: "t2", partitions: 6, replicas: 2 });
      }
      return "pass";
    };
    await toTheEnd(run);
    loaded.writer.end();
    await run.lab.world.run(run.lab.settled());
    expect(await run.lab.world.run(loaded.writer.missing())).toEqual([]);
  });
  test("one that is dropped during the run is let go", async () => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    await run.lab.world.run(run.lab.createTable({ db: "test", name: "t2", partitions: 6, replicas: 2 }));
    await run.plan(restart());
    let dropped = false;
    run.disturb = ({ method }) => {
      if (method === "NameServer/RecoverTable" && !dropped) {
        dropped = true;
        void run.lab.ask("DropTable", { db: "test", name: "t2" });
      }
      return "pass";
    };
    await toTheEnd(run);
    await expectWhole(loaded);
  });
});

test("a tablet that never registers stands the run still, named with its endpoint", async () => {
  const { run, writer } = await underLoad(small);
  await run.plan(restart());
  const { disk } = run.lab.node("tablet1").machine;
  run.journaled = (event) => {
    if (event.is !== "done" || event.step !== "stop tablet1") return;
    disk.write("/srv/tablet1/conf/tablet.flags", (disk.read("/srv/tablet1/conf/tablet.flags") ?? "").replace("127.0.0.1:10921", "127.0.0.1:10999"));
  };
  const outcome = await run.process();
  writer.end();
  expect(outcome).toMatchObject({ is: "paused", step: "start tablet1", code: "SW2102", why: "127.0.0.1:10921 to register" });
});

describe("skip_grant_tables=false", () => {
  const strict: MemoryRunOptions = {
    ...small,
    flags: { nameserver: { system_table_replica_num: "1", skip_grant_tables: "false" }, tablet: { skip_grant_tables: "false" } },
  };
  test("wrong credentials are named, and nothing is planned", async () => {
    const run = await MemoryRun.begin({ ...strict, nameservers: 1, clusterOptions: { authorization: { user: "root", password: "@env:WRONG" } } });
    const error = await run.inspect().then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StillwaterError);
    const { message, why, remedy } = error as StillwaterError;
    const said = [message, ...why, remedy].join("\n");
    expect(said).toMatch(/skip_grant_tables=false/);
    expect(said).toMatch(/as user root/);
    expect(said).not.toContain("@env:WRONG");
    expect(run.sent.filter(({ method }) => /ConfSet|ChangeLeader|ChangeRole|SetMode/.test(method))).toEqual([]);
  });
  test("the service's own token carries a whole turn", async () => {
    const loaded = await underLoad(strict);
    await loaded.run.plan(restart());
    await toTheEnd(loaded.run);
    await expectWhole(loaded);
  });
});

describe("an operator who uses the vendor's commands during the run", () => {
  test("changeleader and recovertable of what is being moved: every leader is where it was, and nothing is lost", async () => {
    const loaded = await underLoad(small);
    const { run } = loaded;
    await run.plan(restart());
    let meddled = 0;
    run.disturb = ({ method, to }) => {
      // After the first change has been asked for: the operator moves another partition of the same tablet away, as pre-upgrade does.
      if (method !== "NameServer/ShowOPStatus" || meddled > 0 || run.count("NameServer/ChangeLeader") === 0) return "pass";
      meddled += 1;
      const tablet1 = loaded.before.structure.nodes["tablet1"]?.endpoint ?? "";
      const led = Object.values(loaded.before.now.partitions).filter(
        (partition) => leaderOf(partition)?.endpoint === tablet1 && partition.replicas.length > 1,
      );
      const [db = "", name = ""] = led.at(-1)?.table.split(".") ?? [];
      const pid = led.at(-1)?.pid ?? 0;
      void run.lab
        .call(to, "NameServer/ChangeLeader", { db, name, pid, candidate_leader: "auto" })
        .then(() => run.lab.world.sleep(1_000))
        .then(() => run.lab.call(to, "NameServer/RecoverTable", { db, name, pid, endpoint: tablet1 }));
      return "pass";
    };
    await toTheEnd(run);
    expect(meddled).toBe(1);
    loaded.writer.end();
    await run.lab.world.run(run.lab.settled());
    const after = await run.inspect();
    expect(after.now.autoFailover).toBe(true);
    // The operator's own change has no fence: what it loses is its own, and is told by offsets; our moves lose nothing.
    expect(
      movesOf(run)
        .flatMap(({ moved }) => moved)
        .filter(({ lost }) => lost > 0),
    ).toEqual([]);
  });
  test("recoverdata marks healthy followers dead behind a fence, and fails to recover them: the run stands still with their names, and goes on when they are back", async () => {
    const loaded = await underLoad(small, 500);
    const { run } = loaded;
    const { lab } = run;
    await run.plan(restart());
    const leader = lab.of("nameserver")[0]?.endpoint ?? "";
    const followers = Object.values(loaded.before.now.partitions).flatMap(({ table, pid, replicas }) => {
      const [db = "", name = ""] = table.split(".");
      const endpoint = replicas.find(({ leads }) => !leads)?.endpoint;
      return db === "test" && endpoint !== undefined ? [{ db, name, pid, endpoint }] : [];
    });
    let meddled = false;
    run.disturb = ({ method }) => {
      if (method !== "TabletServer/ChangeRole" || meddled) return "pass";
      meddled = true;
      for (const each of followers)
        void lab
          .call(leader, "NameServer/UpdateTableAliveStatus", { ...each, is_alive: false })
          .then(() => lab.call(leader, "NameServer/RecoverTable", each));
      return "pass";
    };
    expect(await run.process()).toMatchObject({
      is: "paused",
      code: "SW2102",
      why: expect.stringMatching(/test\.t1\/\d: \S+ is not alive/) as string,
    });
    const standing = await run.inspect();
    expect(Object.values(standing.now.partitions).every((partition) => leaderOf(partition)?.own?.mode === "leader")).toBe(true);
    for (const each of followers) await lab.world.run(lab.call(leader, "NameServer/RecoverTable", each));
    await toTheEnd(run);
    await expectWhole(loaded);
  });
});

test("a leader whose files are gone is loaded three times, then the run stands still with its name", async () => {
  const { run, writer, before } = await underLoad(
    { ...small, flags: { nameserver: { system_table_replica_num: "1", auto_failover: "false" } } },
    500,
  );
  writer.end();
  const { lab } = run;
  const tablet1 = before.structure.nodes["tablet1"]?.endpoint;
  const led = Object.values(before.now.partitions).find((partition) => partition.table === "test.t1" && leaderOf(partition)?.endpoint === tablet1);
  if (led === undefined) throw new Error("tablet1 leads nothing");
  lab.kill("tablet1");
  lab.node("tablet1").machine.disk.remove(`/srv/tablet1/db/${String(led.tid)}_${String(led.pid)}`);
  await lab.world.run(lab.until("its registration is gone", async () => !lab.zookeeper.peekChildren("/openmldb/nodes").includes(tablet1 ?? "")));
  lab.start("tablet1");
  await lab.world.run(lab.until("it is registered", async () => lab.zookeeper.peekChildren("/openmldb/nodes").includes(tablet1 ?? "")));
  await run.plan(goalOf({ maintenance: { is: "recover" } }));
  const outcome = await run.process();
  expect(outcome).toMatchObject({ is: "paused", why: expect.stringContaining(`test.t1/${String(led.pid)}`) as string });
  expect(outcome).toMatchObject({ code: "SW2106" });
  expect(
    run.sent.filter(({ method, body }) => method === "TabletServer/LoadTable" && body.includes(`"pid":${String(led.pid)}`)).length,
  ).toBeLessThanOrEqual(4);
});
