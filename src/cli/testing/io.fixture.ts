import type { Io, Output } from "../io.ts";

export class TestOutput implements Output {
  text = "";
  readonly isTty: boolean;
  readonly #columns: number | null;
  constructor(columns: number | null) {
    this.isTty = columns !== null;
    this.#columns = columns;
  }
  write(text: string): void {
    this.text += text;
  }
  columns(): number | null {
    return this.#columns;
  }
  rows(): number | null {
    return this.isTty ? 24 : null;
  }
}

/** A terminal of that width, or (null) a pipe. */
export class TestIo implements Io {
  readonly out: TestOutput;
  readonly err: TestOutput;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly canAsk: boolean;
  readonly closed = new AbortController().signal;
  readonly asked: string[] = [];
  readonly interrupts = new Set<() => void>();
  readonly keys = new Set<(key: string) => void>();
  readonly #answers: (string | null)[];

  constructor(
    options: {
      readonly columns?: number;
      readonly answers?: readonly (string | null)[];
      readonly environment?: Readonly<Record<string, string>>;
    } = {},
  ) {
    const columns = options.columns ?? null;
    this.out = new TestOutput(columns);
    this.err = new TestOutput(columns);
    this.environment = options.environment ?? {};
    this.canAsk = columns !== null;
    this.#answers = [...(options.answers ?? [])];
  }
  now(): number {
    return Date.now();
  }
  ask(question: string): Promise<string | null> {
    this.asked.push(question);
    return Promise.resolve(this.#answers.shift() ?? null);
  }
  onInterrupt(handler: () => void): () => void {
    this.interrupts.add(handler);
    return () => this.interrupts.delete(handler);
  }
  onKey(handler: (key: string) => void): () => void {
    this.keys.add(handler);
    return () => this.keys.delete(handler);
  }
  onResize(): () => void {
    return () => undefined;
  }
}
