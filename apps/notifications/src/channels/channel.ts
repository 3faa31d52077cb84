import type { MessagePreview } from '@bellhop/contracts/http';
import type { TemplateName } from '@bellhop/email-templates';
import type { EntityManager } from 'typeorm';
import type { ChannelName, PlannedChannel } from '../planning/plan.js';
import type { Recipient } from '../planning/recipients.js';
import type { Ceilings } from './ceilings.js';

export type { ChannelName };

/**
 * One way to reach a person, as a value: what planning, digests and dispatch need to know of it is a property here, and they know
 * nothing else.
 */
export interface Channel extends PlannedChannel {
  /** The settings to check when a provider refuses us: names for a log line. */
  readonly settings: readonly string[];
  /** Who takes its deliveries, in the order in which they are used. Most channels have one, and are it themselves. */
  readonly providers: readonly Provider[];
  /**
   * The one that takes deliveries now. What another may have taken stays with that one until its outcome is known.
   * @param isRequested for what a guest waits for, which tries out no provider that has failed while another one takes deliveries
   */
  provider(isRequested?: boolean): Provider;
  /** How long to wait after the first, second, … attempt that certainly failed, in milliseconds. After the last one it is dead. */
  readonly retrySchedule: readonly number[];
  /** How many deliveries one endpoint gets at most, whatever happens. */
  readonly ceilings: Ceilings;
  /** Those of the endpoints that something is behind now: one query for a batch. Without it: all of them. */
  reached?: ((manager: EntityManager, endpoints: readonly string[]) => Promise<ReadonlySet<string>>) | undefined;
  /** The key of an endpoint in suppressions: the same for all spellings of it. */
  suppressionKeyOf(endpoint: string): string;
  /** The identity that an endpoint reveals, for the register of erased people; null when it reveals none. */
  identityOf(endpoint: string): string | null;
  /** The key that {@link ceilings} count by: the same for all endpoints of one person. */
  ceilingKeyOf(endpoint: string): string;
  /**
   * Takes note that requesters have had versions of their tickets on the screen, where a channel shows what it has sent before. In the
   * transaction that takes those events in.
   * @returns what to call after the commit
   */
  markSeen?: ((manager: EntityManager, seen: readonly SeenTicket[]) => Promise<() => void>) | undefined;
  /**
   * What a provider would compose, for an operator to read: no address, and no secret but those of `content`.
   * @throws what {@link Provider.compose} throws
   */
  preview(content: Content): MessagePreview;
  /** Waits a few seconds for calls in flight, then ends them. Nothing can be sent afterwards. */
  close(): Promise<void>;
}

/** What takes deliveries of a channel from us. It gets frozen bytes, and answers one outcome per delivery, in the order of the batch. */
export interface Provider {
  /** Identifies it in the table of deliveries, in logs and in metrics, also after a restart. It holds no secret. */
  readonly name: string;
  /**
   * The format of frozen requests. A request in another format, from before a change of the provider, is composed again if it
   * cannot have arrived.
   */
  readonly format: string;
  /** Deliveries that fit into one request, and so into one call of {@link send}. */
  readonly maxBatch: number;
  /** Calls of {@link send} worth having on the way at once; more only wait inside the provider. */
  readonly maxInFlight: number;
  /** It recognises a repeated `key` for 24 hours, so that an unknown outcome is settled by sending again. */
  readonly idempotent: boolean;
  /** What such a key stands for: a whole `batch`, which is repeated as it was sent, or each `delivery` by itself. */
  readonly keyedBy: 'batch' | 'delivery';
  /**
   * Makes the frozen request of one delivery. Called once per delivery and format.
   * @throws an error with a stable `code` when it can never be sent as it is
   */
  compose(content: Content): Buffer;
  /** How many calls of {@link send} it allows now, as far as its answers tell. Without it: as many as wanted. */
  allowance?: (() => Allowance) | undefined;
  /** How long what only it may send should wait while it takes nothing, in milliseconds; 0 while it does. Without it: 0. */
  readonly leftAloneMs?: number;
  /**
   * Hands the batch over. Never rejects: whatever happens is an outcome, one per request in the same order.
   * @param key names this batch to a provider that is `idempotent`; the same requests in the same order always go under
   * the same key, and no others.
   * @param isRequested a guest waits for it in front of a page
   */
  send(batch: readonly ChannelRequest[], key: string, isRequested?: boolean): Promise<Outcome[]>;
  /** Tries to reach it without sending: a sentence that says what is wrong and what to do, or null. */
  verify?: (() => Promise<string | null>) | undefined;
}

/** A version of a ticket that its requester has had on the screen. */
export interface SeenTicket {
  readonly recipient: Recipient;
  readonly ticketId: string;
  readonly version: number;
}

/** The channels that deliveries are planned for and sent over: one dispatcher runs for each. */
export const CHANNELS = Symbol('channels');

/** What a delivery says, right before it is composed. It contains no text that a person wrote. */
export interface Content {
  readonly deliveryId: string;
  readonly endpoint: string;
  /** How often an operator has replayed it with a fresh request, from 0: each is another message. */
  readonly generation: number;
  /** How often it was sent again on purpose after it had been accepted, from 0. */
  readonly copy: number;
  readonly system: string;
  readonly ticketId: string;
  readonly ticketNumber: string;
  /** The newest version of the ticket that it tells of. */
  readonly version: number;
  readonly recipient: Pick<Recipient, 'role' | 'kind'>;
  /** Its ticket belongs to another system, whose pages do not use our links and codes. */
  readonly isOfOtherSystem: boolean;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly template: TemplateName | 'code';
  /** When something is due or was promised; of a code, when it expires. */
  readonly at: Date | null;
  /** Number of replies or tickets in it; at least 1. */
  readonly count: number;
  /** Its link; null for a code. */
  readonly link: string | null;
  /** The six digits of a code. */
  readonly code?: string | undefined;
  /** The recipient's own words, by which they know our mails. */
  readonly phrase: string | null;
  /** When its first event arrived, or a guest requested it. */
  readonly firstAt: Date;
  /** When it is composed. */
  readonly now: Date;
}

export interface Allowance {
  readonly calls: number;
  /** Where a part of the limit is kept for what guests have requested: so many calls for that, more than `calls`. */
  readonly requestedCalls?: number;
  /** When `calls` is 0: how long to wait before asking again, in milliseconds. */
  readonly againInMs: number;
}

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
  /** Accepted by the provider. `ref` is the provider's id for it. */
  | { kind: 'accepted'; ref: string }
  /**
   * Not taken, because we send too fast. `isForAll`: the provider says so of all that we send, not of this recipient; it
   * does not count as a try of this delivery. `isOurLimit`: we held it back to keep to the provider's limit, which was not asked.
   * `hasOther`: see `not_sent`.
   */
  | {
      kind: 'throttled';
      retryAfterMs?: number;
      reason: string;
      isForAll?: boolean;
      isOurLimit?: boolean;
      isOurs?: boolean;
      hasOther?: boolean;
    }
  /** Not taken, and never will be. `suppress`: the endpoint does not exist, so nothing should go to it again. */
  | { kind: 'refused'; reason: string; suppress: boolean }
  /**
   * Certainly not taken; another try may help. `isAlone`: each by itself, since one of the batch spoilt it for the rest.
   * `isOurs`, here and above: our set-up is refused or our quota used up, which an operator must learn of. `hasOther`: this provider
   * takes nothing now, and another one does. The delivery need not wait, and has lost no try.
   */
  | { kind: 'not_sent'; cause: string; isAlone?: boolean; isOurs?: boolean; hasOther?: boolean }
  /** Possibly accepted: the bytes were sent, and no answer came. */
  | { kind: 'unknown'; cause: string }
  /** There was nothing to send, or nobody to send it to: a stable code. */
  | { kind: 'skipped'; reason: 'no_device' | 'expired' };
