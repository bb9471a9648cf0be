const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes end before what they announce: over TCP more may come. */
export class Truncated extends Error {}

export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  i8(value: number): void {
    const at = this.#take(1);
    this.#view.setInt8(at, value);
  }
  i16(value: number): void {
    const at = this.#take(2);
    this.#view.setInt16(at, value, true);
  }
  i32(value: number): void {
    const at = this.#take(4);
    this.#view.setInt32(at, value, true);
  }
  u32(value: number): void {
    const at = this.#take(4);
    this.#view.setUint32(at, value, true);
  }
  i64(value: bigint): void {
    const at = this.#take(8);
    this.#view.setBigInt64(at, value, true);
  }
  f32(value: number): void {
    const at = this.#take(4);
    this.#view.setFloat32(at, value, true);
  }
  f64(value: number): void {
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
  }
  raw(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }
  text(text: string): void {
    this.raw(encoder.encode(text));
  }
  /** Ends with a zero byte; one inside would end it too early. */
  zeroTerminated(text: string): void {
    this.text(text.replaceAll("\0", ""));
    this.i8(0);
  }
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Before anything else of a write: it may exchange the buffer. */
  #take(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** Every read throws Truncated when the bytes do not suffice. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #littleEndian: boolean;
  at: number;

  constructor(bytes: Uint8Array, at = 0, littleEndian = true) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#littleEndian = littleEndian;
    this.at = at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  i8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  i16(): number {
    return this.#view.getInt16(this.#take(2), this.#littleEndian);
  }
  i32(): number {
    return this.#view.getInt32(this.#take(4), this.#littleEndian);
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4), this.#littleEndian);
  }
  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), this.#littleEndian);
  }
  f32(): number {
    return this.#view.getFloat32(this.#take(4), this.#littleEndian);
  }
  f64(): number {
    return this.#view.getFloat64(this.#take(8), this.#littleEndian);
  }
  raw(count: number): Uint8Array {
    const at = this.#take(count);
    return this.#bytes.subarray(at, at + count);
  }
  text(count: number): string {
    return decoder.decode(this.raw(count));
  }
  zeroTerminated(): string {
    const end = this.#bytes.indexOf(0, this.at);
    if (end === -1) throw new Truncated();
    const text = decoder.decode(this.#bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }
  get left(): number {
    return this.#bytes.length - this.at;
  }
  /** A number of things that are still to come, each of at least that many bytes: nobody makes the lab allocate what was never sent. */
  count(bytesOfEach: number): number {
    const count = this.u32();
    if (count * bytesOfEach > this.left) throw new Truncated();
    return count;
  }

  #take(count: number): number {
    const at = this.at;
    if (at + count > this.#bytes.length) throw new Truncated();
    this.at = at + count;
    return at;
  }
}
