/**
 * The port between the dispatcher and whatever takes a delivery from us. The dispatcher knows nothing else of a
 * provider: it hands over frozen bytes and gets one outcome per delivery, in the order of the batch.
 */
export interface Channel {
  readonly name: 'email';
  /** Deliveries that fit into one request to the provider, and so into one call of {@link send}. */
  readonly maxBatch: number;
  /** Calls of {@link send} worth having on the way at once; more only wait inside the channel. */
  readonly maxInFlight: number;
  /** The provider recognises a repeated `key`, so that an unknown outcome may be settled by sending again. */
  readonly idempotent: boolean;
  /**
   * No call of {@link send} takes longer than this, waiting included. A lease on a delivery that is being sent has to
   * outlive it: a shorter one would have the same delivery under way twice.
   */
  readonly longestSendMs: number;
  /**
   * Hands the batch over. Never rejects: whatever happens is an outcome.
   * @param key names this batch to a provider that is `idempotent`; the same bytes always go under the same key.
   */
  send(batch: readonly ChannelRequest[], key: string): Promise<Outcome[]>;
  /** Tries to reach the provider without sending: a sentence that says what is wrong and what to do, or null. */
  verify?(): Promise<string | null>;
  /** Lets what is on the way finish, for a few seconds, then gives up on it. Nothing can be sent afterwards. */
  close(): Promise<void>;
}

/** The channel that the dispatcher is given. */
export const CHANNEL = Symbol('channel');

export interface ChannelRequest {
  deliveryId: string;
  /** The frozen request: made once, before the first attempt, and the same for each attempt. */
  bytes: Buffer;
}

/**
 * What became of one delivery. `reason` and `cause` begin with a stable code, then a colon and what the provider said,
 * shortened and without any address: they may be stored, logged and shown to an operator.
 */
export type Outcome =
  /** Taken over by the provider. `ref` is what the provider calls it, for its support desk. */
  | { kind: 'accepted'; ref: string }
  /** Not taken, because we send too fast. */
  | { kind: 'throttled'; retryAfterMs?: number; reason: string }
  /** Not taken, and never will be. `suppress`: the address itself is dead, so nothing should go to it again. */
  | { kind: 'refused'; reason: string; suppress: boolean }
  /** Certainly not taken; another try may help. */
  | { kind: 'not_sent'; cause: string }
  /** Possibly taken: the bytes were gone, and no answer came. */
  | { kind: 'unknown'; cause: string };
