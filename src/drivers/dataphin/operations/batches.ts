/** Requests that may be under way at the same time: the OpenAPI throttles by operation and tenant. */
const AT_ONCE = 8;

/** Does `work` for every item, a few at a time; results in the order of the items. The first failure is thrown once what runs has ended. */
export async function eachOf<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results.set(index, await work(item));
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane));
  for (const each of lanes) if (each.status === "rejected") throw each.reason;
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result);
}

export const inBatches = <T>(items: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

export function byProject<T extends { readonly project: string }>(items: readonly T[]): readonly (readonly [project: string, items: readonly T[]])[] {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(item.project, [...(found.get(item.project) ?? []), item]);
  return [...found];
}
