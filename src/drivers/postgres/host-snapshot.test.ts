import { expect, test } from "vitest";
import { Answer, parseHost } from "./host-snapshot.ts";

const node = { name: "pg1", dataDirectory: "/data", installation: "/pg/pgsql" };
const stat = (state: string): string =>
  `stat 4711 (post gres) x) ${state} ${Array.from({ length: 18 }, (_, index) => String(index + 4)).join(" ")} 987654 1 2`;
const host = (...lines: readonly string[]): ReturnType<typeof parseHost> =>
  parseHost(new Answer(["proc ok", ...lines, ""].join("\n"), "pg1", "h1"), node);

test("A process that works in the data directory is the server, with its start time", () => {
  expect(host("phase ready   ", "pid 4711", stat("S"), "cwd /data", "data /data").process).toEqual({ pid: 4711, startTicks: 987654, phase: "ready" });
});
test("A pid that is somebody else's by now, a dead one, or none: nobody runs", () => {
  expect(host("pid 4711", stat("S"), "cwd /home", "data /data").process).toBeNull();
  expect(host("pid 4711", stat("Z"), "data /data").process).toBeNull();
  expect(host("phase ready", "data /data").process).toBeNull();
});
test("A process that cannot be looked into is no answer, and neither is a host without /proc", () => {
  expect(() => host("pid 4711", stat("S"), "data /data")).toThrow(/cannot be seen/);
  expect(() => new Answer("data /data\n", "pg1", "h1")).toThrow(/no \/proc/);
});
test("Releases with odd names, the installation's own apart from the others", () => {
  const seen = host(
    "link /pg/releases/17.0",
    "release 1:2:3:4 /pg/pgsql/bin/postgres",
    "release 1:2:3:4 /pg/releases/17.0/bin/postgres",
    "release 5:6:7:8 /pg/releases/my 17/bin/postgres",
  );
  expect(seen.installed).toEqual({ root: "/pg/pgsql", binary: "1:2:3:4" });
  expect(seen.releases.map(({ root }) => root)).toEqual(["/pg/releases/17.0", "/pg/releases/my 17"]);
  expect(seen.linkTarget).toBe("/pg/releases/17.0");
  expect(host("data /data").linkTarget).toBeNull();
});
test("The text of postgresql.auto.conf is only text: none of its lines is taken for what was seen, and half of it is none", () => {
  const begins = "postgresql.auto.conf begins";
  const text = `# nobody's\nfile recovery.signal\n 00 11 22\npid 1\nown data\n${begins}\npostgresql.auto.conf ends\nlast = 'one'`;
  const seen = host("data /data", begins, `${text}postgresql.auto.conf ends`);
  expect(seen).toMatchObject({ autoConf: text, recoverySignal: false, control: null, process: null, ownsData: false });
  expect(host("data /data").autoConf).toBeNull();
  expect(host("data /data", begins, "postgresql.auto.conf ends").autoConf).toBe("");
  expect(host("data /data", begins, "half = 'o").autoConf).toBeNull();
});
