import type { Controller } from "./controller.ts";
import type { DatabaseMeta, TableMeta } from "./metadata.ts";

/** Both absent: everything, without chunks. */
export interface CatalogRequest {
  readonly database?: string;
  readonly table?: string;
}
export interface Catalog {
  readonly databases: readonly DatabaseMeta[];
  readonly tables: readonly TableMeta[];
  /** Only when one table was asked for; `sites`: aliases of nodes that can be read from. */
  readonly chunks: readonly { readonly id: string; readonly partition: string; readonly version: number; readonly sites: readonly string[] }[];
}

export function catalogOf(controller: Controller, { database, table }: CatalogRequest): Catalog {
  const { metadata } = controller;
  if (database === undefined) return { databases: [...metadata.databases.values()], tables: [...metadata.tables.values()], chunks: [] };
  const tables = [...metadata.tables.values()].filter((one) => one.database === database && (table === undefined || one.name === table));
  const found = metadata.databases.get(database);
  const chunks =
    table === undefined
      ? []
      : [...metadata.partitionsOf(database, table).values()].flatMap((id) => {
          const chunk = controller.map.meta(id);
          if (chunk === null) return [];
          const sites = controller.map.current(chunk).filter((alias) => controller.members.isReady(alias));
          return [{ id, partition: chunk.partition, version: chunk.version, sites }];
        });
  return { databases: found === undefined ? [] : [found], tables, chunks };
}
