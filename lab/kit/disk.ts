/** The files of one machine, as a process of it sees them: real below a directory, or in memory. Synchronous; absolute paths. What was written survives the process. */
export interface Disk {
  /** Null: no such file. */
  read(path: string): string | null;
  write(path: string, text: string): void;
  append(path: string, text: string): void;
  /** A file or a directory with all that is in it; does nothing when it is absent. */
  remove(path: string): void;
  rename(from: string, to: string): void;
  /** Names, sorted; empty when there is no such directory. */
  list(directory: string): readonly string[];
}
