// The process as commands see it; tests pass their own.
export interface Output {
  write(text: string): void;
  readonly isTty: boolean;
  /** Width of the terminal; null when it is none. */
  columns(): number | null;
  rows(): number | null;
}
export interface Io {
  readonly out: Output;
  readonly err: Output;
  readonly environment: Readonly<Record<string, string | undefined>>;
  now(): number;
  /** True when a person can be asked. */
  readonly canAsk: boolean;
  /** One line from the person; null when the input ended. */
  ask(question: string): Promise<string | null>;
  /** Calls back for each Ctrl-C until the returned function is called; without one, Ctrl-C ends the process. */
  onInterrupt(handler: () => void): () => void;
  /** Single keys while something live is shown; the returned function gives the terminal back. */
  onKey(handler: (key: string) => void): () => void;
  /** The width of the terminal has changed. */
  onResize(handler: () => void): () => void;
  /** Aborted when nobody reads standard output any more. */
  readonly closed: AbortSignal;
}
