// The host record: who may act on a host, kept on the host itself.
import { localText } from "../model/local-time.ts";
import { StillwaterError } from "../model/errors.ts";

/** Times in milliseconds of our own clock: the host's is compared with it at each look, so a clock that is wrong changes nothing. */
export interface HostRecord {
  /** The identity of the journal that claims. */
  readonly store: string;
  readonly run: string;
  /** Never falls, whoever claims. */
  readonly epoch: number;
  /** The number that the holder gives to his connections. */
  readonly connection: number;
  /** Rises with every new connection of the transport. */
  readonly session: number;
  /** For people: `ana on jump1 (pid 4211)`. */
  readonly holder: string;
  readonly verb: string;
  readonly since: number;
  /** 0: released. Another store may claim after this moment; our own may always. */
  readonly expires: number;
}
export interface ClaimRequest {
  readonly store: string;
  readonly run: string;
  readonly epoch: number;
  readonly connection?: number;
  readonly holder: string;
  readonly verb: string;
  readonly expires: number;
  /** Past another store's record that has not expired. */
  readonly takeOver?: boolean;
}

/** Null: nobody has ever claimed this host for this cluster. */
export function parseRecord(text: string, now: number): HostRecord | null {
  const lines = new Map<string, string>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0) lines.set(line.slice(0, space), line.slice(space + 1));
  }
  const word = (key: string): string => lines.get(key) ?? "";
  const hostNow = Number(word("now"));
  const ours = (seconds: number): number => (seconds === 0 ? 0 : now + (seconds - hostNow) * 1000);
  if (word("store") === "") return null;
  return {
    store: word("store"),
    run: word("run"),
    epoch: Number(word("epoch")),
    connection: Number(word("connection")),
    session: Number(word("session")),
    holder: word("holder"),
    verb: word("verb"),
    since: ours(Number(word("since"))),
    expires: ours(Number(word("expires"))),
  };
}

/** A value of the record: one line, not empty. */
export function recordWord(name: string, value: string): string {
  const word = value.trim();
  if (word === "" || /[\n\r\0]/.test(word)) throw new StillwaterError("SW9999", `the ${name} of a claim must be one line of text`);
  return word;
}

/** Error SW2002: another journal's Stillwater holds the host. */
export function hostIsHeld(params: { readonly host: string; readonly record: HostRecord; readonly now: number }): StillwaterError {
  const { host, record, now } = params;
  return new StillwaterError("SW2002", `${host} is held by ${record.holder}: ${record.verb}, since ${localText(record.since)}`, {
    object: host,
    why: [
      `holder ${record.holder}, verb ${record.verb}, run ${record.run}, epoch ${record.epoch}, journal ${record.store}`,
      `since ${localText(record.since)}; its claim runs out at ${localText(record.expires)}, in ${Math.ceil((record.expires - now) / 1000)} s, unless it goes on`,
    ],
  });
}
