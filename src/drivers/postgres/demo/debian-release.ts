// Debian's packages have the tools that the npm packages lack (pg_rewind, pg_basebackup, ...). They are used where they are installed, else fetched, never installed.
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.ts";
import type { ServerUser } from "./server-user.ts";

export type DebianRelease =
  | {
      readonly is: "found";
      /** `15.18` */
      readonly version: string;
      /** Has bin/. */
      readonly directory: string;
    }
  /** Why, for the report: a test that did not run must not look as if it had passed. */
  | { readonly is: "not run"; readonly reason: string };

export interface DebianOptions {
  readonly major: 15;
  /** Where fetched packages are unpacked; reachable by the server user. */
  readonly directory: string;
  readonly user: ServerUser | null;
  /** False: fetch even if it is installed. Default true. */
  readonly useInstalled?: boolean;
}

/** Programs that the tests need beside the server. */
const tools = ["initdb", "pg_ctl", "postgres", "pg_rewind"];

export async function debianRelease({ major, directory, user, useInstalled = true }: DebianOptions): Promise<DebianRelease> {
  const installed = `/usr/lib/postgresql/${String(major)}`;
  const problems: string[] = [];
  for (const find of [...(useInstalled ? [async () => installed] : []), () => fetched(major, directory)]) {
    try {
      const found = await find();
      for (const tool of tools) await access(join(found, "bin", tool));
      const { stdout } = await run([join(found, "bin", "postgres"), "--version"], { user });
      const version = /\(PostgreSQL\) (\d+\.\d+)/.exec(stdout)?.[1];
      if (version !== undefined) return { is: "found", version, directory: found };
      problems.push(`${found}: ${stdout.trim()}`);
    } catch (error) {
      const why = error instanceof Error && "why" in error && Array.isArray(error.why) ? ` (${error.why.slice(-2).join("; ")})` : "";
      problems.push(`${error instanceof Error ? error.message : String(error)}${why}`);
    }
  }
  return { is: "not run", reason: `Debian's postgresql-${String(major)} could not be had: ${problems.join("; ")}` };
}

/** node_modules/.cache of this checkout. */
const cache = fileURLToPath(new URL("../../../../node_modules/.cache/stillwater", import.meta.url));

/** The packages, as apt knows them without an update; libraries that the machine lacks are fetched too. */
async function fetched(major: number, directory: string): Promise<string> {
  const packages = join(cache, `debian-postgresql-${String(major)}`);
  await download(packages, [`postgresql-${String(major)}`, `postgresql-client-${String(major)}`, "libpq5", "libldap-2.5-0", "libicu72", "libxml2"]);
  const root = join(directory, "debian");
  await mkdir(root, { recursive: true });
  for (const name of await readdir(packages)) await run(["dpkg-deb", "-x", join(packages, name), root], { timeoutMs: 120_000 });
  await run(["chmod", "-R", "a+rX", root]);

  // Its libraries are not where the linker looks: each tool gets a script that says so.
  const release = join(root, "usr", "lib", "postgresql", String(major));
  const architecture = (await readdir(join(root, "usr", "lib"))).filter((name) => name.endsWith("-linux-gnu"));
  const libraries = architecture.map((name) => join(root, "usr", "lib", name)).join(":");
  const wrapped = join(root, "wrapped");
  await mkdir(join(wrapped, "bin"), { recursive: true });
  for (const tool of await readdir(join(release, "bin"))) {
    const script = join(wrapped, "bin", tool);
    await writeFile(script, `#!/bin/sh\nLD_LIBRARY_PATH='${libraries}' exec '${join(release, "bin", tool)}' "$@"\n`);
    await chmod(script, 0o755);
  }
  return wrapped;
}

async function download(target: string, names: readonly string[]): Promise<void> {
  const complete = await access(target).then(
    () => true,
    () => false,
  );
  if (complete) return;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "fetching-"));
  try {
    await run(["apt-get", "download", "-q", ...names], { directory: work, timeoutMs: 60_000 });
    await rename(work, target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
