// What the host says of a node, in one round trip: pid file, process, control file, signal files, releases. True while the server is down.
import { StillwaterError, Unreachable } from "../../model/errors.ts";
import type { CommandResult, HostReader } from "../../model/host.ts";
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

export interface ServerOnHost {
  /** Null: no server process works in this data directory. */
  readonly process: ServerProcess | null;
  readonly control: ControlData | null;
  readonly standbySignal: boolean;
  readonly recoverySignal: boolean;
  /** Files that another manager leaves in the data directory. */
  readonly otherManager: readonly string[];
  /** What asks is the owner of the data directory, as a server must be. */
  readonly ownsData: boolean;
  /** The whole content of postgresql.auto.conf; null: it is absent or cannot be read, or only the server was asked for. */
  readonly autoConf: string | null;
}
export interface HostSnapshot extends ServerOnHost {
  /** Where the installation's symbolic link points, in the end; empty: nowhere. Null: it is a directory, or absent. */
  readonly linkTarget: string | null;
  /** The installation's own; null: there is no bin/postgres. */
  readonly installed: ReleaseOnHost | null;
  /** Beside it, and in our own store. */
  readonly releases: readonly ReleaseOnHost[];
}

/** Between them nothing but the file's own text, which may look like any line before it. Without the second it was not read to its end. */
const confBegins = "postgresql.auto.conf begins";
const confEnds = "postgresql.auto.conf ends";

/**
 * Arguments: data directory, installation, `whole` or `server`. A fork costs more than everything else here, so this is builtins but for `od` and `stat`,
 * and those without the locale's files. The process is believed only when it works in the data directory: a pid of the pid file may be somebody else's by now.
 */
export const hostScript = `
LC_ALL=C; export LC_ALL
d=$1 i=$2 whole=$3
[ -r /proc/self/stat ] && echo "proc ok"
if [ -f "$d/postmaster.pid" ]; then
  n=0 p=
  while IFS= read -r line || [ -n "$line" ]; do n=$((n+1)); [ $n -eq 1 ] && p=$line; [ $n -eq 8 ] && echo "phase $line"; done < "$d/postmaster.pid"
  case $p in ''|*[!0-9]*) ;; *)
    if [ -r "/proc/$p/stat" ] && read -r s < "/proc/$p/stat"; then
      echo "pid $p"; echo "stat $s"
      if cd "/proc/$p/cwd"; then printf 'cwd '; pwd -P; fi
    fi ;;
  esac
fi 2>/dev/null
if cd -P "$d" 2>/dev/null; then printf 'data '; pwd -P; fi
for f in standby.signal recovery.signal patroni.dynamic.json pg_autoctl.pid; do [ -e "$d/$f" ] && echo "file $f"; done
[ -O "$d" ] && echo "own data"
echo "control"; od -An -v -tx1 -N ${String(controlBytes)} "$d/global/pg_control" 2>/dev/null
[ "$whole" = whole ] || exit 0
t=
if [ -L "$i" ]; then if cd -P "$i" 2>/dev/null; then t=$PWD; echo "link $t"; else echo "link "; fi; fi
set -- "$i" "$i".releases/*
[ -n "$t" ] && set -- "$@" "\${t%/*}"/*
b=
for r in "$@"; do [ -f "$r/bin/postgres" ] && b="$b$r/bin/postgres
"; done
IFS='
'
set -f
[ -n "$b" ] && stat -L -c 'release %d:%i:%s:%Y %n' $b
if [ -f "$d/postgresql.auto.conf" ]; then
  echo "${confBegins}"
  { while IFS= read -r line; do printf '%s\\n' "$line"; done; printf '%s' "$line"; } < "$d/postgresql.auto.conf" && echo "${confEnds}"
fi 2>/dev/null
exit 0
`;

type Where = { readonly name: string; readonly dataDirectory: string; readonly installation: string };

async function ask(host: HostReader, node: Where, extent: "whole" | "server"): Promise<Answer> {
  const result = await host.query(["sh", "-c", hostScript, "stillwater", node.dataDirectory, node.installation, extent], { timeoutMs: 10_000 });
  return answerOf(result, host, node);
}
function answerOf(result: CommandResult, host: HostReader, node: Where): Answer {
  if (result.code !== 0)
    throw new Unreachable(`${host.name} cannot look at ${node.name}: ${result.stderr.trim()}`, { code: "SW3004", object: node.name });
  return new Answer(result.stdout, node.name, host.name);
}

/** Throws Unreachable (the host does not answer), SW3002 (no /proc), SW3005 (a control file that cannot be believed: look again). */
export const readHost = async (host: HostReader, node: Where): Promise<HostSnapshot> => parseHost(await ask(host, node, "whole"), node);
/** Printed when a command begins, and again when it looks: how long after its begin it has looked, by the host's own clock. */
export const sayUptime = 'read -r up rest < /proc/uptime && echo "uptime $up"';

/** Milliseconds, rounded down: the host's clock ticks in hundredths of a second. 0 where it did not say. */
function between(answer: Answer): number {
  const [began, looked] = answer.all("uptime").map(Number);
  const ms = ((looked ?? Number.NaN) - (began ?? Number.NaN)) * 1_000 - 10;
  return ms > 0 ? Math.floor(ms) : 0;
}

/**
 * What an act has printed by `hostScript` (whole) once its effect was there, and how long after its begin that was, at least. Null: it cannot be believed,
 * so the look that follows asks by itself.
 */
export function hostAfter(result: CommandResult, host: HostReader, node: Where): { readonly seen: HostSnapshot; readonly afterMs: number } | null {
  try {
    const answer = answerOf(result, host, node);
    return { seen: parseHost(answer, node), afterMs: between(answer) };
  } catch (error) {
    if (error instanceof StillwaterError) return null;
    throw error;
  }
}
/** The same without the releases: what a look asks for while something is under way. */
export const readServer = async (host: HostReader, node: Where): Promise<ServerOnHost> => parseServer(await ask(host, node, "server"), node);

/** Lines of a word and a value; the hexadecimal lines after `control` begin with a space. Exported for its test. */
export class Answer {
  readonly autoConf: string | null;
  readonly #lines: readonly (readonly [string, string])[];
  readonly #hex: string;
  constructor(output: string, node: string, host: string) {
    const [seen = "", ...rest] = output.split(`${confBegins}\n`);
    const conf = rest.join(`${confBegins}\n`);
    this.autoConf = conf.endsWith(`${confEnds}\n`) ? conf.slice(0, -confEnds.length - 1) : null;
    const lines = seen.split("\n");
    this.#hex = lines
      .filter((line) => line.startsWith(" "))
      .join("")
      .replaceAll(" ", "");
    this.#lines = lines.map((line) => (line.includes(" ") ? [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)] : [line, ""]));
    if (this.first("proc") === null)
      throw new StillwaterError("SW3002", `${host} has no /proc: whether ${node} runs cannot be seen`, { object: host, why: ["needed: Linux"] });
  }
  first(key: string): string | null {
    return this.#lines.find(([name]) => name === key)?.[1] ?? null;
  }
  all(key: string): readonly string[] {
    return this.#lines.filter(([name]) => name === key).map(([, value]) => value);
  }
  get control(): Uint8Array | null {
    return this.#hex === "" ? null : Uint8Array.from(this.#hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  }
}

function parseServer(answer: Answer, { name }: Where): ServerOnHost {
  const files = answer.all("file");
  const { control } = answer;
  return {
    process: serverProcess(answer.first("pid"), answer.first("stat"), answer.first("cwd"), answer.first("data"), answer.first("phase"), name),
    control: control === null ? null : parseControlFile(control, name),
    standbySignal: files.includes("standby.signal"),
    recoverySignal: files.includes("recovery.signal"),
    otherManager: files.filter((file) => file.startsWith("patroni") || file.startsWith("pg_autoctl")),
    ownsData: answer.first("own") !== null,
    autoConf: answer.autoConf,
  };
}

/** Pure; exported for its test. */
export function parseHost(answer: Answer, node: Where): HostSnapshot {
  const releases = answer.all("release").map((text): ReleaseOnHost => {
    const at = text.indexOf(" ");
    return { binary: text.slice(0, at), root: text.slice(at + 1).replace(/\/bin\/postgres$/, "") };
  });
  return {
    ...parseServer(answer, node),
    linkTarget: answer.first("link"),
    installed: releases.find(({ root }) => root === node.installation) ?? null,
    releases: releases.filter(({ root }) => root !== node.installation),
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
