import { ServerError } from "../logic/node.ts";
import { tokensOf, type Token } from "./lexer.ts";
import type { Argument, Expression, Select, SelectItem, Statement } from "./syntax.ts";
import { nothing } from "../value.ts";
import { symbols } from "./values.ts";

/** Loosest first. In SQL `=` compares. */
const LEVELS: readonly (readonly string[])[] = [
  ["||", "or"],
  ["&&", "and"],
  ["==", "!=", "<>", "=", "<", ">", "<=", ">=", "in", "like", "between"],
  ["+", "-"],
  ["*", "/", "%"],
  ["$"],
  [":"],
  [".."],
];
const RESERVED = new Set([
  "select",
  "exec",
  "from",
  "where",
  "group",
  "by",
  "order",
  "limit",
  "as",
  "asc",
  "desc",
  "and",
  "or",
  "in",
  "like",
  "between",
  "having",
  "top",
  "delete",
  "insert",
  "into",
  "values",
  "share",
  "if",
  "else",
  "use",
  "context",
]);

/** The part of the script language that the lab knows. Error ServerError for the rest. */
export function parse(text: string): readonly Statement[] {
  return new Parser(tokensOf(text)).statements();
}
/** One expression: what a function request carries as its name. */
export function parseExpression(text: string): Expression {
  const [only, ...more] = parse(text);
  if (only?.is !== "expression" || more.length > 0) throw new ServerError(`Syntax Error: ${text} is no expression.`);
  return only.value;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  /** Within brackets lines may end anywhere. */
  #depth = 0;
  #isSql = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  statements(): readonly Statement[] {
    const found: Statement[] = [];
    for (;;) {
      this.#skipSeparators();
      if (this.#peek() === null) return found;
      found.push(this.#statement());
      const next = this.#peekRaw();
      // SQL may have looked beyond the end of its last line.
      const isNewLine = this.#tokens[this.#at - 1]?.is === "end-of-line";
      if (next !== null && next.is !== "end-of-line" && !isNewLine && !(next.is === "mark" && (next.text === ";" || next.text === "}")))
        throw this.#unexpected(next);
      if (next?.is === "mark" && next.text === "}") return found;
    }
  }

  #statement(): Statement {
    if (this.#takeWord("use")) {
      const parts = [this.#name()];
      while (this.#takeMark("::")) parts.push(this.#name());
      return { is: "use", module: parts.join("::") };
    }
    if (this.#takeWord("delete")) {
      this.#needWord("from");
      const from = this.#sql(() => this.#expression());
      return { is: "delete", from, where: this.#takeWord("where") ? this.#sql(() => this.#conditions()) : [] };
    }
    if (this.#takeWord("insert")) return this.#insert();
    if (this.#takeWord("share")) {
      const value = this.#expression();
      this.#needWord("as");
      return { is: "share", value, name: this.#name() };
    }
    if (this.#isWord("if") && this.#isMark("(", 1)) return this.#if();
    const [first, second] = [this.#peek(), this.#tokens[this.#at + 1]];
    if (first?.is === "name" && !RESERVED.has(first.text) && second?.is === "mark" && second.text === "=") {
      this.#at += 2;
      return { is: "assign", name: first.text, value: this.#expression() };
    }
    return { is: "expression", value: this.#expression() };
  }
  #insert(): Statement {
    this.#needWord("into");
    const into = this.#postfix();
    // `t(a, b) values (...)` looks like a call.
    if (into.is === "call" && into.callee.is === "name") {
      const columns = into.arguments.flatMap(({ value }) => (value.is === "name" ? [value.name] : []));
      if (this.#isWord("values") && columns.length === into.arguments.length) {
        this.#needWord("values");
        return { is: "insert", into: into.callee, columns, values: this.#inParentheses() };
      }
    }
    this.#needWord("values");
    return { is: "insert", into, columns: [], values: this.#inParentheses() };
  }
  #inParentheses(): readonly Expression[] {
    this.#needMark("(");
    return this.#list(")");
  }
  #if(): Statement {
    this.#needWord("if");
    this.#needMark("(");
    const [condition] = this.#list(")");
    if (condition === undefined) throw new ServerError("Syntax Error: if needs a condition.");
    const consequence = this.#block();
    this.#skipLineEnds();
    const otherwise = this.#takeWord("else") ? this.#block() : [];
    return { is: "if", condition, consequence, otherwise };
  }
  #block(): readonly Statement[] {
    this.#skipLineEnds();
    if (!this.#takeMark("{")) return [this.#statement()];
    const depth = this.#depth;
    this.#depth = 0;
    const found = this.statements();
    this.#depth = depth;
    this.#needMark("}");
    return found;
  }

  #expression(): Expression {
    const [first, second] = [this.#peek(), this.#tokens[this.#at + 1]];
    if (first?.is === "name" && second?.is === "mark" && second.text === "->") {
      this.#at += 2;
      return { is: "lambda", parameters: [first.text], body: this.#expression() };
    }
    return this.#binary(0);
  }
  #binary(level: number): Expression {
    const operators = LEVELS[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    for (;;) {
      const operator = operators.find((each) => (each !== "=" || this.#isSql) && (/[a-z]/.test(each) ? this.#isWord(each) : this.#isMark(each)));
      if (operator === undefined) return left;
      this.#at += 1;
      this.#skipLineEnds();
      left = { is: "binary", operator: operator === "=" ? "==" : operator === "<>" ? "!=" : operator, left, right: this.#binary(level + 1) };
    }
  }
  #unary(): Expression {
    if (this.#takeMark("-")) return { is: "unary", operator: "-", operand: this.#unary() };
    if (this.#takeMark("!")) return { is: "unary", operator: "!", operand: this.#unary() };
    if (this.#isWord("not")) {
      this.#at += 1;
      return { is: "unary", operator: "!", operand: this.#unary() };
    }
    return this.#postfix();
  }
  #postfix(): Expression {
    let found = this.#primary();
    for (;;) {
      if (this.#takeMark("(")) found = { is: "call", callee: found, arguments: this.#arguments() };
      else if (found.is === "name" && this.#isMark("{")) {
        this.#at += 1;
        found = { is: "partial", callee: found, arguments: this.#holes() };
      } else if (this.#takeMark("[")) {
        const [at] = this.#list("]");
        if (at === undefined) throw new ServerError("Syntax Error: an index is missing.");
        found = { is: "index", object: found, at };
      } else if (this.#isMark(".") && this.#tokens[this.#at + 1]?.is === "name") {
        this.#at += 1;
        const name = this.#name();
        // `a.f(b)` is `f(a, b)`.
        if (this.#takeMark("("))
          found = { is: "call", callee: { is: "name", name }, arguments: [{ name: null, value: found }, ...this.#arguments()] };
        else found = { is: "member", object: found, name };
      } else return found;
    }
  }
  #primary(): Expression {
    const token = this.#next();
    if (token === null) throw new ServerError("Syntax Error: the script ends within an expression.");
    switch (token.is) {
      case "value":
        return { is: "literal", value: { form: "scalar", type: token.type, value: token.value } };
      case "symbols":
        return { is: "literal", value: symbols(token.items) };
      case "name": {
        if (token.text === "select" || token.text === "exec") return this.#select(token.text === "exec");
        if (RESERVED.has(token.text)) throw this.#unexpected(token);
        let name = token.text;
        while (this.#takeMark("::")) name += `::${this.#name()}`;
        return { is: "name", name };
      }
      case "mark":
        if (token.text === "(") {
          const items = this.#list(")");
          const [only] = items;
          return items.length === 1 && only !== undefined ? only : { is: "list", tuple: true, items };
        }
        if (token.text === "[") return { is: "list", tuple: false, items: this.#list("]") };
        if (token.text === "*") return { is: "star" };
        throw this.#unexpected(token);
      case "end-of-line":
        throw new ServerError("Syntax Error: the line ends within an expression.");
    }
  }
  #list(close: string): readonly Expression[] {
    return this.#enclosed(close, () => this.#expression());
  }
  #arguments(): readonly Argument[] {
    return this.#enclosed(")", () => {
      // `f(a, , b)`: left out.
      if (this.#isMark(",")) return { name: null, value: { is: "literal", value: nothing } };
      const [first, second] = [this.#peek(), this.#tokens[this.#at + 1]];
      if (first?.is !== "name" || second?.is !== "mark" || second.text !== "=") return { name: null, value: this.#expression() };
      this.#at += 2;
      return { name: first.text, value: this.#expression() };
    });
  }
  #holes(): readonly (Expression | null)[] {
    return this.#enclosed("}", () => (this.#isMark(",") || this.#isMark("}") ? null : this.#expression()));
  }
  #enclosed<Item>(close: string, item: () => Item): readonly Item[] {
    const wasSql = this.#isSql;
    this.#isSql = false;
    this.#depth += 1;
    const items: Item[] = [];
    while (!this.#takeMark(close)) {
      if (items.length > 0) this.#needMark(",");
      this.#skipLineEnds();
      items.push(item());
      this.#skipLineEnds();
    }
    this.#depth -= 1;
    this.#isSql = wasSql;
    return items;
  }

  #select(exec: boolean): Select {
    return this.#sql(() => {
      const top = this.#takeWord("top") ? this.#unary() : null;
      const items = this.#items();
      this.#needWord("from");
      const from = this.#expression();
      const where = this.#takeWord("where") ? this.#conditions() : [];
      const groupBy = this.#takeWords("group", "by") ? this.#items() : [];
      const orderBy: { readonly value: Expression; readonly descending: boolean }[] = [];
      if (this.#takeWords("order", "by"))
        do {
          const value = this.#expression();
          const descending = this.#takeWord("desc");
          if (!descending) this.#takeWord("asc");
          orderBy.push({ value, descending });
        } while (this.#takeMark(","));
      const limit = this.#takeWord("limit") ? this.#expression() : null;
      const isAll = items.length === 1 && items[0]?.value.is === "star";
      return { is: "select", exec, top, items: isAll ? [] : items, from, where, groupBy, orderBy, limit };
    });
  }
  #items(): readonly SelectItem[] {
    const items: SelectItem[] = [];
    do {
      this.#skipLineEnds();
      const value = this.#isMark("*") ? this.#primary() : this.#expression();
      items.push({ value, as: this.#takeWord("as") ? this.#name() : null });
    } while (this.#takeMark(","));
    return items;
  }
  #conditions(): readonly Expression[] {
    const conditions = [this.#expression()];
    while (this.#takeMark(",")) conditions.push(this.#expression());
    return conditions;
  }
  #sql<Result>(work: () => Result): Result {
    const was = this.#isSql;
    this.#isSql = true;
    const result = work();
    this.#isSql = was;
    return result;
  }

  #peekRaw(): Token | null {
    return this.#tokens[this.#at] ?? null;
  }
  /** In brackets and in SQL lines may end anywhere. */
  #peek(): Token | null {
    if (this.#depth > 0 || this.#isSql) this.#skipLineEnds();
    return this.#peekRaw();
  }
  #next(): Token | null {
    const token = this.#peek();
    this.#at += 1;
    return token;
  }
  #skipLineEnds(): void {
    while (this.#peekRaw()?.is === "end-of-line") this.#at += 1;
  }
  #skipSeparators(): void {
    for (;;) {
      const token = this.#peekRaw();
      if (token?.is === "end-of-line" || (token?.is === "mark" && token.text === ";")) this.#at += 1;
      else return;
    }
  }
  #isWord(word: string): boolean {
    const token = this.#peek();
    return token?.is === "name" && token.text.toLowerCase() === word;
  }
  #isMark(mark: string, ahead = 0): boolean {
    if (ahead === 0) this.#peek();
    const token = this.#tokens[this.#at + ahead];
    return token?.is === "mark" && token.text === mark;
  }
  #takeWord(word: string): boolean {
    if (!this.#isWord(word)) return false;
    this.#at += 1;
    return true;
  }
  #takeWords(first: string, second: string): boolean {
    if (!this.#takeWord(first)) return false;
    this.#needWord(second);
    return true;
  }
  #takeMark(mark: string): boolean {
    if (!this.#isMark(mark)) return false;
    this.#at += 1;
    return true;
  }
  #needWord(word: string): void {
    if (!this.#takeWord(word)) throw this.#unexpected(this.#peek(), word);
  }
  #needMark(mark: string): void {
    if (!this.#takeMark(mark)) throw this.#unexpected(this.#peek(), mark);
  }
  #name(): string {
    const token = this.#next();
    if (token?.is !== "name") throw this.#unexpected(token);
    return token.text;
  }
  #unexpected(token: Token | null, wanted?: string): ServerError {
    const found =
      token === null ? "the end" : token.is === "name" || token.is === "mark" ? token.text : token.is === "value" ? String(token.value) : token.is;
    return new ServerError(`Syntax Error: Cannot recognize the token ${found}${wanted === undefined ? "" : `, ${wanted} is expected`}`);
  }
}
