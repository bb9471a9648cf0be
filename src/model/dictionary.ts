// Objects by name that are read whole again and again, each time with one entry exchanged: the facts while a plan is walked. Pure.

export type Dictionary<V> = { readonly [name: string]: V };

interface Listing<V> {
  readonly names: readonly string[];
  readonly values: readonly V[];
  readonly positions: ReadonlyMap<string, number>;
}

/**
 * V8 sorts the keys of a large dictionary each time it is listed, 0.2 ms for 1,000 of them, and the walk of a plan lists it some 7 times a turn: seconds.
 * Keyed by identity, so a dictionary must not be changed once it was listed.
 */
const listings = new WeakMap<object, Listing<unknown>>();

function listing<V>(dictionary: Dictionary<V>): Listing<V> {
  const known = listings.get(dictionary) as Listing<V> | undefined;
  if (known !== undefined) return known;
  const names = Object.keys(dictionary);
  const made = { names, values: Object.values(dictionary), positions: new Map(names.map((name, position) => [name, position])) };
  listings.set(dictionary, made);
  return made;
}

export const namesOf = (dictionary: Dictionary<unknown>): readonly string[] => listing(dictionary).names;

/** The names whose value is so, in the order of the dictionary. */
export function namesWhere<V>(dictionary: Dictionary<V>, is: (value: V) => boolean): readonly string[] {
  const { names, values } = listing(dictionary);
  const found: string[] = [];
  values.forEach((value, position) => {
    const name = names[position];
    if (name !== undefined && is(value)) found.push(name);
  });
  return found;
}

/** With the value of that name exchanged. A name that it does not have throws RangeError. */
export function withEntry<V>(dictionary: Dictionary<V>, name: string, value: V): Dictionary<V> {
  const { names, values, positions } = listing(dictionary);
  const position = positions.get(name);
  if (position === undefined) throw new RangeError(`there is no ${name} to exchange`);
  const changed = { ...dictionary, [name]: value };
  listings.set(changed, { names, values: values.with(position, value), positions });
  return changed;
}
