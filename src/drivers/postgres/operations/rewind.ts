// A former primary that wrote what nobody received: its data turned back to where the timelines part, by pg_rewind, never by a silent copy.
import { StillwaterError, Unreachable } from "../../../model/errors.ts";
import type { DetachedState, HostReader } from "../../../model/host.ts";
import type { Json } from "../../../model/json.ts";
import { operation } from "../../../planner/kit.ts";
import type { PgFacts } from "../facts.ts";
import { formatConnInfo } from "../conninfo.ts";
import type { PgNode, Servers } from "../servers.ts";
import type { RewindParams } from "../steps.ts";

/** Names its tries on the host, `NAME-1`, `NAME-2`, ...: of this step of this run alone, so that neither an old failure nor an old success counts for it. */
type Named = { readonly name: string };
/** The try whose failure a person was told of. */
type Told = { readonly failed: number };

/** pg_rewind copies every file of the data directory, the configuration too: the node keeps its own. */
const own = ["postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"] as const;

/** What pg_rewind says where it leaves everything as it was, with exit code 0. */
const nothingDone = "no rewind required";

/** One at a time, also of different runs: a second one would work on files that the first is copying. The lock is as long as the last process that holds it. */
const script = `
set -e
LC_ALL=C; export LC_ALL
data=$1 keep=$2; shift 2
exec 9<"$data"
flock -n 9 || { echo "another pg_rewind is at work in $data" >&2; exit 75; }
if [ ! -e "$keep/complete" ]; then
  rm -rf "$keep"; umask 077; mkdir -p "$keep"
  for file in ${own.join(" ")}; do if [ -f "$data/$file" ]; then cp -p "$data/$file" "$keep/$file"; fi; done
  : > "$keep/complete"
fi
rm -f "$keep/code"
{ "$@" 2>&1 && echo 0 > "$keep/code" || echo $? > "$keep/code"; } | tee "$keep/said" >&2
code=$(cat "$keep/code")
[ "$code" = 0 ] || exit "$code"
if grep -q "${nothingDone}" "$keep/said"; then rm -rf "$keep"; exit 76; fi
for file in ${own.join(" ")}; do if [ -f "$keep/$file" ]; then cp -p "$keep/$file" "$data/$file"; fi; done
: > "$data/standby.signal"
sync
rm -rf "$keep"
`;

/** The last try. */
type Try =
  | { readonly is: "absent"; readonly attempt: 0 }
  | { readonly is: "running" | "ended" | "nothing done"; readonly attempt: number; readonly said: string }
  | { readonly is: "failed"; readonly attempt: number; readonly how: string };

function judged(attempt: number, state: Exclude<DetachedState, { readonly is: "absent" }>): Try {
  const said = lastLine(state.output);
  if (state.is === "running") return { is: "running", attempt, said };
  if (state.output.includes(nothingDone)) return { is: "nothing done", attempt, said };
  if (state.is === "vanished") return { is: "failed", attempt, how: "pg_rewind was ended from outside" };
  return state.code === 0 ? { is: "ended", attempt, said } : { is: "failed", attempt, how: `pg_rewind ended with ${String(state.code)}: ${said}` };
}

async function lastTry(host: HostReader, { name }: Named): Promise<Try> {
  let last: Try = { is: "absent", attempt: 0 };
  for (let attempt = 1; ; attempt++) {
    const state = await host.detached(`${name}-${String(attempt)}`);
    if (state.is === "absent") return last;
    last = judged(attempt, state);
  }
}

export const rewindOperation = (servers: Servers) => {
  /** Tries whose failure the person who waits for this process does not know yet. */
  const unread = new Set<string>();
  return operation<PgFacts, RewindParams, Named, Told | null>("rewind", {
    fenced: "host",
    settleMs: 2_000,
    async prepare({ node }, { now }) {
      const { control } = await servers.onHost(node);
      if (control === null) throw new Unreachable(`the control file of ${node} cannot be read`, { object: node });
      const name = `rewind-${servers.cluster}-${node}-${control.checkpointEnd}-${String(now)}`;
      return { name: name.replaceAll(/[^A-Za-z0-9._-]/g, "-") };
    },
    async look({ node, from }, { before }) {
      const [{ process, standbySignal }, last] = await Promise.all([servers.onHost(node), lastTry(servers.node(node).host, before)]);
      if (process !== null) return { is: "waiting", for: `${node} to be stopped` };
      switch (last.is) {
        case "absent":
          return { is: "open" };
        case "running":
          return { is: "waiting", for: `pg_rewind: ${last.said}` };
        case "ended":
          return { is: "done", proof: { rewound: node, from, said: last.said } };
        case "nothing done":
          // Only what rewinds makes it a standby; after a try that did not, a person has.
          if (standbySignal) return { is: "done", proof: byHand(node) };
          return {
            is: "unclear",
            known: [`pg_rewind says that there is nothing to rewind: ${last.said}`, `${node} has parted from ${from}, and was left as it is`],
            unknown: [`which of its last writes are needed: copy ${node} anew by hand (pg_basebackup)`],
          };
        case "failed":
          return standbySignal ? { is: "done", proof: byHand(node) } : { is: "open", why: last.how };
      }
    },
    async act(params, { before, receipt }, context) {
      const server = servers.node(params.node);
      const last = await lastTry(server.host, before);
      if (last.is === "failed") {
        const which = `${before.name}-${String(last.attempt)}`;
        // Never again without a person, who may have to mend something first: told, and only in what he resumes then tried again.
        if (receipt?.failed !== last.attempt) {
          unread.add(which);
          return { failed: last.attempt };
        }
        if (unread.has(which))
          throw new StillwaterError("SW3004", `${params.node}: ${last.how}`, {
            object: params.node,
            remedy: `Mend the cause and resume: pg_rewind is run again. If it was in the middle of its work, copy ${params.node} anew by hand (pg_basebackup -R) before.`,
          });
      } else if (last.is !== "absent") return receipt;
      servers.seen.forget(params.node);
      const { user, database, password } = servers.options;
      const source = servers.node(params.from).replication;
      const conninfo = formatConnInfo(
        new Map([
          ["host", source.host],
          ["port", String(source.port)],
          ["user", user],
          ["dbname", database],
        ]),
      );
      const tool: PgNode["installation"] = `${server.installation}/bin/pg_rewind`;
      const argv = ["sh", "-c", script, "rewind", server.dataDirectory, `${server.dataDirectory}.configuration-kept`, tool].concat(
        "--target-pgdata",
        server.dataDirectory,
        "--source-server",
        conninfo,
      );
      // In the environment, where only this user sees it; never in the arguments.
      const environment: Record<string, string> = password === undefined ? {} : { PGPASSWORD: await servers.secret(password) };
      const name = `${before.name}-${String(last.attempt + 1)}`;
      await context.send(server.host.name, async (fence) => server.host.runDetached(fence, name, argv, { environment }));
      return receipt;
    },
  });
};

const byHand = (node: string): Json => ({ rewound: null, said: `${node} was made a standby by hand` });

const lastLine = (output: string): string => output.trim().split("\n").at(-1) ?? "";
