/** What the relay needs of a publisher; `JetStreamPublisher` is one. */
export interface EventPublisher {
  /** Answers one outcome per message, in the same order. */
  publish(messages: readonly { subject: string; id: string; data: Uint8Array }[]): Promise<readonly RelayOutcome[]>;
}

export type RelayOutcome = { ok: true; stream: string; sequence: number } | { ok: false; error: Error };

/** What the relay needs of a logger; Nest's `Logger` is one. */
export interface RelayLog {
  log(message: string): void;
  warn(message: string): void;
}
