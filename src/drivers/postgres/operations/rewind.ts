// A former primary that wrote what nobody received: its data turned back to where the timelines part, by pg_rewind, never by a silent copy.
import { operation } from "../../../planner/kit.ts";
import type { PgFacts } from "../facts.ts";
import { formatConnInfo } from "../conninfo.ts";
import type { PgNode, Servers } from "../servers.ts";
import type { RewindParams } from "../steps.ts";

/** The same for every attempt: a detached run is found again by it. The control file's position makes a second divergence another run. */
const tokenOf = (cluster: string, { node, from, timeline }: RewindParams): string => `rewind-${cluster}-${node}-${from}-${String(timeline)}`;

/** pg_rewind copies every file of the data directory, the configuration too: the node keeps its own. */
const own = ["postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"] as const;

const script = `
set -e
data=$1 keep=$2; shift 2
if [ ! -e "$keep/complete" ]; then
  rm -rf "$keep"; umask 077; mkdir -p "$keep"
  for file in ${own.join(" ")}; do if [ -f "$data/$file" ]; then cp -p "$data/$file" "$keep/$file"; fi; done
  : > "$keep/complete"
fi
"$@" >&2
for file in ${own.join(" ")}; do if [ -f "$keep/$file" ]; then cp -p "$keep/$file" "$data/$file"; fi; done
: > "$data/standby.signal"
sync
rm -rf "$keep"
`;

export const rewindOperation = (servers: Servers) =>
  operation<PgFacts, RewindParams>("rewind", {
    fenced: "host",
    settleMs: 2_000,
    async look(params) {
      const server = servers.node(params.node);
      if ((await servers.onHost(params.node)).process !== null) return { is: "waiting", for: `${params.node} to be stopped` };
      const state = await server.host.detached(tokenOf(servers.cluster, params));
      switch (state.is) {
        case "absent":
          return { is: "open" };
        case "running":
          return { is: "waiting", for: `pg_rewind: ${lastLine(state.output)}` };
        case "exited":
          if (state.code === 0) return { is: "done", proof: { rewound: params.node, from: params.from, said: lastLine(state.output) } };
          return {
            is: "unclear",
            known: [`pg_rewind ended with ${String(state.code)}: ${lastLine(state.output)}`],
            unknown: [`whether ${params.node} can be used: copy it anew by hand`],
          };
        case "vanished":
          return { is: "unclear", known: ["pg_rewind was ended from outside"], unknown: [`how far it came: copy ${params.node} anew by hand`] };
      }
    },
    async act(params, _, context) {
      const server = servers.node(params.node);
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
      await context.send(server.host.name, async (fence) => server.host.runDetached(fence, tokenOf(servers.cluster, params), argv, { environment }));
      return null;
    },
  });

const lastLine = (output: string): string => output.trim().split("\n").at(-1) ?? "";
