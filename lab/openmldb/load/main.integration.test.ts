import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";

// An APIServer of a few lines: it takes rows, and forgets those whose number `forgets` says.
let server: Server;
let endpoint: string;
let directory: string;
let forgets: (n: number) => boolean;
const rows: unknown[][] = [];

beforeEach(async () => {
  rows.length = 0;
  forgets = () => false;
  directory = await mkdtemp(join(tmpdir(), "load-"));
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const answer = (more: object): void => void response.end(JSON.stringify({ code: 0, msg: "ok", ...more }));
      if (request.method === "GET") answer({ table: { partition_num: 4 } });
      else if (request.method === "POST") answer({ data: { schema: [], data: rows } });
      else {
        const { value } = JSON.parse(Buffer.concat(parts).toString()) as { value: [unknown[]] };
        if (!forgets(Number(value[0][1]))) rows.push(value[0]);
        answer({});
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  endpoint = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

async function run(verb: string, signalAfterMs: number | null, ...more: string[]): Promise<{ code: number; figures: Record<string, unknown> }> {
  const argv = [join(import.meta.dirname, "main.ts"), verb, "--apiserver", endpoint, "--log", join(directory, "log"), ...more];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (part: Buffer) => {
    printed += part.toString();
    return undefined;
  });
  if (signalAfterMs !== null) setTimeout(() => child.kill("SIGTERM"), signalAfterMs);
  const [code] = (await once(child, "close")) as [number];
  return { code, figures: printed === "" ? {} : (JSON.parse(printed) as Record<string, unknown>) };
}

it("writes until it is told to stop, and says what it did", async () => {
  const { code, figures } = await run("write", 2_500, "--rate", "100");
  expect(code).toBe(0);
  expect(figures["acknowledged"]).toBe(rows.length);
  expect(rows.length).toBeGreaterThan(20);
  expect(await run("verify", null)).toMatchObject({ code: 0, figures: { readBack: { found: rows.length, missing: [] } } });
});

it("finds what an acknowledging server has forgotten", async () => {
  forgets = (n) => n === 3;
  await run("write", null, "--rate", "100", "--seconds", "1");
  const { code, figures } = await run("verify", null);
  expect(code).toBe(1);
  expect(figures["readBack"]).toMatchObject({ missing: [{ n: 3, pid: 3 }] });
});

it("without a log it says how it is called", async () => {
  expect((await run("both", null)).code).toBe(2);
});
