// How an OpenMLDB release tells its version. Pure. Sources in the vendor's repository: src/cmd/openmldb.cc (SetVersionString), release/conf/openmldb-env.sh,
// java/openmldb-taskmanager and java/openmldb-batch (names of the jars), python/openmldb_tool (how the vendor's own tool reads them).

const number = String.raw`\d+\.\d+\.\d+`;

/** Of `bin/openmldb --version`: `openmldb version 0.9.2-COMMIT`. Null: it says something else. */
export const versionOfBinary = (output: string): string | null =>
  new RegExp(String.raw`\bversion (${number})(?:[-.][0-9A-Za-z]+)?\b`).exec(output)?.[1] ?? null;

/** Of `/version`: `0.9.2-COMMIT`. */
export const versionOfPage = (text: string): string | null => new RegExp(`^(${number})`).exec(text.trim())?.[1] ?? null;

/** Of `conf/openmldb-env.sh`: `export OPENMLDB_VERSION=0.9.2`. The last one counts, as in a shell. */
export const versionOfEnvironment = (text: string): string | null =>
  [...text.matchAll(new RegExp(String.raw`^\s*(?:export\s+)?OPENMLDB_VERSION=["']?(${number})["']?\s*(?:#.*)?$`, "gm"))].at(-1)?.[1] ?? null;

/** Of `taskmanager/lib/openmldb-taskmanager-0.9.2.jar`. */
export const versionOfTaskmanagerJar = (name: string): string | null =>
  new RegExp(String.raw`^openmldb-taskmanager-(${number})(?:-[0-9A-Za-z]+)?\.jar$`).exec(name)?.[1] ?? null;

/** Of `jars/openmldb-batch-0.9.2.jar` in a Spark distribution: the version of OpenMLDB that it was built for. */
export const versionOfBatchJar = (name: string): string | null =>
  new RegExp(String.raw`^openmldb-batch-(${number})(?:-[0-9A-Za-z]+)?\.jar$`).exec(name)?.[1] ?? null;
