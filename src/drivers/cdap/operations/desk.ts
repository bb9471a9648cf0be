// What the operations of one process share: how fast they ask, and what they have seen.
import type { BackupFiles } from "../backup/files.ts";
import { PatientSweep } from "../ledger/patient-sweep.ts";
import type { Pace } from "../wire/pace.ts";
import { ProgramDirectory } from "../ledger/program-directory.ts";
import { RunBook } from "../ledger/run-book.ts";
import type { CdapCluster } from "../open-cluster.ts";

export interface Desk {
  readonly cluster: CdapCluster;
  readonly pace: Pace;
  readonly directory: ProgramDirectory;
  readonly book: RunBook;
  /** Looks at many things in slices of a second, so that between two looks the engine hears of a pause. */
  readonly sweep: <T>(items: readonly T[], work: (item: T) => Promise<void>) => PatientSweep<T>;
  /** Files of backups, on this machine. */
  readonly files: () => Promise<BackupFiles>;
}

export function deskOf(cluster: CdapCluster): Desk {
  const now = (): number => cluster.now();
  const { pace } = cluster;
  return {
    cluster,
    pace,
    directory: new ProgramDirectory(cluster),
    book: new RunBook({ api: cluster.api, pace, now }),
    sweep: (items, work) => new PatientSweep({ items, work, pace, now }),
    files: async () => cluster.files ?? new (await import("../local/backup-files.ts")).LocalBackupFiles(),
  };
}
