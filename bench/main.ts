// `npm run bench -- NAME [--json] [--pairs N]`: measurements, each against its baseline in the same run. Prints; judges nothing.
import type { Metric } from "./metric.ts";

const [name] = process.argv.slice(2).filter((word) => !word.startsWith("--"));
const json = process.argv.includes("--json");
const pairsAt = process.argv.indexOf("--pairs");
const pairs = pairsAt < 0 ? undefined : Number(process.argv[pairsAt + 1]);

const benches: Readonly<Record<string, () => Promise<readonly Metric[]>>> = {
  postgres: async () =>
    (await import("./postgres.ts")).benchPostgres({ ...(pairs === undefined ? {} : { pairs }), say: (text) => process.stderr.write(`${text}\n`) }),
  cdap: async () => (await import("./cdap.ts")).benchCdap((text) => process.stderr.write(`${text}\n`)),
  core: async () => {
    const { journalAppend } = await import("./core-journal.ts");
    const { planThousandNodes } = await import("./core-plan.ts");
    return [...(await journalAppend()), ...(await planThousandNodes())];
  },
  dataphin: async () => (await import("./dataphin.ts")).benchDataphin((text) => process.stderr.write(`${text}\n`)),
  dolphindb: async () => (await import("./dolphindb.ts")).benchDolphindb((text) => process.stderr.write(`${text}\n`)),
  openmldb: async () => (await import("./openmldb.ts")).benchOpenmldb((text) => process.stderr.write(`${text}\n`)),
};

const bench = name === undefined ? undefined : benches[name];
if (!bench) {
  process.stderr.write(`npm run bench -- NAME [--json] [--pairs N], NAME one of: ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}
const metrics = await bench();
if (json) console.log(JSON.stringify(metrics, null, 2));
else
  for (const { metric, value, unit, baseline, ratio } of metrics)
    console.log(
      `${metric.padEnd(72)} ${String(value).padStart(10)} ${unit.padEnd(8)}${baseline ? `  ${baseline.name} ${baseline.value}  ratio ${ratio ?? "-"}` : ""}`,
    );
