// The releases come as npm packages (development dependencies) that hold nothing but initdb, pg_ctl and postgres with their libraries.
import { createHash } from "node:crypto";
import { access, chmod, constants, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { StillwaterError } from "../../../model/errors.ts";
import { run } from "./command.ts";

/** The two minor releases that the package's development dependencies bring. */
export const demoReleases = { from: "17.0", to: "17.10" } as const;

const require = createRequire(import.meta.url);
/** Written out, so that tools that look for unused packages see them. */
const packages: Readonly<Record<string, () => string>> = { "17.0": () => require.resolve("pg17.0"), "17.10": () => require.resolve("pg17.10") };

function packageOf(version: string): string {
  const find = packages[version];
  if (find === undefined) throw new RangeError(`the demo has no release ${version}`);
  try {
    return dirname(dirname(find()));
  } catch (cause) {
    throw new StillwaterError("SW3002", `PostgreSQL ${version} for the demo is not installed`, {
      object: `pg${version}`,
      remedy: "Run `npm ci` in a checkout of Stillwater, on Linux x64: the demo's servers are development dependencies.",
      cause,
    });
  }
}

/** The package's postinstall makes these links; where install scripts are forbidden it never ran. */
async function completeLinks(packageDirectory: string, copy: string): Promise<void> {
  const links = JSON.parse(await readFile(join(packageDirectory, "native", "pg-symlinks.json"), "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(copy, relative("native", target));
    await symlink(relative(dirname(target), source), path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}

/** Copies a release to where everybody can read it, whatever the umask of `npm ci` was. */
export async function copyRelease(version: string, directory: string): Promise<void> {
  const source = packageOf(version);
  await mkdir(directory, { recursive: true });
  await Promise.all(
    ["bin", "lib", "share"].map((part) => run(["cp", "-a", "--reflink=auto", "--no-preserve=ownership", join(source, "native", part), directory])),
  );
  await completeLinks(source, directory);
  await run(["chmod", "-R", "a+rX", directory]);
}

/**
 * Lays a release out for one node. Libraries and shared files are hard links, because 50 MB a node would make a fresh cluster slow;
 * programs are true copies, so that a test that damages one node's binary in place does not damage another's.
 */
export async function layRelease(shared: string, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await Promise.all([
    run(["cp", "-a", "--reflink=auto", join(shared, "bin"), directory]),
    run(["cp", "-al", join(shared, "lib"), join(shared, "share"), directory]),
  ]);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** node_modules/.cache of the package, as other tools do; null when it cannot be written. */
async function cacheDirectory(packageDirectory: string): Promise<string | null> {
  const directory = join(dirname(packageDirectory), ".cache", "stillwater");
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    return directory;
  } catch {
    // A checkout that we may not write to: the caller keeps the archive with the cluster instead.
    return null;
  }
}

/**
 * The archive that an operator would hand to `plan --artifact`: bin/, lib/ and share/ of the release. Made once and cached; the same bytes every
 * time, because its sha256 is part of a plan. `fallback`: a directory used when the cache cannot be written.
 */
export async function artefactOf(version: string, fallback: string): Promise<string> {
  const source = packageOf(version);
  const { mtimeMs, size } = await stat(join(source, "native", "bin", "postgres"));
  const fingerprint = createHash("sha256")
    .update(`1 ${source} ${String(mtimeMs)} ${String(size)}`)
    .digest("hex")
    .slice(0, 12);
  const directory = join((await cacheDirectory(source)) ?? fallback, fingerprint);
  const artefact = join(directory, `postgresql-${version}.tar.gz`);
  if (await exists(artefact)) return artefact;
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(directory, "making-"));
  try {
    const tree = join(work, "tree");
    await copyRelease(version, tree);
    const archive = join(work, "archive");
    await run(
      ["tar", "--create", "--file", archive, "--use-compress-program=gzip -1 -n", "--sort=name", "--mtime=@0", "--owner=0", "--group=0"].concat(
        "--numeric-owner",
        "--directory",
        tree,
        ...(await readdir(tree)).sort(),
      ),
      { timeoutMs: 120_000 },
    );
    await chmod(archive, 0o644);
    // The name appears only with the whole content: two processes may be making it at the same time.
    await rename(archive, artefact);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return artefact;
}
