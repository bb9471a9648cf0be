// Stop and start as one command on the host: what follows an effect is awaited and looked at where it happens, for every request more is downtime.
import { hostScript, sayUptime } from "../host-snapshot.ts";
import type { PgNode } from "../servers.ts";

const pgCtl = (node: PgNode): string => `${node.installation}/bin/pg_ctl`;

/** `$1`: data directory, `$2`: installation. Three seconds at most; then the look judges. Prints what the host says of the node afterwards. */
const awaitExit = `
n=0; while [ -e "$1/postmaster.pid" ] && [ $n -lt 300 ]; do sleep 0.01; n=$((n+1)); done
${sayUptime}
set -- "$1" "$2" whole
${hostScript}`;
/** Fast, never immediate, never kill -9. */
const stop = `${sayUptime}
"$3" stop -s -W -m fast -D "$1" || exit $?
${awaitExit}`;

export const exitArgv = (node: PgNode): readonly string[] => ["sh", "-c", `${sayUptime}${awaitExit}`, "exit", node.dataDirectory, node.installation];
export const stopArgv = (node: PgNode): readonly string[] => ["sh", "-c", stop, "stop", node.dataDirectory, node.installation, pgCtl(node)];

/**
 * With the arguments of the last start (postmaster.opts): a start must not lose `-c config_file=...`. Returns once the server says in its pid file that it
 * accepts connections, as `pg_ctl -w` has it, or has ended, or after two seconds: attempts to connect meanwhile would take the processors from it.
 */
const start = `
o= q='"'
if [ -f "$1/postmaster.opts" ]; then IFS= read -r line < "$1/postmaster.opts"; case $line in *" $q"*) o=$q\${line#* $q} ;; esac; fi
if [ -n "$o" ]; then set -- "$1" "$2" "$3" -o "$o"; fi
d=$1 c=$2 l=$3; shift 3
"$c" start -s -W -D "$d" -l "$l" "$@" || exit $?
n=0 was=
while [ $n -lt 100 ]; do
  k=0 phase=
  if [ -f "$d/postmaster.pid" ]; then
    was=there
    while IFS= read -r line || [ -n "$line" ]; do k=$((k+1)); [ $k -eq 8 ] && phase=$line; done < "$d/postmaster.pid"
  elif [ -n "$was" ]; then break; fi 2>/dev/null
  case $phase in ready*|standby*) break ;; esac
  sleep 0.02; n=$((n+1))
done
exit 0
`;
export const startArgv = (node: PgNode): readonly string[] => ["sh", "-c", start, "start", node.dataDirectory, pgCtl(node), node.logFile];
