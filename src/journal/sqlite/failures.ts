import { StillwaterError } from "../../model/errors.ts";

// Primary result codes of SQLite (the low byte of the extended code), https://www.sqlite.org/rescode.html
const code = { perm: 3, busy: 5, locked: 6, readOnly: 8, ioError: 10, corrupt: 11, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return null;
  return error.errcode & 0xff;
}

/** After a failed write or sync the kernel may have dropped what it said it had: nothing that this handle would say later can be trusted. */
export function isFatal(error: unknown): boolean {
  return sqliteCode(error) === code.ioError;
}

/** Another connection has what this one asked for. */
export const isBusy = (error: unknown): boolean => sqliteCode(error) === code.busy;

/** What a failure of SQLite, or of the files around it, means for people. Anything else is returned as it is. */
export function translateFailure(error: unknown, path: string, busyMs: number): unknown {
  const detail = { object: path, why: [error instanceof Error ? error.message : String(error)], cause: error };
  const found = sqliteCode(error);
  if (found === null) {
    const file = error instanceof Error && "syscall" in error && "code" in error ? error.code : null;
    if (file === null) return error;
    if (file === "ENOSPC" || file === "EDQUOT") return new StillwaterError("SW4002", "The journal cannot be written: the disk is full", detail);
    if (file === "EIO") return new StillwaterError("SW4002", "The journal cannot be written: the disk failed", detail);
    return new StillwaterError("SW4001", "The journal cannot be opened", detail);
  }
  switch (found) {
    case code.full:
      return new StillwaterError("SW4002", "The journal cannot be written: the disk is full", detail);
    case code.ioError:
      return new StillwaterError("SW4002", "The journal cannot be written: the disk failed", detail);
    case code.corrupt:
      return new StillwaterError("SW4003", "The journal is damaged", detail);
    case code.notADatabase:
      return new StillwaterError("SW4003", "The journal's file is not a journal", detail);
    case code.busy:
    case code.locked:
      return new StillwaterError("SW4001", `Another process has kept the journal locked for ${busyMs / 1000} s`, {
        ...detail,
        remedy: "Find the process that has the file open (`fuser FILE`) and end it; nothing was written here.",
      });
    case code.perm:
    case code.readOnly:
    case code.cannotOpen:
      return new StillwaterError("SW4001", "The journal cannot be opened", detail);
    default:
      return new StillwaterError("SW9999", "The journal's database refused a statement", detail);
  }
}
