// What the tests of hosts share: a claim with its fence, and the helper behind a connection.
import type { Fence } from "../../model/fence.ts";
import type { HostConnection } from "../connection.ts";

/** A fence that never runs out by itself. */
export function fenceOf(epoch: number, run = "1", connection = 1, signal = new AbortController().signal): Fence {
  return { run, epoch, connection, signal };
}
/** Claims the host for a minute, and gives the fence of that claim. */
export async function claimed(host: HostConnection, epoch: number, store = "journal-a"): Promise<Fence> {
  await host.claim({ store, run: "1", epoch, holder: "ana on jump1 (pid 4211)", verb: "apply", expires: Date.now() + 60_000 });
  return fenceOf(epoch);
}
/** The process that answers effects: the nearest ancestor with that name of a command that it runs. */
export async function helperPid(host: HostConnection, fence: Fence): Promise<number> {
  const { stdout } = await host.run(fence, ["sh", "-c", walk]);
  const pid = Number(stdout);
  if (!Number.isSafeInteger(pid) || pid < 2) throw new Error(`no helper in ${stdout}`);
  return pid;
}
const walk = `pid=$PPID
until tr '\\0' ' ' <"/proc/$pid/cmdline" | grep -q 'stillwater-helper $'; do
  read -r line <"/proc/$pid/stat"
  line=\${line##*) }
  set -- $line
  pid=$2
  [ "$pid" -gt 1 ] || exit 1
done
echo "$pid"`;
/** Polls until the condition holds. */
export async function until(what: string, holds: () => Promise<boolean> | boolean, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
