// busybox: the machine's, or Debian's package fetched into a cache and never installed.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "stillwater-tests", "busybox");

export function findBusybox(): string | { readonly skip: string } {
  const found = spawnSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).stdout.trim();
  if (found !== "") return found;
  const path = join(CACHE, "root/bin/busybox");
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const fetched = spawnSync("apt-get", ["download", "busybox-static"], { cwd: CACHE, encoding: "utf8", timeout: 60_000 });
  if (fetched.status !== 0) {
    return { skip: `there is no busybox here, and Debian's package cannot be fetched: ${fetched.stderr?.trim() ?? fetched.error?.message}` };
  }
  for (const name of readdirSync(CACHE).filter((entry) => entry.endsWith(".deb")))
    spawnSync("dpkg-deb", ["-x", join(CACHE, name), join(CACHE, "root")]);
  return existsSync(path) ? path : { skip: "Debian's busybox cannot be unpacked" };
}
/** Makes a directory of its applets for PATH. Some builds have no flock; then the machine's stands in. */
export function busyboxApplets(busybox: string, directory: string): void {
  mkdirSync(directory);
  const listed = spawnSync(busybox, ["--list"], { encoding: "utf8" }).stdout.split("\n");
  for (const name of listed.filter((applet) => /^[a-z0-9]+$/.test(applet))) symlinkSync(busybox, join(directory, name));
  if (listed.includes("flock")) return;
  const flock = spawnSync("sh", ["-c", "command -v flock"], { encoding: "utf8" }).stdout.trim();
  if (flock !== "") symlinkSync(flock, join(directory, "flock"));
}
