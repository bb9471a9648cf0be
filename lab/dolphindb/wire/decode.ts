import type { Atom, LabValue, ScalarType } from "../value.ts";
import type { ByteReader } from "./bytes.ts";
import { forms, layoutOf, NotCarried, nulls, SYMBOL_WITH_BASE, typeOf } from "./types.ts";

/** Throws Truncated when bytes are missing, NotCarried for a type or form that the lab's servers do not use. */
export function readObject(from: ByteReader): LabValue {
  const type = from.u8();
  const form = from.u8();
  switch (form) {
    case forms.scalar:
      return readScalar(from, typeOf(type));
    case forms.vector:
      return readVector(from, type);
    case forms.pair: {
      const pair = readVector(from, type);
      if (pair.form !== "vector") throw new NotCarried("a pair of objects");
      return { form: "pair", type: pair.type, items: [pair.items[0] ?? null, pair.items[1] ?? null] };
    }
    case forms.set: {
      const items = readObject(from);
      if (items.form !== "vector") throw new NotCarried("a set of objects");
      return { form: "set", type: items.type, items: items.items };
    }
    case forms.dictionary: {
      const keys = readObject(from);
      return { form: "dictionary", keys, values: readObject(from) };
    }
    case forms.table:
      return readTable(from);
    default:
      throw new NotCarried(`data form ${String(form)} is not carried by this lab`);
  }
}

function readScalar(from: ByteReader, type: ScalarType): LabValue {
  if (type === "void") {
    from.u8();
    return { form: "scalar", type, value: null };
  }
  return { form: "scalar", type, value: readAtom(from, type) };
}

type VectorOrTuple = Extract<LabValue, { form: "vector" | "tuple" }>;

function readVector(from: ByteReader, number: number): VectorOrTuple {
  if (number === SYMBOL_WITH_BASE) return readSymbols(from);
  const type = typeOf(number);
  if (type === "void") throw new NotCarried("a vector of nothing");
  const rows = from.count(1);
  from.u32();
  if (type === "any") return { form: "tuple", items: Array.from({ length: rows }, () => readObject(from)) };
  return { form: "vector", type, items: Array.from({ length: rows }, () => readAtom(from, type)) };
}

function readSymbols(from: ByteReader): VectorOrTuple {
  const rows = from.count(1);
  from.u32();
  from.u32();
  const base = Array.from({ length: from.count(1) }, () => from.zeroTerminated());
  const items = Array.from({ length: rows }, (): Atom => {
    const text = base[from.u32()];
    if (text === undefined) throw new NotCarried("a symbol of another vector's base");
    return text === "" ? null : text;
  });
  return { form: "vector", type: "symbol", items };
}

function readTable(from: ByteReader): LabValue {
  from.u32();
  const columns = from.count(1);
  const name = from.zeroTerminated();
  const names = Array.from({ length: columns }, () => from.zeroTerminated());
  return {
    form: "table",
    name,
    columns: names.map((column) => {
      const type = from.u8();
      from.u8();
      const vector = readVector(from, type);
      if (vector.form !== "vector") throw new NotCarried("a column of objects");
      return { name: column, type: vector.type, items: vector.items };
    }),
  };
}

const orNull = <T>(value: T, missing: T): T | null => (value === missing ? null : value);

function readAtom(from: ByteReader, type: ScalarType): Atom {
  const layout = layoutOf(type);
  switch (layout) {
    case "none":
      return null;
    case "object":
      throw new NotCarried("a scalar of type any");
    case "i8": {
      const value = orNull<number>(from.i8(), nulls.i8);
      return type === "bool" && value !== null ? value !== 0 : value;
    }
    case "i16":
      return orNull<number>(from.i16(), nulls.i16);
    case "i32":
      return orNull<number>(from.i32(), nulls.i32);
    case "i64":
      return orNull<bigint>(from.i64(), nulls.i64);
    case "f32":
      return orNull<number>(from.f32(), nulls.f32);
    case "f64":
      return orNull<number>(from.f64(), nulls.f64);
    case "string":
      return orNull(from.zeroTerminated(), "");
    case "blob":
      return from.text(from.count(1));
    case "uuid": {
      const digits = Buffer.from(from.raw(16)).reverse().toString("hex");
      return /^0+$/.test(digits) ? null : digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    }
    case "function":
      from.u8();
      return from.zeroTerminated();
  }
}
