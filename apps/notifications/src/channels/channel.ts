import type { AlertMail } from './email/alert-mail.js';

/**
 * The port between the dispatcher and whatever takes a delivery from us. The dispatcher knows nothing else of a
 * provider: it hands over frozen bytes and gets one outcome per delivery, in the order of the batch.
 */
export interface Channel {
  readonly name: 'email';
  /** What its frozen requests are written in. Those of another format cannot be sent through this channel. */
  readonly format: 'smtp' | 'resend';
  /** Deliveries that fit into one request to the provider, and so into one call of {@link send}. */
  readonly maxBatch: number;
  /** Calls of {@link send} worth having on the way at once; more only wait inside the channel. */
  readonly maxInFlight: number;
  /** The provider recognises a repeated `key` for 24 hours, so that an unknown outcome is settled by sending again. */
  readonly idempotent: boolean;
  /**
   * No call of {@link send} takes longer than this, waiting included. A lease on a delivery that is being sent has to
   * outlive it: a shorter one would have the same delivery under way twice.
   */
  readonly longestSendMs: number;
  /**
   * Makes the frozen request of one mail. Called once per delivery.
   * @throws EmailError when the mail can never be sent as it is
   */
  compose(mail: AlertMail): Buffer;
  /** How many calls of {@link send} the provider allows now, as far as its answers tell. Without it: as many as wanted. */
  allowance?(): Allowance;
  /**
   * Hands the batch over. Never rejects: whatever happens is an outcome, one per request in the same order.
   * @param key names this batch to a provider that is `idempotent`; the same requests in the same order always go under
   * the same key, and no others.
   */
  send(batch: readonly ChannelRequest[], key: string): Promise<Outcome[]>;
  /** Tries to reach the provider without sending: a sentence that says what is wrong and what to do, or null. */
  verify?(): Promise<string | null>;
  /** Lets what is on the way finish, for a few seconds, then gives up on it. Nothing can be sent afterwards. */
  close(): Promise<void>;
}

export interface Allowance {
  readonly calls: number;
  /** When `calls` is 0: how long to wait before asking again, in milliseconds. */
  readonly againInMs: number;
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
  /**
   * Not taken, because we send too fast. `isForAll`: the provider says so of all that we send, not of this recipient; it
   * does not count as a try of this delivery.
   */
  | { kind: 'throttled'; retryAfterMs?: number; reason: string; isForAll?: boolean; isOurs?: boolean }
  /** Not taken, and never will be. `suppress`: the mailbox does not exist, so nothing should go to it again. */
  | { kind: 'refused'; reason: string; suppress: boolean }
  /**
   * Certainly not taken; another try may help. `isAlone`: each by itself, since one of the batch spoilt it for the rest.
   * `isOurs`, here and above: our set-up is refused or our quota used up, which an operator has to hear of.
   */
  | { kind: 'not_sent'; cause: string; isAlone?: boolean; isOurs?: boolean }
  /** Possibly taken: the bytes were gone, and no answer came. */
  | { kind: 'unknown'; cause: string };
