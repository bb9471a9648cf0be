// What these operations ask of a host beyond files: short POSIX scripts under a name, and two tools. A host in a test knows them by that name (word 4).
import { StillwaterError } from "../../../model/errors.ts";
import type { Fence } from "../../../model/fence.ts";
import type { CommandResult, Host, HostReader } from "../../../model/host.ts";
import type { FileDigest } from "./contents.ts";

const scriptMs = 30 * 60_000;

const scripts = {
  /** DIRECTORY NAME...: a line `SHA256  ./PATH` for every file that a name is or holds; a name that is not there has none. */
  contents: 'cd -- "$1" || exit; shift; for name; do [ ! -e "./$name" ] || find "./$name" -type f -exec sha256sum {} + || exit; done',
  /** FROM TO, relative paths of files and links one a line on standard input: copied with their directories, over what is there. */
  carry: 'cd -- "$1" && tar -c -f - -T - | tar -x -p -f - -C "$2"',
  /** DIRECTORY NAME...: relative paths of files and links below, one a line. */
  files: 'cd -- "$1" || exit; shift; for name; do [ ! -e "./$name" ] || find "./$name" ! -type d || exit; done',
  /**
   * PLACE FROM KEPT NAME...: each name goes from FROM to PLACE, and what PLACE had of that name to KEPT, by renames. A second call goes on where the first one
   * was stopped. Code 3: a name is in all three.
   */
  exchange: `there() { [ -e "$1" ] || [ -L "$1" ]; }
place=$1 from=$2 kept=$3; shift 3
for name; do
  there "$from/$name" || continue
  if there "$place/$name" && there "$kept/$name"; then echo "$name is in $place, $from and $kept" >&2; exit 3; fi
  if there "$place/$name"; then mv -T -- "$place/$name" "$kept/$name" || exit; fi
  mv -T -- "$from/$name" "$place/$name" || exit
done
sync -f -- "$place" 2>/dev/null || sync`,
  /** FROM TO NAME...: what FROM has of these names goes to TO, by renames. Code 3: TO has one already. */
  aside: `there() { [ -e "$1" ] || [ -L "$1" ]; }
from=$1 to=$2; shift 2
for name; do
  there "$from/$name" || continue
  if there "$to/$name"; then echo "$name is in $from and $to" >&2; exit 3; fi
  mv -T -- "$from/$name" "$to/$name" || exit
done
sync -f -- "$from" 2>/dev/null || sync`,
  /** MODEL DIRECTORY: the directory and what is in it gets the owner of MODEL, where that is another one. */
  adopt: '[ "$(stat -c %u:%g -- "$1")" = "$(stat -c %u:%g -- "$2")" ] || chown -R -h "$(stat -c %u:%g -- "$1")" -- "$2"',
} as const;
export type HostScript = keyof typeof scripts;

const argv = (script: HostScript, args: readonly string[]): readonly string[] => ["sh", "-c", scripts[script], script, ...args];

/** Error SW3004 when it ends with another code than 0. */
function outputOf(host: HostReader, what: string, { code, stdout, stderr }: CommandResult): string {
  if (code === 0) return stdout;
  throw new StillwaterError("SW3004", `${host.name}: ${what} ended with ${String(code)}: ${stderr.trim()}`, { object: host.name });
}

export async function ask(host: HostReader, script: "contents" | "files", ...args: readonly string[]): Promise<string> {
  return outputOf(host, script, await host.query(argv(script, args), { timeoutMs: scriptMs }));
}
export async function order(
  host: Host,
  fence: Fence,
  script: "carry" | "exchange" | "aside" | "adopt",
  args: readonly string[],
  input?: string,
): Promise<void> {
  const options = input === undefined ? { timeoutMs: scriptMs } : { timeoutMs: scriptMs, input };
  outputOf(host, script, await host.run(fence, argv(script, args), options));
}

/** Every file below those names of a directory, with its digest. */
export async function contentsOn(host: HostReader, directory: string, names: readonly string[]): Promise<readonly FileDigest[]> {
  return names.length === 0 ? [] : parseContents(await ask(host, "contents", directory, ...names));
}
/** Of `SHA256  PATH` lines, with or without `./`. sha256sum puts a backslash before a line whose name it had to escape. */
export const parseContents = (text: string): readonly FileDigest[] =>
  text.split("\n").flatMap((line) => {
    const [, sha256, path] = /^\\?([0-9a-f]{64}) [ *](?:\.\/)?(.+)$/.exec(line) ?? [];
    return sha256 === undefined || path === undefined ? [] : [{ path, sha256 }];
  });

export async function filesOn(host: HostReader, directory: string, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  return (await ask(host, "files", directory, ...names)).split("\n").flatMap((line) => (line === "" ? [] : [line.replace(/^\.\//, "")]));
}

/** Kibibytes of files and directories that are there, by path (`du -sk`); null: it cannot tell. */
export async function kibibytesOf(host: HostReader, paths: readonly string[]): Promise<ReadonlyMap<string, number> | null> {
  if (paths.length === 0) return new Map();
  const { code, stdout } = await host.query(["du", "-sk", "--", ...paths], { timeoutMs: scriptMs });
  if (code !== 0) return null;
  return new Map(
    stdout
      .split("\n")
      .flatMap((line) => ((found) => (found === null ? [] : [[found[2] ?? "", Number(found[1])] as const]))(/^(\d+)\s+(.+)$/.exec(line))),
  );
}

/** Empty for a directory that is not there. */
export async function namesIn(host: HostReader, directory: string): Promise<readonly string[]> {
  const { kind } = await host.stat(directory);
  return kind === "directory" || kind === "link" ? host.list(directory) : [];
}
