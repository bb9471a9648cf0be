import { SqlError, tokens, type Token } from "./tokens.ts";

export type Value = string | number | boolean | null;
export interface TableName {
  /** Null: the database of the request. */
  readonly db: string | null;
  readonly name: string;
}
export interface ColumnDefinition {
  readonly name: string;
  /** Int32, String, ... */
  readonly type: ColumnType;
  readonly notNull: boolean;
}
export type ColumnType = "Bool" | "Int16" | "Int32" | "Int64" | "Float" | "Double" | "String" | "Date" | "Timestamp";
export type Aggregate = "count" | "max" | "min";
export type Selection =
  | { readonly kind: "all" }
  | { readonly kind: "columns"; readonly columns: readonly string[] }
  | { readonly kind: "aggregate"; readonly aggregate: Aggregate; /** Null: `*`. */ readonly column: string | null };
export interface Where {
  readonly column: string;
  readonly value: Value;
}

/** The part of OpenMLDB's SQL that the lab knows. */
export type Statement =
  | { readonly kind: "create-database"; readonly name: string; readonly unlessExists: boolean }
  | { readonly kind: "drop-database"; readonly name: string }
  | {
      readonly kind: "create-table";
      readonly table: TableName;
      readonly unlessExists: boolean;
      readonly columns: readonly ColumnDefinition[];
      /** Of each index its key columns. */
      readonly indexes: readonly (readonly string[])[];
      readonly options: Readonly<Record<string, Value>>;
    }
  | { readonly kind: "drop-table"; readonly table: TableName; readonly ifExists: boolean }
  | { readonly kind: "insert"; readonly table: TableName; readonly columns: readonly string[] | null; readonly rows: readonly (readonly Value[])[] }
  | { readonly kind: "select"; readonly selection: Selection; readonly table: TableName; readonly where: Where | null; readonly limit: number | null }
  | { readonly kind: "delete"; readonly table: TableName; readonly where: Where }
  | { readonly kind: "show-components" }
  | { readonly kind: "show-jobs" }
  | { readonly kind: "show-databases" }
  | { readonly kind: "show-tables" }
  | { readonly kind: "show-table-status"; /** Null: none was given. */ readonly like: string | null };

const TYPES: Readonly<Record<string, ColumnType>> = {
  bool: "Bool",
  smallint: "Int16",
  int16: "Int16",
  int: "Int32",
  integer: "Int32",
  int32: "Int32",
  bigint: "Int64",
  int64: "Int64",
  float: "Float",
  double: "Double",
  string: "String",
  varchar: "String",
  date: "Date",
  timestamp: "Timestamp",
};

/** Throws SqlError. */
export function statementOf(sql: string): Statement {
  const parser = new Parser(tokens(sql));
  const statement = parser.statement();
  parser.end();
  return statement;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(list: readonly Token[]) {
    this.#tokens = list;
  }

  statement(): Statement {
    if (this.#skip("create")) return this.#skip("database") ? this.#createDatabase() : this.#createTable();
    if (this.#skip("drop")) return this.#drop();
    if (this.#skip("insert")) return this.#insert();
    if (this.#skip("select")) return this.#select();
    if (this.#skip("delete")) return this.#delete();
    if (this.#skip("show")) return this.#show();
    throw this.#wrong("a statement that the lab knows");
  }

  end(): void {
    while (this.#sign(";")) {
      // Any number of them.
    }
    if (this.#at < this.#tokens.length) throw this.#wrong("the end");
  }

  #createDatabase(): Statement {
    const unlessExists = this.#phrase("if", "not", "exists");
    return { kind: "create-database", unlessExists, name: this.#name() };
  }

  #createTable(): Statement {
    this.#keyword("table");
    const unlessExists = this.#phrase("if", "not", "exists");
    const table = this.#tableName();
    const columns: ColumnDefinition[] = [];
    const indexes: (readonly string[])[] = [];
    this.#list(() => {
      if (this.#skip("index")) indexes.push(this.#index());
      else columns.push(this.#column());
    });
    const options = this.#skip("options") ? this.#options() : {};
    return { kind: "create-table", table, unlessExists, columns, indexes, options };
  }

  #column(): ColumnDefinition {
    const name = this.#name();
    const word = this.#name();
    const type = TYPES[word.toLowerCase()];
    if (type === undefined) throw new SqlError(`Syntax error: unknown type ${word}`);
    const notNull = this.#phrase("not", "null");
    return { name, type, notNull };
  }

  #index(): readonly string[] {
    const key: string[] = [];
    this.#list(() => {
      const property = this.#name().toLowerCase();
      this.#expect("=");
      // ts, ttl and ttl_type of an index are read, and mean nothing in the lab.
      if (property !== "key") this.#skipped();
      else if (this.#peekSign("(")) this.#list(() => key.push(this.#name()));
      else key.push(this.#name());
    });
    return key;
  }

  #skipped(): void {
    if (this.#peekSign("(")) this.#list(() => this.#skipped());
    else this.#at++;
  }

  #options(): Readonly<Record<string, Value>> {
    const options: Record<string, Value> = {};
    this.#list(() => {
      const name = this.#name().toLowerCase();
      this.#expect("=");
      options[name] = this.#value();
    });
    return options;
  }

  #drop(): Statement {
    if (this.#skip("database")) return { kind: "drop-database", name: this.#name() };
    this.#keyword("table");
    const ifExists = this.#phrase("if", "exists");
    return { kind: "drop-table", ifExists, table: this.#tableName() };
  }

  #insert(): Statement {
    this.#keyword("into");
    const table = this.#tableName();
    let columns: string[] | null = null;
    if (this.#peekSign("(")) {
      const names: string[] = [];
      this.#list(() => names.push(this.#name()));
      columns = names;
    }
    this.#keyword("values");
    const rows: (readonly Value[])[] = [];
    do {
      const row: Value[] = [];
      this.#list(() => row.push(this.#value()));
      rows.push(row);
    } while (this.#sign(","));
    return { kind: "insert", table, columns, rows };
  }

  #select(): Statement {
    const selection = this.#selection();
    this.#keyword("from");
    const table = this.#tableName();
    const where = this.#skip("where") ? this.#where() : null;
    const limit = this.#skip("limit") ? Number(this.#value()) : null;
    return { kind: "select", selection, table, where, limit };
  }

  #selection(): Selection {
    if (this.#sign("*")) return { kind: "all" };
    const first = this.#name();
    if (this.#sign("(")) {
      const aggregate = first.toLowerCase();
      if (aggregate !== "count" && aggregate !== "max" && aggregate !== "min") throw new SqlError(`the lab does not know the function ${first}`);
      const column = this.#sign("*") ? null : this.#name();
      if (column === null && aggregate !== "count") throw this.#wrong("a column");
      this.#expect(")");
      if (this.#skip("as")) this.#name();
      return { kind: "aggregate", aggregate, column };
    }
    const columns = [first];
    while (this.#sign(",")) columns.push(this.#name());
    return { kind: "columns", columns };
  }

  #delete(): Statement {
    this.#keyword("from");
    const table = this.#tableName();
    this.#keyword("where");
    return { kind: "delete", table, where: this.#where() };
  }

  #where(): Where {
    const column = this.#name();
    this.#expect("=");
    return { column, value: this.#value() };
  }

  #show(): Statement {
    if (this.#skip("components")) return { kind: "show-components" };
    if (this.#skip("jobs")) return { kind: "show-jobs" };
    if (this.#skip("databases")) return { kind: "show-databases" };
    if (this.#skip("tables")) return { kind: "show-tables" };
    this.#keyword("table");
    this.#keyword("status");
    return { kind: "show-table-status", like: this.#skip("like") ? String(this.#value()) : null };
  }

  #tableName(): TableName {
    const first = this.#name();
    return this.#sign(".") ? { db: first, name: this.#name() } : { db: null, name: first };
  }

  #value(): Value {
    const token = this.#tokens[this.#at++];
    if (token?.kind === "text") return token.text;
    if (token?.kind === "number") return Number(token.text);
    const word = token?.kind === "word" ? token.text.toLowerCase() : "";
    if (word === "true" || word === "false") return word === "true";
    if (word === "null") return null;
    this.#at--;
    throw this.#wrong("a value");
  }

  #list(element: () => void): void {
    this.#expect("(");
    do element();
    while (this.#sign(","));
    this.#expect(")");
  }

  #name(): string {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "word") throw this.#wrong("a name");
    this.#at++;
    return token.text;
  }

  #is(offset: number, keyword: string): boolean {
    const token = this.#tokens[this.#at + offset];
    return token?.kind === "word" && token.text.toLowerCase() === keyword;
  }

  #skip(keyword: string): boolean {
    return this.#phrase(keyword);
  }

  #phrase(...keywords: readonly string[]): boolean {
    if (!keywords.every((keyword, i) => this.#is(i, keyword))) return false;
    this.#at += keywords.length;
    return true;
  }

  #keyword(keyword: string): void {
    if (!this.#skip(keyword)) throw this.#wrong(keyword.toUpperCase());
  }

  #peekSign(text: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === "sign" && token.text === text;
  }

  #sign(text: string): boolean {
    if (!this.#peekSign(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#sign(text)) throw this.#wrong(text);
  }

  #wrong(expected: string): SqlError {
    return new SqlError(`Syntax error: Expected ${expected} but got ${this.#tokens[this.#at]?.text ?? "end of statement"}`);
  }
}
