import { expect, test } from "vitest";
import { toldServers } from "../testing/told-servers.ts";
import { binaryRefuses, lastArguments } from "./try-values.ts";

const debian = `/usr/lib/postgresql/15/bin/postgres "-D" "/var/lib/postgresql/15/main" "-c" "config_file=/etc/postgresql/15/main/postgresql.conf"\n`;

test("The arguments of the last start are read as the server wrote them", () => {
  expect(lastArguments(debian)).toEqual(["-D", "/var/lib/postgresql/15/main", "-c", "config_file=/etc/postgresql/15/main/postgresql.conf"]);
  expect(lastArguments(`/pgsql/bin/postgres "-c" "cluster_name=a b"\n`)).toEqual(["-c", "cluster_name=a b"]);
  expect(lastArguments("/pgsql/bin/postgres\n")).toEqual([]);
  expect(lastArguments("")).toEqual([]);
});
test("Values are tried with the configuration that the server starts with, wherever it lies, and come last", async () => {
  const commands: (readonly string[])[] = [];
  const servers = toldServers({ nodes: ["pg1"], files: { "/pg/pg1/data/postmaster.opts": debian }, commands });
  await expect(binaryRefuses(servers.node("pg1"), { work_mem: "8MB", jit: null })).resolves.toBeNull();
  const [asked = []] = commands;
  expect(asked.slice(asked.indexOf("-c"))).toEqual([
    "-c",
    "config_file=/etc/postgresql/15/main/postgresql.conf",
    "-c",
    "work_mem=8MB",
    "-C",
    "work_mem",
  ]);
});
