import type { RunRecord, Store } from "./store.ts";

/** Newest first, read one by one: the plans of a long history would not all fit into memory. Null: of every cluster. */
export async function* runRecords(store: Store, cluster: string | null): AsyncGenerator<RunRecord, void, undefined> {
  for (const { id } of await store.runs(cluster)) {
    const record = await store.run(id);
    if (record !== null) yield record;
  }
}

/** Null: there is none, or no journal. */
export async function newestRun(store: Store | null, cluster: string): Promise<RunRecord | null> {
  const [newest] = (await store?.runs(cluster)) ?? [];
  return newest === undefined ? null : ((await store?.run(newest.id)) ?? null);
}
