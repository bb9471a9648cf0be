import { expect, test } from "vitest";
import { primaryConnection, serverSettings, standbySettings } from "./node-files.ts";

const node = { name: "pg2", address: { host: "127.80.1.2", port: 5432 }, nodes: ["pg1", "pg2", "pg3"], synchronous: true, settings: {} };

test("every node has what it needs to become the primary", () => {
  expect(serverSettings(node)).toContain("synchronous_standby_names = 'ANY 1 (pg1, pg2, pg3)'");
  expect(serverSettings({ ...node, synchronous: false })).toContain("synchronous_standby_names = ''");
});

test("the caller's settings win, and a quote in one does not end it", () => {
  const text = serverSettings({ ...node, settings: { fsync: "off", shared_buffers: "8MB", search_path: "'a b'" } });
  expect(text).toContain("fsync = 'off'");
  expect(text).toContain("search_path = '''a b'''");
  expect(text.match(/shared_buffers/g)).toHaveLength(1);
});

test("a path with a blank or a quote survives both kinds of quotes", () => {
  const connection = primaryConnection("pg2", node.address, "replicator", "/tmp/it's here/pgpass");
  expect(connection).toContain(String.raw`passfile='/tmp/it\'s here/pgpass'`);
  expect(standbySettings(connection, "pg2")).toContain(String.raw`passfile=''/tmp/it\\''s here/pgpass''`);
});
