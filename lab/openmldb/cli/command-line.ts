/** gflags: `--name=value`, `--name value` is not used by anybody here, `--name` means true. */
export interface CommandLine {
  readonly role: string;
  readonly endpoint: string;
  readonly zkCluster: string;
  readonly zkRootPath: string;
  readonly database: string;
  readonly cmd: string;
  readonly version: boolean;
  readonly user: string;
  readonly password: string;
}

export function commandLineOf(argv: readonly string[]): CommandLine {
  const flags = new Map<string, string>();
  for (const argument of argv) {
    const match = /^--?([a-z_]+)(?:=(.*))?$/s.exec(argument);
    if (match !== null) flags.set(match[1] ?? "", match[2] ?? "true");
  }
  const flag = (name: string): string => flags.get(name) ?? "";
  return {
    role: flag("role"),
    endpoint: flag("endpoint"),
    zkCluster: flag("zk_cluster"),
    zkRootPath: flag("zk_root_path"),
    database: flag("database"),
    cmd: flag("cmd"),
    version: flag("version") === "true",
    user: flags.get("user") ?? "root",
    password: flag("password"),
  };
}

/** One --cmd is split at single blanks, and empty parts are dropped. */
export const wordsOf = (cmd: string): readonly string[] => cmd.split(" ").filter((word) => word !== "");

/** `N`, `A-B` or `A,B,C`; null: none of them. */
export function pidsOf(text: string): readonly number[] | null {
  const range = /^(\d+)-(\d+)$/.exec(text);
  if (range !== null) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    return from > to ? null : Array.from({ length: to - from + 1 }, (_, i) => from + i);
  }
  return /^\d+(?:,\d+)*$/.test(text) ? text.split(",").map(Number) : null;
}
