// What the host says of a node, in one round trip: pid file, process, control file, signal files, releases. True while the server is down.
import { StillwaterError, Unreachable } from "../../model/errors.ts";
import type { HostReader } from "../../model/host.ts";
import { controlBytes, parseControlFile, type ControlData } from "./control-file.ts";

export interface ServerProcess {
  readonly pid: number;
  /** Clock ticks after boot: with the pid, its identity. */
  readonly startTicks: number;
  /** The last line of postmaster.pid: starting, ready, standby, stopping. */
  readonly phase: string;
}

export interface ReleaseOnHost {
  /** Directory with bin/postgres. */
  readonly root: string;
  /** Changes when the binary is another file. */
  readonly binary: string;
}

export interface HostSnapshot {
  /** Null: no server process works in this data directory. */
  readonly process: ServerProcess | null;
  readonly control: ControlData | null;
  readonly standbySignal: boolean;
  readonly recoverySignal: boolean;
  /** Files that another manager leaves in the data directory. */
  readonly otherManager: readonly string[];
  /** Where the installation's symbolic link points; null: it is a directory, or absent. */
  readonly linkTarget: string | null;
  /** The installation's own; null: there is no bin/postgres. */
  readonly installed: ReleaseOnHost | null;
  /** Beside it, and in our own store. */
  readonly releases: readonly ReleaseOnHost[];
  /** Uid of the data directory's owner and of the process that reads it: they must be one. */
  readonly owner: { readonly data: string; readonly self: string };
}

// The process is believed only when it works in the data directory: a pid of the pid file may be somebody else's by now.
const script = `
d=$1 i=$2
[ -r /proc/self/stat ] && echo "proc ok"
if [ -f "$d/postmaster.pid" ]; then
  n=0 p=
  while IFS= read -r line || [ -n "$line" ]; do n=$((n+1)); [ $n -eq 1 ] && p=$line; [ $n -eq 8 ] && echo "phase $line"; done < "$d/postmaster.pid"
  case $p in ''|*[!0-9]*) ;; *)
    if [ -r "/proc/$p/stat" ] && read -r s < "/proc/$p/stat" 2>/dev/null; then echo "pid $p"; echo "stat $s"; echo "cwd $(readlink "/proc/$p/cwd")"; fi ;;
  esac
fi
cd -P "$d" 2>/dev/null && echo "data $(pwd -P)"
for f in standby.signal recovery.signal patroni.dynamic.json pg_autoctl.pid; do [ -e "$d/$f" ] && echo "file $f"; done
echo "control $(od -An -v -tx1 -N ${String(controlBytes)} "$d/global/pg_control" 2>/dev/null | tr -d ' \\n')"
[ -L "$i" ] && echo "link $(readlink -f "$i")"
set -- "$i" "$i".releases/*
[ -L "$i" ] && { t=$(readlink -f "$i"); set -- "$@" "\${t%/*}"/*; }
b=
for r in "$@"; do [ -f "$r/bin/postgres" ] && b="$b$r/bin/postgres
"; done
IFS='
'
set -f
[ -n "$b" ] && stat -L -c 'release %d:%i:%s:%Y %n' $b
stat -c 'owner %u' "$d"
echo "self $(id -u)"
exit 0
`;

/** Throws Unreachable (the host does not answer), SW3002 (no /proc), SW3005 (a control file that cannot be believed: look again). */
export async function readHost(
  host: HostReader,
  node: { readonly name: string; readonly dataDirectory: string; readonly installation: string },
): Promise<HostSnapshot> {
  const result = await host.query(["sh", "-c", script, "stillwater", node.dataDirectory, node.installation], { timeoutMs: 10_000 });
  if (result.code !== 0)
    throw new Unreachable(`${host.name} cannot look at ${node.name}: ${result.stderr.trim()}`, { code: "SW3004", object: node.name });
  return parseHost(result.stdout, node.name, node.installation, host.name);
}

/** Pure; exported for its test. */
export function parseHost(output: string, node: string, installation: string, host: string): HostSnapshot {
  const lines = output.split("\n").map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)] as const);
  const first = (key: string): string | null => lines.find(([name]) => name === key)?.[1] ?? null;
  const all = (key: string): readonly string[] => lines.filter(([name]) => name === key).map(([, value]) => value);
  if (first("proc") === null)
    throw new StillwaterError("SW3002", `${host} has no /proc: whether ${node} runs cannot be seen`, { object: host, why: [`needed: Linux`] });
  const files = all("file");
  const hex = first("control") ?? "";
  const releases = all("release").map((text): ReleaseOnHost => {
    const at = text.indexOf(" ");
    return { binary: text.slice(0, at), root: text.slice(at + 1).replace(/\/bin\/postgres$/, "") };
  });
  return {
    process: serverProcess(first("pid"), first("stat"), first("cwd"), first("data"), first("phase"), node),
    control: hex === "" ? null : parseControlFile(fromHex(hex), node),
    standbySignal: files.includes("standby.signal"),
    recoverySignal: files.includes("recovery.signal"),
    otherManager: files.filter((file) => file.startsWith("patroni") || file.startsWith("pg_autoctl")),
    linkTarget: first("link"),
    installed: releases.find(({ root }) => root === installation) ?? null,
    releases: releases.filter(({ root }) => root !== installation),
    owner: { data: first("owner") ?? "", self: first("self") ?? "" },
  };
}

function serverProcess(
  pid: string | null,
  stat: string | null,
  cwd: string | null,
  data: string | null,
  phase: string | null,
  node: string,
): ServerProcess | null {
  if (pid === null || stat === null) return null;
  // The name in parentheses may hold spaces; what follows the last one may not.
  const [state = "", ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A dead process that nobody has waited for does not serve.
  if (state === "Z" || state === "X") return null;
  if (cwd === null || cwd === "")
    throw new Unreachable(`whose process ${pid} is cannot be seen: the helper may not read /proc/${pid}/cwd`, {
      code: "SW3005",
      object: node,
      remedy: "Let the helper run as the user that owns the data directory.",
    });
  if (cwd !== data) return null;
  // Field 22 of the whole line; the state is field 3.
  return { pid: Number(pid), startTicks: Number(fields[18] ?? 0), phase: (phase ?? "").trim() };
}

const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
