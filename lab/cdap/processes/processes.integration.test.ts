// One lab as a process, and what an operator can do to it with curl and the platform's own script (facts 5, 8.15).
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isAlive } from "../../kit/process-table.ts";
import { LabClient } from "./ask.ts";
import { processOf, start, stop } from "./control.ts";
import { down } from "./down.ts";
import { inject, parseFault } from "./faults.ts";
import { placesOf, type LabFile } from "./lab-file.ts";
import { activeRuns, status } from "./status.ts";
import { up } from "./up.ts";

const parent = mkdtempSync(join(tmpdir(), "lab-cdap-"));
const directory = join(parent, "lab");
const NS = "/v3/namespaces/default";
const patience = 20_000;
let lab: LabFile;
let client: LabClient;

beforeAll(async () => {
  lab = await up({ directory, scale: 0.02, apps: 12, secure: true });
  client = new LabClient(lab);
}, patience);
afterAll(async () => {
  client.close();
  if (existsSync(join(directory, "lab.json"))) await down(directory);
  rmSync(parent, { recursive: true });
});

/** The platform's script: exit code and what it says. */
const cdap = (...words: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> =>
  new Promise((resolve) => {
    const child = spawn(placesOf(directory).command, words, { stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.once("close", (code) => {
      resolve({ code, said });
    });
  });
const fault = (words: string): Promise<string> => inject(directory, parseFault(words.split(" ")));
const answers = (): Promise<boolean> => client.call("GET", NS).then((reply) => reply?.status === 200);
const artefactOf = async (app: string): Promise<string | undefined> =>
  (await client.json<{ readonly artifact: { readonly version: string } }>(`${NS}/apps/${app}`))?.artifact.version;

it("the platform is replaced by its script, with its applications, schedules and running programs", { timeout: patience }, async () => {
  const runs = async () => (await activeRuns(client)).filter(({ namespace }) => namespace !== "system").map(({ run }) => run);
  const before = await runs();
  expect(before.length).toBeGreaterThan(5);
  expect(await cdap("replace", "nonsense")).toMatchObject({ code: 1, said: expect.stringContaining("not a version of CDAP") as string });
  expect(await cdap("replace", "6.9.2")).toMatchObject({ code: 0 });
  await client.until("appfabric is there again", answers, patience);
  const found = await status(directory);
  expect([found.version, found.installed, found.apps]).toMatchObject(["6.9.2", "6.9.2", { default: expect.any(Number) as number }]);
  expect(await runs()).toEqual(before);
  expect(await artefactOf("batch-0001")).toBe("6.8.3");
});

it("a bulk upgrade whose connection is cut shows what it had said until then", { timeout: patience }, async () => {
  await fault("upgrade-cut after=1");
  const token = await tokenOf();
  const heard = await new Promise<{ readonly body: string; readonly whole: boolean }>((resolve) => {
    const [host = "", port = ""] = lab.endpoint.split(":");
    const sent = request({ host, port, method: "POST", path: `${NS}/upgrade`, headers: { authorization: `Bearer ${token}` } }, (reply) => {
      let body = "";
      reply.setEncoding("utf8").on("data", (text: string) => (body += text));
      reply.once("end", () => {
        resolve({ body, whole: true });
      });
      reply.once("error", () => {
        resolve({ body, whole: false });
      });
    });
    sent.end(JSON.stringify([{ name: "batch-0001" }, { name: "batch-0002" }, { name: "batch-0003" }]));
  });
  expect(heard.whole).toBe(false);
  expect(heard.body).toMatch(/^\[\{"statusCode":200.*"batch-0001"/);
  expect(heard.body).not.toContain("batch-0002");
  expect([await artefactOf("batch-0001"), await artefactOf("batch-0002"), await artefactOf("batch-0003")]).toEqual(["6.9.2", "6.9.2", "6.8.3"]);
});
async function tokenOf(): Promise<string> {
  const reply = await fetch(`http://${lab.authentication ?? ""}/token`, { headers: { authorization: `Basic ${btoa("admin:lab-admin")}` } });
  return ((await reply.json()) as { readonly access_token: string }).access_token;
}

it("a copy of its data, taken while it is down, is the platform as it was", { timeout: patience }, async () => {
  await stop(directory);
  const { data } = placesOf(directory);
  cpSync(data, `${data}.copy`, { recursive: true });
  await start(directory);
  await client.until("appfabric is there again", answers, patience);
  expect((await client.call("DELETE", `${NS}/apps/batch-0005`))?.status).toBe(200);
  await stop(directory);
  rmSync(data, { recursive: true });
  cpSync(`${data}.copy`, data, { recursive: true });
  await start(directory);
  await client.until("appfabric is there again", answers, patience);
  expect(await artefactOf("batch-0005")).toBe("6.8.3");
});

it("a process that is killed comes back with what it had, and an expired token is refused", { timeout: patience }, async () => {
  expect((await client.call("PUT", `${NS}/preferences`, { region: "us" }))?.status).toBe(200);
  await client.until("it is in the file", async () => readFileSync(placesOf(directory).state, "utf8").includes('"region":"us"'), patience);
  const running = processOf(directory);
  await fault("kill");
  await client.until("it is gone", async () => running !== null && !isAlive(running), patience);
  expect((await cdap("start")).code).toBe(0);
  await client.until("appfabric is there again", answers, patience);
  expect(await client.json(`${NS}/preferences`)).toEqual({ region: "us" });
  const token = await tokenOf();
  const asked = (): Promise<number> =>
    fetch(`http://${lab.endpoint}${NS}`, { headers: { authorization: `Bearer ${token}` } }).then((reply) => reply.status);
  expect(await asked()).toBe(200);
  await fault("expire-tokens");
  expect(await asked()).toBe(401);
});

it("ends with all its processes", { timeout: patience }, async () => {
  const running = processOf(directory);
  expect(await down(directory, { remove: true })).toBe(1);
  expect([running !== null && isAlive(running), existsSync(directory)]).toEqual([false, false]);
});
