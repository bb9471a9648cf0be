import { expect, test } from "vitest";
import type { Acting } from "../../../model/driver.ts";
import { readConf } from "../conf-file.ts";
import { toldServers } from "../testing/told-servers.ts";
import { followOperation } from "./follow.ts";

const none = { before: null, receipt: null };
/** What pg3 is told once it has to follow pg2. */
async function written(conninfo: Readonly<Record<string, string>>, options: Readonly<Record<string, unknown>> = {}): Promise<string | undefined> {
  const path = "/pg/pg3/data/postgresql.auto.conf";
  const files: Record<string, string> = {};
  if (conninfo["pg3"] !== undefined) files[path] = `primary_conninfo = '${conninfo["pg3"]}'\n`;
  const row = (node: string): object => ({ version: 170_000, recovery: true, conninfo: conninfo[node] ?? "", slot: "", status: null });
  const servers = toldServers({ nodes: ["pg1", "pg2", "pg3"], files, options, answer: (node) => [row(node)] });
  const acting = {
    now: 0,
    token: "t",
    send: async (_: unknown, effect: (fence: unknown) => Promise<unknown>) => effect({ signal: AbortSignal.timeout(1_000) }),
  } as unknown as Acting;
  await followOperation(servers).operation.act?.({ node: "pg3", to: "pg2", slot: null }, none, acting);
  return readConf(files[path] ?? "").get("primary_conninfo");
}

test("A connection in URI form is turned to the new primary like any other: user, TLS and name stay", async () => {
  expect(await written({ pg3: "postgresql://r@pg1:5432,pg2:5432/?sslmode=require&application_name=pg3" })).toBe(
    "host=pg2 port=5432 user=r sslmode=require application_name=pg3",
  );
});
test("Without one of its own it connects as another standby does, under its own name", async () => {
  expect(await written({ pg2: "postgresql://r@pg1?application_name=pg2" })).toBe("host=pg2 port=5432 user=r application_name=pg3");
});
test("One that names no user goes on so where nobody names one, and nowhere else", async () => {
  expect(await written({ pg3: "host=pg1 connect_timeout=5" })).toBe("host=pg2 port=5432 connect_timeout=5");
  expect(await written({ pg3: "host=pg1" }, { replicationUser: "r" })).toBe("host=pg2 port=5432 user=r application_name=pg3");
  await expect(written({})).rejects.toMatchObject({ code: "SW2110" });
});
test("A node that serves as a primary is asked about, not turned: its signal file would cost its writes at its next start", async () => {
  const row = { version: 170_000, recovery: false, conninfo: "", slot: "", status: null };
  const servers = toldServers({ nodes: ["pg1", "pg2", "pg3"], files: {}, options: {}, answer: () => [row] });
  const look = await followOperation(servers).operation.look({ node: "pg3", to: "pg2", slot: null }, none, { now: 0 });
  expect(look).toMatchObject({ is: "unclear", known: ["pg3 serves as a primary"] });
});
