import type { Disk } from "../../../kit/disk.ts";
import type { Ranges } from "./ranges.ts";

/** What a checkpoint directory holds. */
export interface Checkpoint {
  /** What wrote it: serialised code of one Spark, which another one does not read (facts 4.2). */
  readonly writtenBy: string;
  /** Of a log: where to read on. Null: of a queue. */
  readonly offset: number | null;
  /** Write-ahead log: received, and not yet written to the sink. */
  readonly log: Ranges;
}

/** `[checkpointDir]/[pipelineName]/[pipelineId]` (facts 4.2), each with one file. */
export class Checkpoints {
  readonly #disk: Disk;

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  write(directory: string, pipelineId: string, checkpoint: Checkpoint): void {
    this.#disk.write(`${directory}/${pipelineId}/state.json`, JSON.stringify(checkpoint));
  }
  read(directory: string, pipelineId: string): Checkpoint | null {
    const text = this.#disk.read(`${directory}/${pipelineId}/state.json`);
    return text === null ? null : (JSON.parse(text) as Checkpoint);
  }
  pipelineIds(directory: string): readonly string[] {
    return this.#disk.list(directory);
  }
  /** At the start of a run: what other ids of the pipeline have left (facts 4.2). */
  removeOthers(directory: string, pipelineId: string): void {
    for (const id of this.pipelineIds(directory)) if (id !== pipelineId) this.#disk.remove(`${directory}/${id}`);
  }
}

/** The files of a cluster without files of its own: in a part of its storage, by path. */
export function diskIn(files: Record<string, string>, changed: () => void): Disk {
  const below = (path: string): readonly string[] => Object.keys(files).filter((each) => each === path || each.startsWith(`${path}/`));
  const remove = (path: string): void => {
    for (const each of below(path)) delete files[each];
    changed();
  };
  const write = (path: string, text: string): void => {
    files[path] = text;
    changed();
  };
  return {
    read: (path) => files[path] ?? null,
    write,
    append: (path, text) => write(path, (files[path] ?? "") + text),
    remove,
    rename: (from, to) => {
      for (const each of below(from)) write(to + each.slice(from.length), files[each] ?? "");
      remove(from);
    },
    list: (directory) => [...new Set(below(directory).map((path) => path.slice(directory.length + 1).split("/")[0] ?? ""))].toSorted(),
  };
}
