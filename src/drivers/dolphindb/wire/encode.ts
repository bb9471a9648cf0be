// From a value to the bytes of an object: what the driver sends as arguments.
import { StillwaterError } from "../../../model/errors.ts";
import type { Value } from "../rpc.ts";
import { forms, nulls, types } from "./object-types.ts";

export type ColumnType = "bool" | "int" | "long" | "double" | "timestamp" | "date" | "string" | "symbol";
type Atom = null | boolean | number | bigint | string;
/** A table whose types are said: what is appended to a table of the server must fit its columns. */
export interface TypedTable {
  readonly is: "typed table";
  readonly columns: readonly { readonly name: string; readonly type: ColumnType; readonly items: readonly Atom[] }[];
}
export interface TypedVector {
  readonly is: "typed vector";
  readonly type: ColumnType;
  readonly items: readonly Atom[];
}
export type Argument = Value | TypedTable | TypedVector;

/** A number without a fraction is INT, or LONG when it is too large for one; a list whose items are of one type is a vector of that type. */
export function encodeObject(value: Argument): Uint8Array {
  const writer = new Bytes();
  write(writer, value);
  return writer.done();
}

function write(out: Bytes, value: Argument): void {
  if (value === null || typeof value !== "object") {
    const type = typeOf(value);
    out.u8(types[type]).u8(forms.scalar);
    writeAtom(out, type, value);
    return;
  }
  if (!("is" in value)) return writeList(out, value);
  switch (value.is) {
    case "typed vector":
      return writeVector(out, value.type, value.items);
    case "typed table": {
      const rows = value.columns[0]?.items.length ?? 0;
      out.u8(types.void).u8(forms.table).u32(rows).u32(value.columns.length).text("");
      for (const { name } of value.columns) out.text(name);
      for (const { type, items } of value.columns) writeVector(out, type, items);
      return;
    }
    case "table":
    case "dictionary":
      throw new StillwaterError("SW9999", `a ${value.is} was to be sent without the types of its values`);
  }
}

function writeList(out: Bytes, items: readonly Value[]): void {
  const atoms = items.filter((item): item is Atom => item === null || typeof item !== "object");
  const found = [...new Set(atoms.filter((item) => item !== null).map(typeOf))];
  const type = found.length === 2 && found.every((each) => each === "int" || each === "long") ? "long" : found[0];
  const vector = atoms.length === items.length && type !== undefined && type !== "void" && (found.length === 1 || type === "long");
  if (vector) return writeVector(out, type, atoms);
  out.u8(types.any).u8(forms.vector).u32(items.length).u32(1);
  for (const item of items) write(out, item);
}
function writeVector(out: Bytes, type: ColumnType, items: readonly Atom[]): void {
  out.u8(types[type]).u8(forms.vector).u32(items.length).u32(1);
  for (const item of items) writeAtom(out, type, item);
}

function typeOf(value: Atom): "void" | "bool" | "int" | "long" | "double" | "string" {
  if (value === null) return "void";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "string";
  if (typeof value === "bigint") return "long";
  if (!Number.isInteger(value)) return "double";
  return Math.abs(value) <= 2_147_483_647 ? "int" : "long";
}

function writeAtom(out: Bytes, type: ColumnType | "void", value: Atom): void {
  switch (type) {
    case "void":
      out.u8(1);
      return;
    case "bool":
      out.i8(value === null ? nulls.i8 : Number(value));
      return;
    case "int":
    case "date":
      out.i32(value === null ? nulls.i32 : Number(value));
      return;
    case "long":
    case "timestamp":
      out.i64(value === null ? nulls.i64 : BigInt(value));
      return;
    case "double":
      out.f64(value === null ? nulls.f64 : Number(value));
      return;
    case "string":
    case "symbol":
      // A NUL would end the text, and what follows would be read as the next item.
      out.text(value === null ? "" : String(value).replaceAll("\0", ""));
      return;
  }
}

class Bytes {
  #buffer = Buffer.alloc(256);
  #length = 0;
  /** Before the buffer is used: it may become another one. */
  #room(size: number): number {
    if (this.#length + size > this.#buffer.length) {
      const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#length + size));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    const at = this.#length;
    this.#length += size;
    return at;
  }
  u8(value: number): this {
    const at = this.#room(1);
    this.#buffer.writeUInt8(value, at);
    return this;
  }
  i8(value: number): this {
    const at = this.#room(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }
  u32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeUInt32LE(value, at);
    return this;
  }
  i32(value: number): this {
    const at = this.#room(4);
    this.#buffer.writeInt32LE(value, at);
    return this;
  }
  i64(value: bigint): this {
    const at = this.#room(8);
    this.#buffer.writeBigInt64LE(value, at);
    return this;
  }
  f64(value: number): this {
    const at = this.#room(8);
    this.#buffer.writeDoubleLE(value, at);
    return this;
  }
  text(value: string): this {
    const bytes = Buffer.from(`${value}\0`);
    const at = this.#room(bytes.length);
    bytes.copy(this.#buffer, at);
    return this;
  }
  done(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }
}
