// From the bytes of an object to a value.
import type { Dictionary, Table, Value } from "../rpc.ts";
import { forms, nulls, typeName, type TypeName } from "./object-types.ts";

/** The bytes are no object of the kinds that this driver reads. */
export class NoObject extends Error {}

export function decodeObject(bytes: Uint8Array): Value {
  const reader = new ObjectReader(bytes);
  const value = reader.object();
  if (reader.left > 0) throw new NoObject(`${String(reader.left)} bytes behind the object`);
  return value;
}

const text = new TextDecoder("utf-8");

class ObjectReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Bases of symbol vectors of one answer, which later columns refer to. */
  readonly #bases = new Map<number, readonly string[]>();

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  object(): Value {
    const { type, form } = this.#header();
    switch (form) {
      case forms.scalar:
        return this.#scalar(type);
      case forms.vector:
      case forms.pair:
        return this.#items(type);
      case forms.set: {
        const inner = this.#header();
        return this.#items(inner.type);
      }
      case forms.dictionary:
        return this.#dictionary();
      case forms.table:
        return this.#table();
      case forms.matrix:
        return this.#matrix();
      default:
        throw new NoObject(`an object of form ${String(form)}`);
    }
  }

  #header(): { readonly type: number; readonly form: number } {
    return { type: this.#u8(), form: this.#u8() };
  }

  #dictionary(): Dictionary {
    const [keys, values] = [this.object(), this.object()];
    if (!Array.isArray(keys) || !Array.isArray(values) || keys.length !== values.length) throw new NoObject("a dictionary without keys and values");
    const entries = new Map<string, Value>(keys.map((key: Value, index) => [keyOf(key), values[index] as Value]));
    return { is: "dictionary", entries };
  }
  #table(): Table {
    const [rows, count] = [this.#u32(), this.#u32()];
    this.#string();
    const columns = this.#repeat(count, () => this.#string());
    const data = columns.map((column) => {
      const values = this.object();
      if (!Array.isArray(values) || values.length !== rows) throw new NoObject(`column ${column} does not have ${String(rows)} rows`);
      return values as readonly Value[];
    });
    return { is: "table", columns, data };
  }
  /** By column, as the server keeps it; labels are left out. */
  #matrix(): Value {
    const labels = this.#u8();
    if ((labels & 1) !== 0) this.object();
    if ((labels & 2) !== 0) this.object();
    const { type } = this.#header();
    const [rows, columns] = [this.#u32(), this.#u32()];
    const name = this.#typed(type);
    return this.#repeat(columns, () => this.#repeat(rows, () => this.#atom(name)));
  }

  #typed(type: number): TypeName {
    const name = typeName(type);
    if (name === null) throw new NoObject(`data type ${String(type)}`);
    return name;
  }
  #scalar(type: number): Value {
    const name = this.#typed(type);
    if (name === "any" || name === "symbolWithBase") throw new NoObject(`a scalar of type ${name}`);
    return this.#atom(name);
  }
  #items(type: number): readonly Value[] {
    const [rows, columns] = [this.#u32(), this.#u32()];
    const count = rows * columns;
    const name = this.#typed(type);
    if (name === "symbolWithBase") return this.#symbols(count);
    return this.#repeat(count, () => (name === "any" ? this.object() : this.#atom(name)));
  }
  #symbols(count: number): readonly Value[] {
    const [id, size] = [this.#u32(), this.#u32()];
    const base = size === 0 ? this.#bases.get(id) : this.#repeat(size, () => this.#string());
    if (base === undefined) throw new NoObject(`symbols of base ${String(id)}, which was not sent`);
    this.#bases.set(id, base);
    return this.#repeat(count, () => orNull(base[this.#u32()] ?? ""));
  }

  #atom(type: TypeName): Value {
    switch (type) {
      case "void":
        this.#u8();
        return null;
      case "bool": {
        const value = this.#i8();
        return value === nulls.i8 ? null : value !== 0;
      }
      case "char": {
        const value = this.#i8();
        return value === nulls.i8 ? null : value;
      }
      case "short": {
        const value = this.#view.getInt16(this.#take(2), true);
        return value === nulls.i16 ? null : value;
      }
      case "int":
      case "date":
      case "month":
      case "time":
      case "minute":
      case "second":
      case "datetime":
      case "datehour": {
        const value = this.#view.getInt32(this.#take(4), true);
        return value === nulls.i32 ? null : value;
      }
      case "long":
      case "timestamp":
      case "nanotime":
      case "nanotimestamp":
        return narrow(this.#view.getBigInt64(this.#take(8), true));
      case "float": {
        const value = this.#view.getFloat32(this.#take(4), true);
        return value === nulls.f32 ? null : value;
      }
      case "double": {
        const value = this.#view.getFloat64(this.#take(8), true);
        return value === nulls.f64 ? null : value;
      }
      case "symbol":
      case "string":
        return orNull(this.#string());
      case "blob": {
        const size = this.#u32();
        const at = this.#take(size);
        return orNull(text.decode(this.#bytes.subarray(at, at + size)));
      }
      case "functiondef":
        this.#u8();
        return this.#string();
      case "uuid":
      case "int128":
      case "ipaddr": {
        const at = this.#take(16);
        const hex = Buffer.from(this.#bytes.subarray(at, at + 16))
          .reverse()
          .toString("hex");
        if (/^0+$/.test(hex)) return null;
        return type === "uuid" ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5") : hex;
      }
      case "any":
      case "symbolWithBase":
        throw new NoObject(`an item of type ${type}`);
    }
  }

  /** Counts come from outside: what cannot fit into the rest of the answer is refused before anything is made. */
  #repeat<T>(count: number, one: () => T): readonly T[] {
    if (count > this.left) throw new NoObject(`${String(count)} items in ${String(this.left)} bytes`);
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(one());
    return items;
  }
  #take(size: number): number {
    if (size > this.left) throw new NoObject("it ends too early");
    const at = this.#at;
    this.#at += size;
    return at;
  }
  #u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  #i8(): number {
    return this.#view.getInt8(this.#take(1));
  }
  #u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }
  #string(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new NoObject("a text without an end");
    const value = text.decode(this.#bytes.subarray(this.#at, end));
    this.#at = end + 1;
    return value;
  }
}

function keyOf(key: Value): string {
  if (typeof key === "string") return key;
  if (key !== null && typeof key === "object") throw new NoObject("a dictionary with keys that are no scalars");
  return String(key);
}
const orNull = (value: string): string | null => (value === "" ? null : value);
function narrow(value: bigint): Value {
  if (value === nulls.i64) return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
