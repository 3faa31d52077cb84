import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { rpcs } from '@bellhop/contracts/rpc';
import { type RpcClient, RpcError } from '@bellhop/jetstream';
import { Logger } from '@nestjs/common';
import type { LeasedDelivery } from '../delivery.js';
import type { Retrying } from '../outcomes/mark-retrying.js';
import { LinkOutage } from './link-outage.js';
import { LinkError } from './links.errors.js';

/** Deliveries per request. */
const MAX_REQUESTED = 250;
/** Upper bound of deliveries that wait here for a reply; more are released. */
const MAX_WAITING = 1_000;
const CROWDED_MS = 1_000;

const LINK_REQUEST = rpcs.issueLinks.request.element;

/** Replies since the last {@link GuestLinks.take}. */
export interface LinkReplies {
  /** Links are stored only in the sealed requests to the provider. */
  readonly linked: ReadonlyMap<LeasedDelivery, string>;
  /** To be released: none of these was tried. */
  readonly released: readonly Retrying[];
}

/**
 * Requests guests' links from guest-auth outside the dispatcher's loop, so that deliveries without a link never wait for it. One
 * request at a time, for up to 250 deliveries. While guest-auth is unavailable deliveries are released at once: they wait in
 * the database, not in memory.
 */
export class GuestLinks {
  private readonly log = new Logger(GuestLinks.name);
  private readonly outage = new LinkOutage();
  private waiting: LeasedDelivery[] = [];
  private linked = new Map<LeasedDelivery, string>();
  private released: Retrying[] = [];
  private requesting: Promise<void> | null = null;
  private isStopping = false;

  /** @param onReply called whenever there is something to {@link take} */
  constructor(
    private readonly rpc: RpcClient,
    private readonly onReply: () => void,
  ) {}

  request(deliveries: readonly LeasedDelivery[]): void {
    const waitMs = this.outage.waitMs(performance.now(), Math.random());
    if (this.isStopping) this.release(deliveries, 'given_back', 0);
    else if (waitMs > 0) this.release(deliveries, 'links_unavailable', waitMs);
    else {
      const room = Math.max(MAX_WAITING - this.waiting.length, 0);
      this.waiting.push(...deliveries.slice(0, room));
      this.release(deliveries.slice(room), 'links_crowded', CROWDED_MS);
      if (this.waiting.length > 0) this.requesting ??= this.requestAll();
    }
  }

  take(): LinkReplies {
    const answers = { linked: this.linked, released: this.released };
    this.linked = new Map();
    this.released = [];
    return answers;
  }

  /** Sends no more requests. When it resolves, everything that was waiting can be taken. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.requesting;
  }

  /** Never rejects. */
  private async requestAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_REQUESTED);
      if (this.isStopping) this.release(batch, 'given_back', 0);
      else await this.requestFor(batch).catch((error: unknown) => this.fail(batch, error));
      this.onReply();
    }
    this.requesting = null;
  }

  private async requestFor(batch: readonly LeasedDelivery[]): Promise<void> {
    const answer = await this.rpc.request('issueLinks', batch.map(linkRequestOf));
    if (this.outage.end()) this.log.log({ message: 'guest-auth available again: guest mails continue' });
    const links = new Map(answer.map(({ deliveryId, link }) => [deliveryId, link]));
    for (const delivery of batch) {
      const link = links.get(delivery.id);
      if (link !== undefined) this.linked.set(delivery, link);
      else this.release([delivery], 'links_unavailable', CROWDED_MS);
    }
  }

  private fail(batch: readonly LeasedDelivery[], error: unknown): void {
    const code = error instanceof RpcError ? error.code : 'failed';
    const retryAfterMs = error instanceof RpcError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    if (this.outage.begin(performance.now(), retryAfterMs)) {
      this.log.warn({ message: 'guest-auth unavailable: guest mails deferred', code, mails: batch.length, error });
    }
    // The deliveries behind it would get the same reply, after a timeout of three seconds each.
    const behind = this.waiting.splice(0);
    const waitMs = this.outage.waitMs(performance.now(), Math.random());
    this.release([...batch, ...behind], 'links_unavailable', waitMs);
  }

  private release(deliveries: readonly LeasedDelivery[], reason: string, waitMs: number): void {
    this.released.push(...deliveries.map((delivery) => ({ delivery, reason, waitMs, isFree: true })));
    if (deliveries.length > 0) this.onReply();
  }
}

/** Only mails to guests of our own system: other systems' mails link to their own pages, and a code has no link. */
export function needsLink({ role, recipientKind, system, template }: LeasedDelivery): boolean {
  return role === 'requester' && recipientKind === 'guest' && system === OWN_SYSTEM && template !== 'code';
}

/** @throws LinkError `no_link` when there can be none, since our tickets have UUIDs */
export function linkRequestOf({ id, ticketId, endpoint }: LeasedDelivery) {
  const { data } = LINK_REQUEST.safeParse({ deliveryId: id, ticketId, email: endpoint });
  if (data) return data;
  throw new LinkError('no_link', 'This is no ticket of ours, or no address: guest-auth has no link for it.');
}
