// What the operations of one process share: how fast they ask, and what they have seen.
import type { BackupFiles } from "../backup/files.ts";
import { PatientSweep } from "../ledger/patient-sweep.ts";
import type { Pace } from "../wire/pace.ts";
import { ProgramDirectory } from "../ledger/program-directory.ts";
import { RunBook } from "../ledger/run-book.ts";
import type { Found } from "../ledger/run-records.ts";
import type { Asked } from "../observe/runs.ts";
import type { Sight } from "../observe/sight.ts";
import type { CdapCluster } from "../open-cluster.ts";

export interface Desk {
  readonly cluster: CdapCluster;
  readonly pace: Pace;
  readonly sight: Sight;
  readonly directory: ProgramDirectory;
  readonly book: RunBook;
  /** Looks at many things in slices of a second, so that between two looks the engine hears of a pause. */
  readonly sweep: <T>(items: readonly T[], work: (item: T) => Promise<void>) => PatientSweep<T>;
  /** The runs of these programs that have no end, as they were last read; noted in the book. */
  readonly found: (programs: readonly Asked[]) => readonly Found[];
  /** Files of backups, on this machine. */
  readonly files: () => Promise<BackupFiles>;
}

export function deskOf(cluster: CdapCluster, sight: Sight): Desk {
  const now = (): number => cluster.now();
  const { pace } = cluster;
  const book = new RunBook({ api: cluster.api, pace, now });
  return {
    cluster,
    pace,
    sight,
    directory: new ProgramDirectory(cluster, sight),
    book,
    sweep: (items, work) => new PatientSweep({ items, work, pace, now }),
    found: (programs) =>
      programs.flatMap((asked) => {
        const { at, records } = sight.runs.known(asked);
        const { ns, app, type, program } = asked.id;
        return records.map((record): Found => {
          book.note(record, at);
          return { ns, app, type, program, record };
        });
      }),
    files: async () => cluster.files ?? new (await import("../local/backup-files.ts")).LocalBackupFiles(),
  };
}
