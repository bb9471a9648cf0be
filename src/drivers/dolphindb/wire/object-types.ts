// Data types and forms of objects on the wire (facts 3.5): type first, form second.
export const forms = { scalar: 0, vector: 1, pair: 2, matrix: 3, set: 4, dictionary: 5, table: 6 } as const;
export const types = {
  void: 0,
  bool: 1,
  char: 2,
  short: 3,
  int: 4,
  long: 5,
  date: 6,
  month: 7,
  time: 8,
  minute: 9,
  second: 10,
  datetime: 11,
  timestamp: 12,
  nanotime: 13,
  nanotimestamp: 14,
  float: 15,
  double: 16,
  symbol: 17,
  string: 18,
  uuid: 19,
  functiondef: 20,
  any: 25,
  datehour: 28,
  ipaddr: 30,
  int128: 31,
  blob: 32,
  symbolWithBase: 145,
} as const;
export type TypeName = keyof typeof types;
const names = new Map<number, TypeName>(Object.entries(types).map(([name, code]) => [code, name as TypeName]));
export const typeName = (code: number): TypeName | null => names.get(code) ?? null;

/** The value that stands for null, by width of the type. */
export const nulls = {
  i8: -128,
  i16: -32_768,
  i32: -2_147_483_648,
  i64: -(2n ** 63n),
  f32: -3.402_823_466_385_288_6e38,
  f64: -Number.MAX_VALUE,
} as const;
