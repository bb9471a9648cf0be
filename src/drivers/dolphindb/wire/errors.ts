// What a server's answer can be besides a value (facts 3.4): an error in words, or nothing that a DolphinDB server says.
import { Refused, Unreachable } from "../../../model/errors.ts";
import type { ServerErrorTag } from "../rpc.ts";

const tags = [
  "NotLeader",
  "ChunkInTransaction",
  "DataNodeNotAvail",
  "DataNodeNotReady",
  "ControllerNotReady",
  "ControllerNotAvail",
] as const satisfies readonly ServerErrorTag[];

/** The server answered with an error line. Nothing that was asked for was done, as far as the server says. */
export class ServerRefused extends Refused {
  readonly tag: ServerErrorTag | null;
  /** `S00005`; null: the server named none. */
  readonly refId: string | null;
  /** What follows `<NotLeader>`: HOST:PORT of the controller that leads; null: it does not say. */
  readonly leaderAddress: string | null;
  /** What the server said, without its tag. */
  readonly words: string;
  constructor(server: string, asked: string, line: string) {
    const { tag, refId, words } = errorLine(line);
    super(`${server} refused ${asked}: ${tag === null ? "" : `<${tag}>`}${words}`, { object: server, ...remedyOf(tag, refId, words) });
    this.name = "ServerRefused";
    this.tag = tag;
    this.refId = refId;
    this.words = words;
    this.leaderAddress = tag === "NotLeader" ? (/^([^\s:,]+:\d{1,5})(?::|\s|$)/.exec(words)?.[1] ?? null) : null;
  }
}

/** An answer came and it is not one of DolphinDB, or not in the form that was expected: neither empty nor unreachable. */
export class Malformed extends Unreachable {
  constructor(server: string, what: string, cause?: unknown) {
    super(`${server} answered something that is not understood: ${what}`, {
      object: server,
      remedy: "Check that a DolphinDB server listens there, and nobody else.",
      ...(cause === undefined ? {} : { cause }),
    });
    this.name = "Malformed";
  }
}

/** Nothing was sent, and nobody said no: the server may run and hang, or the way to it may be cut. Another `Refused` of a transport is a closed port. */
export class NoConnection extends Refused {
  constructor(address: string, why: string, cause?: unknown) {
    super(`${address} cannot be reached: ${why}`, { object: address, ...(cause === undefined ? {} : { cause }) });
    this.name = "NoConnection";
  }
}

/** `<NotLeader>host:port:alias` · `... RefId: S00005`. */
export function errorLine(line: string): { readonly tag: ServerErrorTag | null; readonly refId: string | null; readonly words: string } {
  const named = /^\s*<([A-Za-z]+)>/.exec(line);
  const tag = tags.find((each) => each === named?.[1]) ?? null;
  const words = (tag === null || named === null ? line : line.slice(named[0].length)).trim();
  return { tag, refId: /\bRefId:\s*(S\d{5})\b/i.exec(line)?.[1]?.toUpperCase() ?? null, words };
}

function remedyOf(tag: ServerErrorTag | null, refId: string | null, words: string): { readonly remedy?: string } {
  if (tag === "NotLeader") return { remedy: "Another controller leads; Stillwater asks that one by itself." };
  if (tag !== null) return { remedy: "The cluster is between two states; Stillwater asks again by itself." };
  if (/password|user ?name|log ?in|authenticat/i.test(words)) return { remedy: "Check user and password under `authorization` in the cluster file." };
  if (refId === "S00005") return { remedy: "The node is shutting down gracefully." };
  return { remedy: "See the server's log." };
}

/** S00015 and older wordings: this release does not have the function (facts 5.3, mixed window). */
export const isUnknownFunction = (error: unknown): boolean =>
  error instanceof ServerRefused && (error.refId === "S00015" || /can(?:not|'t) recogni[sz]e (?:the )?(?:function|token)/i.test(error.words));
