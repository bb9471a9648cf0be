// Which servers run from an installation directory: nothing of it is replaced, copied or put back meanwhile.
import { Unreachable } from "../../../model/errors.ts";
import type { HostReader } from "../../../model/host.ts";

const queryTimeoutMs = 10_000;

/** As `DataNode (pid 4711)`: of any cluster whose binary or working directory lies there. Throws Unreachable when the host cannot tell whose a process is. */
export async function runningIn(host: HostReader, server: string): Promise<readonly string[]> {
  const found = await host.query(["pgrep", "-f", "[d]olphindb.*-mode"], { timeoutMs: queryTimeoutMs });
  if (found.code === 1) return [];
  if (found.code !== 0)
    throw new Unreachable(`the processes of ${host.name} cannot be listed: pgrep ended with ${String(found.code)} ${found.stderr.trim()}`, {
      code: "SW3004",
      object: host.name,
      remedy: "Install pgrep (procps) on that host.",
    });
  const running: string[] = [];
  for (const line of found.stdout.split("\n")) {
    const pid = Number(line.trim());
    if (!(pid > 1)) continue;
    const process = await host.process(pid);
    if (process === null || process.state === "Z") continue;
    if (await belongs(host, server, pid, process.executable)) running.push(`${modeOf(process.command)} (pid ${String(pid)})`);
  }
  return running;
}

const modeOf = (command: string): string => {
  const words = command.split(/\s+/);
  const mode = words[words.indexOf("-mode") + 1] ?? "a server";
  const site = words.includes("-localSite") ? words[words.indexOf("-localSite") + 1] : undefined;
  return site === undefined ? mode : `${mode} ${site}`;
};

async function belongs(host: HostReader, server: string, pid: number, executable: string | null): Promise<boolean> {
  if (executable?.startsWith(`${server}/`) === true) return true;
  const { stdout } = await host.query(["readlink", "-f", `/proc/${String(pid)}/cwd`, server], { timeoutMs: queryTimeoutMs });
  const [cwd, place] = stdout.split("\n");
  if (cwd && place) return `${cwd}/`.startsWith(`${place}/`) || executable?.startsWith(`${place}/`) === true;
  const again = await host.process(pid);
  if (again === null || again.state === "Z") return false;
  throw new Unreachable(`from where process ${String(pid)} runs on ${host.name} cannot be told: ${again.command}`, {
    object: host.name,
    remedy: `Let Stillwater reach ${host.name} as the user that runs DolphinDB (\`user\` of a local host, \`address: user@host\`).`,
  });
}
