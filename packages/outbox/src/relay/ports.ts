/** What the relay needs of a publisher; `JetStreamPublisher` is one. */
export interface EventPublisher {
  /** @returns one outcome per message, in the same order */
  publish(messages: readonly { subject: string; id: string; data: Uint8Array }[]): Promise<readonly RelayOutcome[]>;
}

/** `isDuplicate`: the stream already had it, at this sequence. */
export type RelayOutcome =
  | { ok: true; stream: string; sequence: number; isDuplicate: boolean }
  | { ok: false; error: Error };

/** What the relay needs to detect that a stream has lost its end; `StreamInspector` of `@bellhop/jetstream` is one. */
export interface StreamInspector {
  /** Grows with every connection to NATS. */
  readonly connections: number;
  /** Null when there is no such stream. */
  inspect(stream: string): Promise<InspectedStream | null>;
  /** The id of the event at this sequence, or null. */
  idAt(stream: string, sequence: number): Promise<string | null>;
  /** Recreates these, except those at or before `end`. Can be repeated after a crash at any point. */
  rebuildConsumers(stream: string, end: number, blueprints: readonly ConsumerBlueprint[]): Promise<void>;
}

export interface InspectedStream {
  createdAt: string;
  firstSequence: number;
  lastSequence: number;
  consumers: readonly { name: string; deliveredSequence: number; blueprint: ConsumerBlueprint }[];
}

/** Config that creates a consumer again, as JSON. The relay only stores it. */
export type ConsumerBlueprint = { durable_name: string };

/** A stream that had lost acknowledged events, and its repair. */
export interface Rollback {
  stream: string;
  /** How it was detected, as sentences about the stream. */
  signs: readonly string[];
  /** The highest acknowledged sequence, 0 when none is known. */
  from: number;
  /** The last sequence that survived. */
  to: number;
  /** Number of events that will be published again. */
  reopened: number;
  /** Names of rebuilt consumers. */
  consumers: readonly string[];
}

export interface RelayLogLine {
  message: string;
  error?: unknown;
  [field: string]: unknown;
}

/** What the relay needs of a logger; Nest's `Logger` is one. */
export interface RelayLog {
  log(line: RelayLogLine): void;
  warn(line: RelayLogLine): void;
  error(line: RelayLogLine): void;
}
