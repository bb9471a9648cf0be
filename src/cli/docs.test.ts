// docs/cli.md is what `--help` says, so that it cannot be about another release. `vitest run src/cli/docs.test.ts -u` writes it.
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runProgram } from "./program.ts";
import { TestIo } from "./testing/io.fixture.ts";
import { verbs } from "./verbs.ts";

const intro = `# The command line

This page is what \`stillwater --help\` and \`stillwater VERB --help\` print; a test keeps it current.

- With \`--json\` standard output is exactly one JSON document, also for an error: \`{"error": {"code", "message", "object", "why", "remedy", "price",
  "override"}}\`. Times in it are UTC. Keys are stable; more may be added.
- Without it, what was asked for goes to standard output and errors go to standard error, in the same order: what happened, \`why\`, what to \`do\`, and what
  an override would cost. Codes are listed in [error-codes.md](error-codes.md).
- On a terminal a run is one screen that is drawn again in place, with the keys \`p\` (pause), \`a\` (abort) and \`d\` (details). In a pipe there is one line for
  each event: \`time level turn node phase message\`.
- Colour is used on a terminal only, and not with \`NO_COLOR\` or \`TERM=dumb\`: one accent for "look here", green only for what was proved.
- \`apply\` and \`rollback\` show the plan and ask for its short hash. Where nobody can be asked, \`--yes HASH\` confirms exactly that plan.
- Ctrl-C in \`apply\` and \`resume\`: the first lets finish what is under way and begins nothing new; the second leaves at once. What is held then is
  looked after by the watchdog, and \`stillwater resume\` goes on.
- A plan is named by the beginning of its hash (4 digits or more, if no other plan begins so) or by its file.
- A step that waits is named as \`stillwater status\` names it.
`;

const help = async (args: readonly string[]): Promise<string> => {
  const io = new TestIo({ environment: { COLUMNS: "100" } });
  expect(await runProgram([...args, "--help"], io)).toBe(0);
  return io.out.text.trimEnd();
};

test("docs/cli.md is current", async () => {
  const pages = [intro, "```", await help([]), "```", ""];
  for (const { name } of verbs) pages.push(`## ${name}`, "", "```", await help([name]), "```", "");
  await expect(pages.join("\n")).toMatchFileSnapshot(fileURLToPath(new URL("../../docs/cli.md", import.meta.url)));
});

test("every verb has an example and its exit codes", async () => {
  for (const entry of verbs) {
    const text = await help([entry.name]);
    expect(text).toMatch(/Examples?:\n {2}\$ stillwater /);
    expect(text).toMatch(/Exit codes:\n {2}\d {2}/);
    expect(text).toContain("--json");
    expect(text).toContain("--state <dir>");
    expect((await entry.load()).exits).toContain("usage");
  }
});
