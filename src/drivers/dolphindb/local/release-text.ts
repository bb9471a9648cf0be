// Which release a binary says it is, found in its bytes as they pass.

/** A release of the vendor as a text carries it, with its flavour and with the date that version() puts behind it. */
const pattern = /(?<![0-9.])([1-9]\.[0-9]0\.[0-9]{1,2}(?:\.[0-9]{1,2})?)(?:_(JIT|ABI))?(?![0-9.])( 20\d\d\.\d\d\.\d\d)?/g;
/** Longer than any match, so that none is lost between two pieces. */
const overlap = 64;

export interface SaidRelease {
  readonly version: string;
  readonly flavour: "JIT" | "ABI" | null;
}

export class ReleaseText {
  readonly #dated = new Map<string, SaidRelease>();
  readonly #bare = new Map<string, SaidRelease>();
  #tail = "";

  take(piece: Uint8Array): void {
    const text = this.#tail + Buffer.from(piece).toString("latin1");
    this.#look(text, text.length - overlap);
    this.#tail = text.slice(-overlap);
  }
  /** Everything that may be meant: texts with a date come before texts without one; of those only a single one counts. Empty: it does not say. */
  end(): readonly SaidRelease[] {
    this.#look(this.#tail, this.#tail.length);
    this.#tail = "";
    if (this.#dated.size > 0) return [...this.#dated.values()];
    const builds = [...this.#bare.values()].filter(({ version }) => version.split(".").length === 4);
    if (builds.length === 1) return builds;
    return this.#bare.size === 1 ? [...this.#bare.values()] : [];
  }
  /** What begins behind `until` is seen again with the next piece. */
  #look(text: string, until: number): void {
    for (const match of text.matchAll(pattern)) {
      if (match.index >= until && until < text.length) break;
      const [, version = "", flavour, date] = match;
      const said: SaidRelease = { version, flavour: flavour === "JIT" || flavour === "ABI" ? flavour : null };
      (date === undefined ? this.#bare : this.#dated).set(`${version}_${flavour ?? ""}`, said);
    }
  }
}
