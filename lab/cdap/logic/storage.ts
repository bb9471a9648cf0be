/**
 * What survives the server: its database, and the messages that it has been sent and not worked off. Plain JSON, in parts, each with one owner in the
 * logic. A process writes it to a file, the memory lab keeps it while the platform is replaced (facts 8.15).
 */
export interface Storage {
  readonly parts: Record<string, unknown>;
  /** After every change. Absent: nobody keeps it. */
  readonly changed?: () => void;
}
