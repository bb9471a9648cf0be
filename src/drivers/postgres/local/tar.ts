// Walks a tar archive (ustar, GNU, pax) as its bytes come, without keeping them.

type Sink = (chunk: Uint8Array) => void;

const block = 512;
const text = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString("utf8");
};

function sizeOf(header: Uint8Array): number {
  const field = header.subarray(124, 136);
  // GNU: a number in base 256 when the octal field is too small.
  if ((field[0] ?? 0) & 0x80) return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  return Number.parseInt(text(field).trim() || "0", 8);
}
function checksumHolds(header: Uint8Array): boolean {
  const stored = Number.parseInt(text(header.subarray(148, 156)).trim(), 8);
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0);
  return sum === stored;
}
function paxPath(records: string): string | null {
  return /(?:^|\n)\d+ path=([^\n]*)\n/.exec(records)?.[1] ?? null;
}

/** `entry` is asked for each regular file, directory and link; a sink gets the content of a file. Throws an Error for what is no tar archive, or a cut one. */
export class TarScan {
  readonly #entry: (name: string) => Sink | null;
  #rest: Uint8Array = new Uint8Array(0);
  #left = 0;
  #padding = 0;
  #sink: Sink | null = null;
  #special: { readonly kind: string; text: string } | null = null;
  #longName: string | null = null;
  #ended = false;
  #entries = 0;

  constructor(entry: (name: string) => Sink | null) {
    this.#entry = entry;
  }

  push(chunk: Uint8Array): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = new Uint8Array(0);
    while (data.length > 0 && !this.#ended) {
      if (this.#left > 0) {
        const part = data.subarray(0, this.#left);
        this.#sink?.(part);
        this.#left -= part.length;
        data = data.subarray(part.length);
        if (this.#left === 0) this.#finish();
        continue;
      }
      const wanted = this.#padding > 0 ? this.#padding : block;
      if (data.length < wanted) {
        if (this.#padding > 0) {
          this.#padding -= data.length;
          return;
        }
        this.#rest = Uint8Array.from(data);
        return;
      }
      if (this.#padding === 0) this.#header(data.subarray(0, block));
      else this.#padding = 0;
      data = data.subarray(wanted);
    }
  }

  end(): void {
    if (!this.#ended) throw new Error(this.#entries === 0 ? "it is no tar archive" : "it is cut short");
  }

  #header(header: Uint8Array): void {
    if (header.every((byte) => byte === 0)) {
      this.#ended = true;
      return;
    }
    if (!checksumHolds(header)) throw new Error(this.#entries === 0 ? "it is no tar archive" : "a header does not have its checksum");
    this.#entries++;
    const kind = String.fromCharCode(header[156] ?? 0);
    const size = sizeOf(header);
    this.#left = size;
    this.#padding = (block - (size % block)) % block;
    this.#sink = null;
    if (kind === "L" || kind === "x") {
      const special = { kind, text: "" };
      this.#special = special;
      this.#sink = (chunk) => (special.text += Buffer.from(chunk).toString("utf8"));
    } else if (kind !== "g" && kind !== "K") {
      const prefix = text(header.subarray(257, 262)) === "ustar" ? text(header.subarray(345, 500)) : "";
      const short = text(header.subarray(0, 100));
      const name = this.#longName ?? (prefix === "" ? short : `${prefix}/${short}`);
      this.#longName = null;
      this.#sink = kind === "0" || kind === "\0" ? this.#entry(name) : (this.#entry(name), null);
    }
    if (this.#left === 0) this.#finish();
  }
  #finish(): void {
    if (this.#special !== null) {
      this.#longName = this.#special.kind === "L" ? this.#special.text.replace(/\0.*$/s, "") : (paxPath(this.#special.text) ?? this.#longName);
      this.#special = null;
    }
    this.#sink = null;
  }
}
