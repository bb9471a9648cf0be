import type { NodeProcess } from "../process.ts";

/** Where a data node keeps what (facts 1.6). */
export interface Directories {
  readonly volume: string;
  readonly chunkMetadata: string;
  readonly pending: string;
  readonly redo: string;
  readonly tsdbRedo: string;
  readonly tsdbMeta: string;
  readonly jobs: string;
}
const first = (paths: string): string => paths.split(",")[0]?.trim() ?? paths;
const parent = (path: string): string => path.slice(0, path.lastIndexOf("/"));

export function directoriesOf(process: NodeProcess): Directories {
  const { home } = process;
  const absolute = (path: string): string => (path.startsWith("/") ? path : `${home}/${path}`);
  const volume = absolute(first(process.setting("volumes", `${home}/storage`)));
  const chunkMetaDir = absolute(first(process.setting("chunkMetaDir", volume)));
  const tsdbRedo = absolute(process.setting("TSDBRedoLogDir", `${home}/log/TSDBRedo`));
  return {
    volume,
    chunkMetadata: `${chunkMetaDir}/CHUNK_METADATA`,
    pending: `${chunkMetaDir}/LOG`,
    redo: absolute(process.setting("redoLogDir", `${home}/log/redoLog`)),
    tsdbRedo,
    tsdbMeta: `${parent(tsdbRedo)}/TSDBMeta`,
    jobs: `${home}/sysmgmt`,
  };
}
