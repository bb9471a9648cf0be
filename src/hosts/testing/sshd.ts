// A real sshd on a loopback address: the system's, or Debian's package fetched into a cache and never installed.
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { until } from "./claims.ts";

export interface Sshd {
  readonly address: string;
  /** Arguments for `ssh`: its own configuration with keys and known hosts. */
  readonly sshArguments: readonly string[];
  readonly pid: number;
  /** Other arguments, whose known host key is another server's. */
  readonly wrongKeyArguments: readonly string[];
  close(): Promise<void>;
}
interface Program {
  readonly path: string;
  readonly libraries: string | null;
}
const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "stillwater-tests", "sshd");

export async function startSshd(): Promise<Sshd | { readonly skip: string }> {
  if (spawnSync("ssh", ["-V"]).status !== 0) return { skip: "there is no ssh on this machine" };
  const program = findSshd();
  if ("skip" in program) return program;
  const directory = mkdtempSync(join(tmpdir(), "stillwater-sshd-"));
  chmodSync(directory, 0o755);
  const at = (name: string): string => join(directory, name);
  const user = userInfo().username;
  for (const key of ["host", "other", "user"]) execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", at(key)]);
  const port = await freePort();
  const publicKey = (key: string): string => execFileSync("ssh-keygen", ["-y", "-f", at(key)], { encoding: "utf8" }).trim();
  writeFileSync(at("authorized"), `${publicKey("user")}\n`);
  writeFileSync(at("known"), `[127.0.0.1]:${port} ${publicKey("host")}\n`);
  writeFileSync(at("wrong"), `[127.0.0.1]:${port} ${publicKey("other")}\n`);
  writeFileSync(
    at("sshd_config"),
    [
      "ListenAddress 127.0.0.1",
      `Port ${port}`,
      `HostKey ${at("host")}`,
      `PidFile ${at("pid")}`,
      `AuthorizedKeysFile ${at("authorized")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "KbdInteractiveAuthentication no",
      "PermitRootLogin prohibit-password",
      "MaxSessions 10",
      "",
    ].join("\n"),
  );
  const config = (name: string, known: string): readonly string[] => {
    const lines = [`Host stillwater-test`, `HostName 127.0.0.1`, `Port ${port}`, `User ${user}`, `IdentityFile ${at("user")}`, "IdentitiesOnly yes"];
    lines.push(`UserKnownHostsFile ${at(known)}`, "GlobalKnownHostsFile /dev/null", "");
    writeFileSync(at(name), lines.join("\n"));
    return ["-F", at(name)];
  };
  const child = run(program, directory);
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const close = async (): Promise<void> => {
    child.kill("SIGTERM");
    await until("sshd has ended", () => child.exitCode !== null || child.signalCode !== null);
    rmSync(directory, { recursive: true, force: true });
  };
  await until("sshd listens or ends", () => log.includes("Server listening") || child.exitCode !== null);
  if (child.exitCode !== null) {
    rmSync(directory, { recursive: true, force: true });
    return { skip: `sshd does not start here: ${log.trim()}` };
  }
  return {
    address: "stillwater-test",
    sshArguments: config("ssh_config", "known"),
    wrongKeyArguments: config("ssh_config_wrong", "wrong"),
    pid: child.pid ?? 0,
    close,
  };
}

function run(program: Program, directory: string): ChildProcess {
  const environment = { ...process.env, ...(program.libraries !== null && { LD_LIBRARY_PATH: program.libraries }) };
  const argv = [program.path, "-D", "-e", "-f", join(directory, "sshd_config")];
  if (process.getuid?.() !== 0) return spawn(argv[0] ?? "", argv.slice(1), { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  // As root it wants an account and a directory of its own. Both exist only in the mount namespace of this process.
  const accounts = join(directory, "passwd");
  const script = `cp /etc/passwd "$1" && { grep -q '^sshd:' "$1" || echo 'sshd:x:65533:65534::/run/sshd:/usr/sbin/nologin' >>"$1"; } &&
    mount --bind "$1" /etc/passwd && mount -t tmpfs tmpfs /run && mkdir -m 0755 /run/sshd && shift && exec "$@"`;
  return spawn("unshare", ["--mount", "--propagation", "slave", "sh", "-c", script, "sh", accounts, ...argv], {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
}
function findSshd(): Program | { readonly skip: string } {
  if (existsSync("/usr/sbin/sshd")) return { path: "/usr/sbin/sshd", libraries: null };
  const path = join(CACHE, "root/usr/sbin/sshd");
  if (!existsSync(path)) {
    mkdirSync(CACHE, { recursive: true });
    const fetched = spawnSync("apt-get", ["download", "openssh-server", "libwrap0"], { cwd: CACHE, encoding: "utf8", timeout: 60_000 });
    if (fetched.status !== 0)
      return { skip: `there is no sshd here, and Debian's package cannot be fetched: ${fetched.stderr?.trim() ?? fetched.error?.message}` };
    for (const name of readdirSync(CACHE).filter((entry) => entry.endsWith(".deb"))) {
      const unpacked = spawnSync("dpkg-deb", ["-x", join(CACHE, name), join(CACHE, "root")], { encoding: "utf8" });
      if (unpacked.status !== 0) return { skip: `Debian's sshd cannot be unpacked: ${unpacked.stderr}` };
    }
  }
  const triplet = readdirSync(join(CACHE, "root/usr/lib")).find((name) => existsSync(join(CACHE, "root/usr/lib", name, "libwrap.so.0")));
  return { path, libraries: triplet === undefined ? null : join(CACHE, "root/usr/lib", triplet) };
}
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
