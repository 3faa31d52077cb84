import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { rpcs } from '@bellhop/contracts/rpc';
import { type RpcClient, RpcError } from '@bellhop/jetstream';
import { Logger } from '@nestjs/common';
import type { LeasedDelivery } from '../delivery.js';
import type { Retrying } from '../outcomes/mark-retrying.js';
import { LinkOutage } from './link-outage.js';
import { LinkError } from './links.errors.js';

/** What one question may hold. */
const MAX_ASKED = 250;
/** More than this is not kept waiting for answers: it is handed back, and others get its place. */
const MAX_WAITING = 1_000;
const CROWDED_MS = 1_000;

const LINK_REQUEST = rpcs.issueLinks.request.element;

/** What came of the questions since somebody last looked. */
export interface LinkAnswers {
  /** Their links, which are stored nowhere but in the sealed requests to the provider. */
  readonly linked: ReadonlyMap<LeasedDelivery, string>;
  /** Not tried, and no fault of theirs: they wait. */
  readonly unanswered: readonly Retrying[];
}

/**
 * Gets guests' links from guest-auth, beside the dispatcher's loop: whoever needs none waits for none. One question at a time,
 * for up to 250 deliveries. While guest-auth is away, deliveries are handed back without being asked for, so that they wait in
 * the database and not here.
 */
export class GuestLinks {
  private readonly log = new Logger(GuestLinks.name);
  private readonly outage = new LinkOutage();
  private waiting: LeasedDelivery[] = [];
  private linked = new Map<LeasedDelivery, string>();
  private unanswered: Retrying[] = [];
  private asking: Promise<void> | null = null;
  private isStopping = false;

  /** @param onReply called whenever there is something to {@link take} */
  constructor(
    private readonly rpc: RpcClient,
    private readonly onReply: () => void,
  ) {}

  ask(deliveries: readonly LeasedDelivery[]): void {
    const waitMs = this.outage.waitMs(performance.now(), Math.random());
    if (this.isStopping) this.handBack(deliveries, 'given_back', 0);
    else if (waitMs > 0) this.handBack(deliveries, 'links_unavailable', waitMs);
    else {
      const room = Math.max(MAX_WAITING - this.waiting.length, 0);
      this.waiting.push(...deliveries.slice(0, room));
      this.handBack(deliveries.slice(room), 'links_crowded', CROWDED_MS);
      if (this.waiting.length > 0) this.asking ??= this.askAll();
    }
  }

  take(): LinkAnswers {
    const answers = { linked: this.linked, unanswered: this.unanswered };
    this.linked = new Map();
    this.unanswered = [];
    return answers;
  }

  /** Asks nothing more; when it resolves, all that was waiting can be taken. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await this.asking;
  }

  /** Never rejects. */
  private async askAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, MAX_ASKED);
      if (this.isStopping) this.handBack(batch, 'given_back', 0);
      else await this.askFor(batch).catch((error: unknown) => this.fail(batch, error));
      this.onReply();
    }
    this.asking = null;
  }

  private async askFor(batch: readonly LeasedDelivery[]): Promise<void> {
    const answer = await this.rpc.request('issueLinks', batch.map(linkRequestOf));
    if (this.outage.end()) this.log.log({ message: 'guest-auth available again: guest mails continue' });
    const links = new Map(answer.map(({ deliveryId, link }) => [deliveryId, link]));
    for (const delivery of batch) {
      const link = links.get(delivery.id);
      if (link !== undefined) this.linked.set(delivery, link);
      else this.handBack([delivery], 'links_unavailable', CROWDED_MS);
    }
  }

  private fail(batch: readonly LeasedDelivery[], error: unknown): void {
    const code = error instanceof RpcError ? error.code : 'failed';
    const retryAfterMs = error instanceof RpcError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    if (this.outage.begin(performance.now(), retryAfterMs)) {
      this.log.warn({ message: 'guest-auth unavailable: guest mails deferred', code, mails: batch.length, error });
    }
    // What waits behind it would get the same answer, three seconds later each.
    const behind = this.waiting.splice(0);
    const waitMs = this.outage.waitMs(performance.now(), Math.random());
    this.handBack([...batch, ...behind], 'links_unavailable', waitMs);
  }

  private handBack(deliveries: readonly LeasedDelivery[], reason: string, waitMs: number): void {
    this.unanswered.push(...deliveries.map((delivery) => ({ delivery, reason, waitMs, isFree: true })));
    if (deliveries.length > 0) this.onReply();
  }
}

/** A guest of our own: their mail has a link of its own. Other systems' mails lead to their pages; a code leads nowhere. */
export function needsLink({ role, recipientKind, system, template }: LeasedDelivery): boolean {
  return role === 'requester' && recipientKind === 'guest' && system === OWN_SYSTEM && template !== 'code';
}

/** @throws LinkError `no_link` when there can be none, since our tickets have UUIDs */
export function linkRequestOf({ id, ticketId, endpoint }: LeasedDelivery) {
  const { data } = LINK_REQUEST.safeParse({ deliveryId: id, ticketId, email: endpoint });
  if (data) return data;
  throw new LinkError('no_link', 'This is no ticket of ours, or no address: guest-auth has no link for it.');
}
