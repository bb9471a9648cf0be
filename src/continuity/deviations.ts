// The oracle: what was found against what the log permits. Pure; knows nothing of the control, which is how the control can test it.
import { absent, type History } from "./history.ts";
import { keyOf, keyPrefix, parseKey, writerOf } from "./record.ts";

export interface Deviation {
  readonly key: string;
  readonly record: number;
  readonly what: "lost" | "corrupted" | "duplicated";
  /** Acknowledged operations whose effect is missing; 0 unless lost. */
  readonly operations: number;
  readonly detail: string;
}

const missing = 0xffff_ffff;
const damaged = 0xffff_fffe;
/** Sequences of a run stay far below. */
const foreign = 0xffff_fffd;

const describe = (state: number): string =>
  state === absent ? "no record" : state === foreign ? "the value of an unknown write" : `the value of write ${String(state)}`;

/** `KEY#2`: how a client tells the second row of a key. Null: the key as it is. */
function copyOf(key: string): { readonly key: string; readonly number: number } | null {
  const match = /^(.*)#([1-9][0-9]{0,5})$/.exec(key);
  return match === null ? null : { key: match[1] ?? "", number: Number(match[2]) };
}

/** Rows beyond the first of a key, as far as the log explains them: the client sent the insert again, not knowing that it had been carried out. */
export function repeats(history: History, found: ReadonlyMap<string, string>): number {
  let count = 0;
  for (const key of found.keys()) {
    const copy = key.includes("#") && key.startsWith(keyPrefix(history.probe)) ? copyOf(key) : null;
    const name = copy === null ? null : parseKey(copy.key);
    if (copy !== null && name !== null && history.saltOf(name.record) === name.salt && copy.number <= history.copies(name.record)) count++;
  }
  return count;
}

/**
 * Every record whose state the log does not permit.
 * - lost: acknowledged operations after the state that was found have no effect; also a deleted record that is there again
 * - corrupted: a value whose checksum or key is wrong
 * - duplicated: the effect of a refused attempt, a record that was never attempted, or one that is there more often than it was sent
 */
export function deviations(history: History, found: ReadonlyMap<string, string>): readonly Deviation[] {
  const list: Deviation[] = [];
  const states = new Uint32Array(history.highestRecord + 1).fill(missing);
  const { probe } = history;
  const prefix = keyPrefix(probe);
  for (const [key, value] of found) {
    // Left by an earlier probe.
    if (!key.startsWith(prefix)) continue;
    const copy = copyOf(key);
    const name = parseKey(copy?.key ?? key);
    if (name === null || history.saltOf(name.record) !== name.salt) {
      list.push({ key, record: name?.record ?? 0, what: "duplicated", operations: 0, detail: "a record that was never attempted" });
      continue;
    }
    const writer = writerOf(copy?.key ?? key, value);
    if (copy !== null) {
      const allowed = history.copies(name.record);
      const state = writer ?? damaged;
      const wrong =
        copy.number <= allowed
          ? judge(history, name.record, state)
          : {
              what: "duplicated" as const,
              operations: 0,
              detail: `row ${String(copy.number)} of a record that was sent ${allowed === 1 ? "once" : `${String(allowed)} times`}`,
            };
      if (wrong !== null) list.push({ key, record: name.record, ...wrong });
      continue;
    }
    states[name.record] = writer === null ? damaged : writer <= history.highestRecord ? writer : foreign;
  }
  for (let record = 1; record < states.length; record++) {
    const salt = history.saltOf(record);
    if (salt === null) continue;
    const seen = states[record] ?? missing;
    const state = seen === missing ? absent : seen;
    if (state !== damaged && history.certain(record) === state) continue;
    const deviation = judge(history, record, state);
    if (deviation !== null) list.push({ key: keyOf({ probe, record, salt }), record, ...deviation });
  }
  return list;
}

function judge(history: History, record: number, state: number): Pick<Deviation, "what" | "operations" | "detail"> | null {
  if (state === damaged) return { what: "corrupted", operations: 0, detail: "the checksum or the key inside the value is wrong" };
  const permitted = history.permitted(record);
  if (permitted.has(state)) return null;
  const chain = history.chain(record);
  const position = chain.findIndex((operation) => operation.to === state && operation.kind !== "delete");
  const expected = [...permitted].map(describe).join(" or ");
  if (state !== absent && position === -1) {
    return { what: "duplicated", operations: 0, detail: `found ${describe(state)}, which never wrote this record; expected ${expected}` };
  }
  if (chain[position]?.outcome === "refused") {
    return { what: "duplicated", operations: 0, detail: `found ${describe(state)}, which was refused; expected ${expected}` };
  }
  const operations = chain.slice(position + 1).filter(({ outcome }) => outcome === "acknowledged").length;
  return { what: "lost", operations: Math.max(1, operations), detail: `found ${describe(state)}; expected ${expected}` };
}
