// Expected exchanges: what the facts say a cluster answers, written down before lab and driver existed. Data files beside this one hold them.
import type { Pattern } from "./match.ts";

/** Who is asked: by what it is now. `leader` and `follower` are the tablets of partition 0 of the table, as last learnt. */
export type Party = "nameserver" | "standby" | "leader" | "follower" | "apiserver";

/** `http`: the whole reply. `closed`: the connection ends without one. */
export type HttpExpectation =
  | { readonly status: number; readonly body?: Pattern; readonly text?: string; readonly headers?: Readonly<Record<string, Pattern>> }
  | { readonly closed: true };

interface Common {
  readonly name: string;
  /** Sections of the facts that it comes from. */
  readonly fact: string;
  /** Tried again until it matches, at most so long in virtual or real milliseconds; absent: once. */
  readonly withinMs?: number;
  /** Afterwards who leads partition 0 is asked anew. */
  readonly learn?: boolean;
  /** Variable to a JSON pointer into the answer. */
  readonly capture?: Readonly<Record<string, string>>;
  /** What the cluster must have for this exchange; without it the exchange is left out, and said to be. */
  readonly needs?: "standby" | "authentication";
}
export interface HttpExchange extends Common {
  readonly to: Party;
  readonly request: {
    /** Default POST. */
    readonly method?: string;
    readonly path: string;
    /** Default: `authorization` alone; given, it replaces the default. */
    readonly headers?: Readonly<Record<string, string>>;
    /** JSON, or a text that is sent as it is. */
    readonly body?: unknown;
  };
  readonly expect: HttpExpectation;
}

/** A table as the vendor's printer writes it. */
export interface ExpectedTable {
  readonly columns: readonly string[];
  /** For each of these a row must be there. Cells are regular expressions over the whole cell. */
  readonly some?: readonly (readonly string[])[];
  /** Every row matches. */
  readonly every?: readonly string[];
  readonly atLeast?: number;
}
export interface CommandExchange extends Common {
  readonly argv: readonly string[];
  readonly expect: {
    /** Regular expressions, one for each of the first lines. */
    readonly lines?: readonly string[];
    /** Follows the lines. */
    readonly table?: ExpectedTable;
    /** A regular expression over the whole of standard output. */
    readonly stdout?: string;
  };
}
export type Exchange = HttpExchange | CommandExchange;
export interface ExchangeFile {
  readonly about: string;
  readonly exchanges: readonly Exchange[];
}
export const isCommand = (exchange: Exchange): exchange is CommandExchange => "argv" in exchange;
