// Distributions as the vendor's tarballs have them (facts 3.1), with the lab's own programs inside.
import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { promisify } from "node:util";
import { templates } from "./configuration.ts";
import type { LabArchive } from "./lab-file.ts";

const run = promisify(execFile);
const here = import.meta.dirname;
/** Source in a checkout, compiled where the package is installed. */
const main = join(here, `main${extname(import.meta.filename)}`);

export interface Release {
  readonly version: string;
  /** What bin/openmldb says of itself; only a release that lies has another one than `version`. */
  readonly binary?: string;
}

/** The files of a release below `directory`, which is made. */
export function layOutRelease(directory: string, { version, binary = version }: Release): void {
  const put = (name: string, content: string, mode = 0o644): void => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    chmodSync(path, mode);
  };
  const script = (name: string, release: string): string =>
    readFileSync(join(here, "distribution", name), "utf8")
      .replaceAll("@RELEASE@", release)
      .replaceAll("@NODE@", process.execPath)
      .replaceAll("@MAIN@", main);
  put("bin/openmldb", script("openmldb.sh", binary), 0o755);
  put("bin/start.sh", script("start.sh", version), 0o755);
  put("bin/mon", script("mon.sh", version), 0o755);
  for (const [name, content] of Object.entries(templates(version))) put(`conf/${name}`, content);
  put("sbin/README", "This distribution is of a Stillwater lab: there is nothing to deploy with.\n");
  put("udf/README", "User-defined functions go here.\n");
  put("taskmanager/bin/taskmanager.sh", script("taskmanager.sh", version), 0o755);
  put("taskmanager/conf/taskmanager.properties", templates(version)["taskmanager.properties.template"] ?? "");
  for (const jar of ["openmldb-taskmanager", "openmldb-batchjob"])
    put(`taskmanager/lib/${jar}-${version}.jar`, `Stillwater lab: ${jar} ${version}\n`);
}

/** `openmldb-VERSION-linux.tar.gz` in `directory`, with one directory of that name on top. `inside`: the version that it really holds. */
export async function packRelease(directory: string, version: string, inside: Release = { version }): Promise<LabArchive> {
  const top = `openmldb-${version}-linux`;
  const work = join(directory, ".work");
  mkdirSync(work, { recursive: true });
  try {
    layOutRelease(join(work, top), inside);
    const path = join(directory, `${top}.tar.gz`);
    await run("tar", ["-czf", path, "-C", work, top]);
    return { version, inside: inside.binary ?? inside.version, path };
  } finally {
    rmSync(work, { recursive: true });
  }
}

/** The Spark distribution that a taskmanager of that release uses (OM-22). */
export function layOutSpark(directory: string, version: string): void {
  if (existsSync(directory)) throw new Error(`${directory} exists`);
  for (const sub of ["bin", "jars"]) mkdirSync(join(directory, sub), { recursive: true });
  const submit = join(directory, "bin/spark-submit");
  writeFileSync(submit, "#!/bin/sh\necho 'Stillwater lab: no Spark here'\n");
  chmodSync(submit, 0o755);
  for (const jar of ["openmldb-batch", "openmldb-batchjob"])
    writeFileSync(join(directory, `jars/${jar}-${version}.jar`), `Stillwater lab: ${jar} ${version}\n`);
}

export async function packSpark(directory: string, version: string): Promise<string> {
  const top = `spark-3.2.1-bin-openmldbspark-${version}`;
  const work = join(directory, ".work-spark");
  try {
    layOutSpark(join(work, top), version);
    const path = join(directory, `${top}.tgz`);
    await run("tar", ["-czf", path, "-C", work, top]);
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
