import { resolve } from "node:path";
import { exitCodes, StillwaterError } from "../../model/errors.ts";
import { loadSystem, systems } from "../../usecases/registry.ts";
import { checkSdk } from "../../usecases/sdk.ts";
import { defineVerb } from "../context.ts";
import { clean, table, wrapTo } from "../render/text.ts";
import { plural } from "../render/time.ts";

interface Options {
  readonly to?: string;
  readonly system?: string;
  readonly write?: boolean;
}
export const verb = defineVerb<Options>({
  configure: (command) =>
    command
      .argument("<check>", "what to do: check")
      .argument("<dir>", "the application's directory")
      .option("--to <version>", "the version that the servers have or get (default: what the cluster runs)")
      .option("--system <system>", "the system (default: the cluster file's)")
      .option("--write", "edit in place what is behind; every other byte stays"),
  examples: [
    ...systems.filter(({ sdk }) => sdk).map(({ system }) => `stillwater sdk check ../orders-app --to 2.1.0 --system ${system}`),
    "stillwater sdk check . --write",
  ],
  exits: ["ok", "failed", "usage"],
  async run(context, [action = "", directory = ""], { to, system, write }) {
    if (action !== "check")
      throw new StillwaterError("SW1001", `sdk has no ${JSON.stringify(action)}.`, { object: action, remedy: "It has: check." });
    const module = system === undefined ? await context.workspace.module() : await loadSystem(system);
    const version = to ?? (await runningVersion(context));
    const { findings, edits } = await checkSdk({ module, directory: resolve(directory), version, write: write === true });
    context.document({ version, findings, edits });
    const { style } = context;
    const behind = findings.filter(({ verdict }) => verdict !== "current");
    const left = behind.filter((each) => !edits.some(({ file, written }) => written && file === each.file && each.verdict === "behind"));
    if (findings.length === 0) {
      context.print([`No file below ${directory} names an SDK of ${module.title}: nothing was checked.`]);
      return exitCodes.failed.code;
    }
    const made = table(
      [{ title: "file" }, { title: "line" }, { title: "artefact" }, { title: "has" }, { title: "wanted" }],
      findings.map((each) => [each.file, String(each.line), each.artefact, each.found ?? "-", each.wanted].map(clean)),
      style.columns,
    );
    context.print([
      style.quiet(made.head),
      ...made.rows.flatMap((row, index) => {
        const finding = findings[index];
        if (finding === undefined || finding.verdict === "current") return row;
        const words = wrapTo(clean(finding.what), style.columns - 6).map((line) => `      ${line}`);
        return [...row, ...words].map((line) => style.accent(line));
      }),
      "",
      ...edits.map(({ file, written }) => (written ? `edited ${clean(file)}` : `--write would edit ${clean(file)}`)),
      left.length === 0
        ? style.proved(behind.length === 0 ? "all current" : `all current, ${plural(behind.length, "dependency", "dependencies")} mended`)
        : style.accent(`${plural(left.length, "dependency", "dependencies")} to look at`),
    ]);
    return left.length === 0 ? exitCodes.ok.code : exitCodes.failed.code;
  },
});

async function runningVersion(context: Parameters<(typeof verb)["run"]>[0]): Promise<string> {
  const { inspectCluster } = await import("../../usecases/inspect.ts");
  const versions = [...new Set((await inspectCluster(context.workspace)).nodes.flatMap(({ version }) => version ?? []))];
  if (versions.length === 1 && versions[0] !== undefined) return versions[0];
  throw new StillwaterError(
    "SW1001",
    versions.length === 0 ? "No node says its version." : `The nodes run several versions: ${versions.join(", ")}.`,
    {
      remedy: "Say which one with --to VERSION.",
    },
  );
}
