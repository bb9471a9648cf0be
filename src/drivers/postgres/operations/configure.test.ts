import { expect, test } from "vitest";
import type { Look } from "../../../model/driver.ts";
import type { ConfChanges } from "../conf-file.ts";
import type { CatalogueEntry } from "../facts.ts";
import { toldServers } from "../testing/told-servers.ts";
import { readBackOperation, setOperation } from "./configure.ts";

interface Row {
  readonly name: string;
  readonly setting: string;
  readonly context: string;
  readonly pending: boolean;
  readonly sourcefile: string | null;
  readonly entry: CatalogueEntry;
}
const names = "synchronous_standby_names";
const lease: Row = {
  name: names,
  setting: "",
  context: "sighup",
  pending: false,
  sourcefile: "/pg/pg1/data/postgresql.auto.conf",
  entry: ["sighup", "string", null, null, null, null, ""],
};
const limit: Row = {
  ...lease,
  name: "max_connections",
  setting: "200",
  context: "postmaster",
  entry: ["postmaster", "integer", null, "1", "262143", null, "100"],
};
const conf = "/pg/pg1/data/postgresql.auto.conf";
const none = { before: null, receipt: null };
const looked = (row: Row, values: ConfChanges, file = "# no entry\n"): Promise<Look> =>
  setOperation(toldServers({ nodes: ["pg1"], files: { [conf]: file }, answer: () => [row] })).operation.look({ node: "pg1", values }, none, {
    now: 0,
  });

test("An entry that its file has no more is not gone before the server has read that file", async () => {
  const back = { [names]: null };
  expect(await looked(lease, back)).toMatchObject({ is: "open", why: expect.stringContaining("without its entry") as string });
  for (const sourcefile of [null, "/etc/postgresql/17/main/postgresql.conf"])
    expect(await looked({ ...lease, sourcefile }, back), String(sourcefile)).toEqual({ is: "done", proof: { [names]: "" } });
  expect(await looked(lease, back, `${names} = ''\n`)).toMatchObject({ is: "open", why: expect.stringContaining("not written") as string });
});
test("One that only a restart takes out is waited for until the server has read the file, and no longer: then it is pending", async () => {
  const back = { max_connections: null };
  expect(await looked(limit, back)).toMatchObject({ is: "open" });
  expect(await looked({ ...limit, pending: true }, back)).toEqual({ is: "done", proof: { max_connections: "200 until restart" } });
});
test("After a start, a server that still runs with a removed entry does not run with what was asked for", async () => {
  const look = (row: Row): Promise<Look> =>
    readBackOperation(toldServers({ nodes: ["pg1"], answer: () => [row] })).operation.look({ node: "pg1", values: { max_connections: null } }, none, {
      now: 0,
    });
  expect(await look(limit)).toMatchObject({ is: "waiting" });
  expect(await look({ ...limit, setting: "100", sourcefile: null })).toEqual({ is: "done", proof: { max_connections: "100" } });
});
test("A value that our own sessions set for themselves is read in one that does not", async () => {
  const row = (setting: string): Row => ({
    ...lease,
    name: "synchronous_commit",
    setting,
    entry: ["user", "enum", null, null, null, ["local", "remote_write", "remote_apply", "on", "off"], "on"],
  });
  const servers = toldServers({
    nodes: ["pg1"],
    files: { [conf]: "synchronous_commit = 'remote_apply'\n" },
    answer: (_, __, session) => [row(session === "plain" ? "remote_apply" : "local")],
  });
  const look = setOperation(servers).operation.look({ node: "pg1", values: { synchronous_commit: "remote_apply" } }, none, { now: 0 });
  await expect(look).resolves.toEqual({ is: "done", proof: { synchronous_commit: "remote_apply" } });
});
