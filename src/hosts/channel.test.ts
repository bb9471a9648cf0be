import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Channel, type Transport } from "./channel.ts";
import { openHost } from "./connection.ts";
import { shellTransport } from "./testing/shell-transport.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "stillwater-channel-"));
});
afterAll(() => rm(root, { recursive: true }));

const through = (transport: Transport): Promise<Channel> =>
  Channel.open({ host: "db1", transport, cluster: "c", stateDirectory: join(root, "state") });
const command = (...argv: readonly string[]): Transport => ({
  start: () => spawn(argv[0] ?? "", argv.slice(1), { stdio: "pipe" }),
  close: () => Promise.resolve(),
});
const query = (...argv: readonly string[]): { verb: string; values: readonly string[] } => ({ verb: "query", values: ["30", "/", "0", ...argv] });

describe("a channel", () => {
  test("a connection that cannot be made is refused with its own words, and nothing was asked", async () => {
    const refused = { code: "SW3001", name: "Refused" };
    await expect(through(command("/nowhere/ssh"))).rejects.toMatchObject(refused);
    const wordy = through(command("sh", "-c", "echo Permission denied >&2; exit 255"));
    await expect(wordy).rejects.toMatchObject(refused);
    await expect(wordy).rejects.toThrow("db1 cannot be reached: Permission denied");
    await expect(through(command("sh", "-c", "head -c 200000 /dev/zero | tr '\\0' '\\n'"))).rejects.toMatchObject(refused);
  });
  test("what a login script prints does not matter", async () => {
    const noisy = shellTransport(["sh", "-c", 'echo "Last login: yesterday"; echo "1 ok 0 0 0"; exec sh "$@"', "sh"], process.env);
    const channel = await through(noisy);
    expect((await channel.request(query("echo", "x"), { timeoutMs: 5_000 })).out.toString()).toBe("x\n");
    await channel.close();
  });
  test("without an answer in time the outcome is unknown; what was not sent was not done", async () => {
    const channel = await through(shellTransport(["sh"], process.env));
    const [first, second] = [channel.request(query("sleep", "2"), { timeoutMs: 150 }), channel.request(query("true"), { timeoutMs: 5_000 })];
    const outcomes = [
      expect(first).rejects.toMatchObject({ code: "SW3003", name: "Unreachable" }),
      expect(second).rejects.toMatchObject({ code: "SW3001", name: "Refused" }),
    ];
    await Promise.all(outcomes);
    expect(channel.broken).toBe(true);
    await channel.close();
  });
  test("a frame that was cut short is not acted on", async () => {
    const child = shellTransport(["sh"], process.env);
    let stdin: NodeJS.WritableStream | null = null;
    const channel = await through({
      ...child,
      start: () => {
        const started = child.start();
        stdin = started.stdin;
        return started;
      },
    });
    const marker = join(root, "marker");
    if (stdin === null) throw new Error("not started");
    const pipe: NodeJS.WritableStream = stdin;
    pipe.write(`9 query 5 1\n=30\n=/\n=0\n=touch\n=${marker}\nYQ==\n`);
    await channel.close();
    expect(await openAbsent(marker)).toBe(true);
  });
  test("names that cannot be files, and users that are not there, are refused before anything is started", async () => {
    const definition = { name: "db1", transport: "local", address: null, user: null, stateDirectory: join(root, "state"), domain: null } as const;
    expect(() => openHost(definition, "../evil")).toThrow(/cannot have the name/);
    expect(() => openHost({ ...definition, stateDirectory: "state" }, "c")).toThrow(/not an absolute path/);
    const host = openHost({ ...definition, user: "no-such-user" }, "c");
    await expect(host.query(["true"])).rejects.toMatchObject({ code: "SW3001", object: "no-such-user" });
    await expect(host.readFile("relative")).rejects.toMatchObject({ code: "SW3005" });
    await host.close();
  });
});

async function openAbsent(path: string): Promise<boolean> {
  const host = openHost({ name: "db1", transport: "local", address: null, user: null, stateDirectory: join(root, "state"), domain: null }, "c");
  const found = await host.stat(path);
  await host.close();
  return found.kind === "absent";
}
