import { typeNumbers, type Atom, type LabValue, type ScalarType } from "../value.ts";
import { ByteWriter } from "./bytes.ts";
import { forms, layoutOf, nulls, SYMBOL_WITH_BASE } from "./types.ts";

/** An object as the server sends it: little endian, type first, then form (facts 3.5). */
export function encode(value: LabValue): Uint8Array {
  const out = new ByteWriter();
  writeObject(out, value);
  return out.finish();
}

export function writeObject(out: ByteWriter, value: LabValue): void {
  switch (value.form) {
    case "scalar":
      head(out, typeNumbers[value.type], forms.scalar);
      if (value.type === "void") out.i8(1);
      else writeAtom(out, value.type, value.value);
      break;
    case "vector":
      writeVector(out, value.type, value.items, forms.vector);
      break;
    case "pair":
      writeVector(out, value.type, value.items, forms.pair);
      break;
    case "tuple":
      head(out, typeNumbers.any, forms.vector);
      writeCounts(out, value.items.length);
      for (const item of value.items) writeObject(out, item);
      break;
    case "set":
      head(out, typeNumbers[value.type], forms.set);
      writeVector(out, value.type, value.items, forms.vector);
      break;
    case "dictionary":
      head(out, value.values.form === "vector" ? typeNumbers[value.values.type] : typeNumbers.any, forms.dictionary);
      writeObject(out, value.keys);
      writeObject(out, value.values);
      break;
    case "table":
      head(out, 0, forms.table);
      out.u32(value.columns[0]?.items.length ?? 0);
      out.u32(value.columns.length);
      out.zeroTerminated(value.name);
      for (const { name } of value.columns) out.zeroTerminated(name);
      for (const { type, items } of value.columns) writeVector(out, type, items, forms.vector);
  }
}

function head(out: ByteWriter, type: number, form: number): void {
  out.i8(type);
  out.i8(form);
}

function writeCounts(out: ByteWriter, rows: number): void {
  out.u32(rows);
  out.u32(1);
}

function writeVector(out: ByteWriter, type: ScalarType, items: readonly Atom[], form: number): void {
  if (type === "symbol" && form === forms.vector) {
    writeSymbols(out, items);
    return;
  }
  head(out, typeNumbers[type], form);
  writeCounts(out, items.length);
  for (const item of items) writeAtom(out, type, item);
}

/** The first string of a base is the empty one, which stands for null. */
function writeSymbols(out: ByteWriter, items: readonly Atom[]): void {
  const base = new Map<string, number>([["", 0]]);
  const indexes = items.map((item) => {
    const text = item === null ? "" : String(item);
    const index = base.get(text) ?? base.size;
    base.set(text, index);
    return index;
  });
  head(out, SYMBOL_WITH_BASE, forms.vector);
  writeCounts(out, items.length);
  out.u32(0);
  out.u32(base.size);
  for (const text of base.keys()) out.zeroTerminated(text);
  for (const index of indexes) out.u32(index);
}

function writeAtom(out: ByteWriter, type: ScalarType, value: Atom): void {
  const layout = layoutOf(type);
  switch (layout) {
    case "none":
      break;
    case "object":
      throw new Error("a vector of type any is a tuple");
    case "i8":
      out.i8(value === null ? nulls.i8 : Number(value));
      break;
    case "i16":
      out.i16(value === null ? nulls.i16 : Number(value));
      break;
    case "i32":
      out.i32(value === null ? nulls.i32 : Number(value));
      break;
    case "i64":
      out.i64(value === null ? nulls.i64 : BigInt(value));
      break;
    case "f32":
      out.f32(value === null ? nulls.f32 : Number(value));
      break;
    case "f64":
      out.f64(value === null ? nulls.f64 : Number(value));
      break;
    case "string":
      out.zeroTerminated(value === null ? "" : String(value));
      break;
    case "blob": {
      const bytes = new TextEncoder().encode(value === null ? "" : String(value));
      out.u32(bytes.length);
      out.raw(bytes);
      break;
    }
    case "uuid":
      out.raw(uuidBytes(value === null ? "" : String(value)));
      break;
    case "function":
      out.i8(0);
      out.zeroTerminated(String(value));
  }
}

/** Sixteen bytes in the reverse order of what is printed; null is all zero. */
function uuidBytes(text: string): Uint8Array {
  const digits = text.replaceAll("-", "");
  if (digits === "") return new Uint8Array(16);
  if (!/^[0-9a-f]{32}$/i.test(digits)) throw new Error(`not a UUID: ${text}`);
  return Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16)).reverse();
}
