// Tools in front of PATH that kill the helper before or after its n-th call of any of them: every instant between two steps of the script.
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const tools = "base64 cat chmod chown cp date find flock head ln mkdir mv readlink rm sed setsid sha256sum sort stat sync tail tar tr xargs".split(
  " ",
);
const script = `#!/bin/sh
PATH=$SW_TEST_PATH
tool=\${0##*/}
if [ -e "$SW_TEST_CRASH/at" ]; then
  read -r at when <"$SW_TEST_CRASH/at"
  n=0
  [ ! -s "$SW_TEST_CRASH/count" ] || read -r n <"$SW_TEST_CRASH/count"
  n=$((n + 1))
  echo "$n" >"$SW_TEST_CRASH/count"
  if [ "$n" -eq "$at" ]; then
    [ "$when" = before ] || "$tool" "$@"
    pid=$PPID doomed=
    while [ "$pid" -gt 1 ]; do
      case $(tr '\\0' ' ' <"/proc/$pid/cmdline") in
        *'stillwater-helper ') doomed="$doomed $pid" ;;
        *timeout*) ;;
        *) break ;;
      esac
      read -r line <"/proc/$pid/stat"
      line=\${line##*) }
      set -- $line
      pid=$2
    done
    kill -9 $doomed
    exit 1
  fi
fi
exec "$tool" "$@"
`;

export interface CrashingTools {
  readonly environment: NodeJS.ProcessEnv;
  arm(at: number, when: "before" | "after"): void;
  /** Gives the number of calls since `arm`. */
  disarm(): number;
}
export function crashingTools(directory: string): CrashingTools {
  const bin = join(directory, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, ".tool"), script);
  chmodSync(join(bin, ".tool"), 0o755);
  for (const tool of tools) symlinkSync(".tool", join(bin, tool));
  const path = process.env["PATH"] ?? "/usr/bin:/bin";
  const [at, count] = [join(directory, "at"), join(directory, "count")];
  return {
    environment: { ...process.env, PATH: `${bin}:${path}`, SW_TEST_PATH: path, SW_TEST_CRASH: directory },
    arm(n, when) {
      rmSync(count, { force: true });
      writeFileSync(at, `${n} ${when}\n`);
    },
    disarm() {
      rmSync(at, { force: true });
      return existsSync(count) ? Number(readFileSync(count, "utf8")) : 0;
    },
  };
}
