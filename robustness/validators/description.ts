// What a validator is told about a PostgreSQL cluster: where things are, nothing about what was done to it.

export interface NodeDescription {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly dataDirectory: string;
  readonly installation: string;
  readonly logFile: string;
  /** Where the helper of Stillwater keeps its record and lock. */
  readonly stateDirectory: string;
}
export interface Description {
  readonly cluster: string;
  readonly nodes: readonly NodeDescription[];
  readonly user: string;
  readonly password: string;
  /** Directory of Stillwater's journal and runs. */
  readonly journalDirectory: string;
  /** Settings whose running value is compared. */
  readonly settings: readonly string[];
}
