/** The right to change something now. Only `Acting.send` makes one, so an effect that forgot to prove the claim does not compile. */
export interface Fence {
  readonly run: string;
  /** Rises with every claim. */
  readonly epoch: number;
  /** Rises with every new connection of one claim: a frame of a lost connection that arrives late is refused. */
  readonly connection: number;
  /** Aborted at the hard deadline, which lies below the remaining time of the claim. */
  readonly signal: AbortSignal;
}
