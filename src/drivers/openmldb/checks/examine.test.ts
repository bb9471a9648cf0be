import { describe, expect, it } from "vitest";
import type { CommandResult, HostReader } from "../../../model/host.ts";
import type { OmCluster, OmNode } from "../cluster.ts";
import { omFacts, omGoal } from "../testing/facts-fixture.ts";
import { examine } from "./examine.ts";

const ended = (code: number, stdout = "", stderr = ""): CommandResult => ({ code, stdout, stderr });
/** One tablet on one host, which answers commands as a test says; `date` tells the time of this machine. */
function clusterOf(command: (argv: readonly string[]) => CommandResult): OmCluster {
  const host: Pick<HostReader, "name" | "query" | "readText" | "freeBytes"> = {
    name: "h1",
    query: async (argv) => (argv[0] === "date" ? ended(0, "1000000000000000000\n") : command(argv)),
    readText: async () => "--db_root_path=./db\n",
    freeBytes: async () => 1e12,
  };
  const node: Partial<OmNode> = {
    name: "t1",
    role: "tablet",
    component: "tablet",
    directory: "/opt/t1",
    archives: "/a",
    backups: "/b",
    host: host as OmNode["host"],
  };
  return { nodes: [node], node: () => node, now: () => 1_000_000_000_000 } as unknown as OmCluster;
}
const facts = omFacts({}, { nodes: { ns1: { role: "nameserver" }, t1: { role: "tablet" } } });
const verdicts = async (command: (argv: readonly string[]) => CommandResult) => {
  const artefact = { path: "/r.tgz", sha256: "0".repeat(64), bytes: 1_000, version: "0.9.3" };
  const found = await examine(clusterOf(command), facts, omGoal({ only: ["t1"], artefact }));
  return Object.fromEntries(found.map(({ code, verdict, what }) => [code, `${verdict}: ${what}`]));
};
const isSends = (argv: readonly string[]): boolean => argv.some((each) => each.includes("/dev/tcp/"));

describe("what a host is asked", () => {
  it("is well when every question is answered with nothing missing", async () => {
    const seen = await verdicts(() => ended(0));
    expect(Object.values(seen).map((text) => text.split(":")[0])).toEqual(["passed", "passed", "passed", "passed", "passed", "passed"]);
    expect(Object.keys(seen)).toEqual(["data-directory", "writable", "disk", "clock", "host-tools", "host-sends"]);
  });
  it("a shell that fails prints nothing either: that passes nothing", async () => {
    const seen = await verdicts(() => ended(127, "", "sh: cannot fork\n"));
    for (const code of ["writable", "host-tools", "host-sends"]) expect(seen[code]).toMatch(/^not-measured: .*sh: cannot fork$/);
  });
  it("what it names is told", async () => {
    expect((await verdicts(() => ended(0, "/opt/t1\n")))["writable"]).toMatch(/^blocker: .* may not write to \/opt\/t1$/);
    expect((await verdicts((argv) => ended(0, isSends(argv) ? "has no bash\n" : "")))["host-sends"]).toBe(
      "blocker: has no bash: no request can be sent from there",
    );
    expect((await verdicts((argv) => ended(0, argv.includes("curl") ? "curl\n" : "")))["host-tools"]).toMatch(/^warning: curl missing/);
  });
});
