/** What the relay needs of a publisher; `JetStreamPublisher` is one. */
export interface EventPublisher {
  /** Answers one outcome per message, in the same order. */
  publish(messages: readonly { subject: string; id: string; data: Uint8Array }[]): Promise<readonly RelayOutcome[]>;
}

/** `isDuplicate`: the stream had it already, under this sequence. */
export type RelayOutcome =
  | { ok: true; stream: string; sequence: number; isDuplicate: boolean }
  | { ok: false; error: Error };

/** What the relay needs to see that a stream has lost its end; `StreamKeeper` of `@bellhop/jetstream` is one. */
export interface StreamInspector {
  /** Grows with every connection to NATS. */
  readonly connections: number;
  /** Null when there is no such stream. */
  inspect(stream: string): Promise<InspectedStream | null>;
  /** The id of the event at this sequence, or null. */
  idAt(stream: string, sequence: number): Promise<string | null>;
  /** Makes these again, but for those that stand at or before `end`. Can be repeated after a crash at any point. */
  rebuildConsumers(stream: string, end: number, blueprints: readonly ConsumerBlueprint[]): Promise<void>;
}

export interface InspectedStream {
  createdAt: string;
  firstSequence: number;
  lastSequence: number;
  consumers: readonly { name: string; deliveredSequence: number; blueprint: ConsumerBlueprint }[];
}

/** What makes a consumer again, as JSON. The relay only keeps it. */
export type ConsumerBlueprint = { durable_name: string };

/** A stream that had lost events which it had acknowledged, and what was done about it. */
export interface Rollback {
  stream: string;
  /** What gave it away. */
  signs: readonly string[];
  /** The highest sequence that was acknowledged, 0 when none is known, and the last one that is still there. */
  from: number;
  to: number;
  /** Events that are published again. */
  reopened: number;
  /** Names of consumers that were built again. */
  consumers: readonly string[];
}

/** What the relay needs of a logger; Nest's `Logger` is one. */
export interface RelayLog {
  log(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
