import { randomUUID } from 'node:crypto';
import { addressIdentity } from '@bellhop/contracts/persons';
import { ErasedPeople } from '@bellhop/service';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { CHANNEL, type Channel } from '../channels/channel.js';
import { type CodeReader, OneTimeCodes } from '../guest-mails/one-time-codes.js';
import { encodeBatch } from '../payload/frozen-batch.js';
import { PayloadError } from '../payload/payload.errors.js';
import { seal } from '../payload/sealed-payload.js';
import { identityOfKey } from '../planning/recipients.js';
import { Settings } from '../settings.js';
import { type Batch, byBatch, type FormerBatch, group, type Ready } from './batch.js';
import { check } from './check.js';
import { Composer, type Content, type Secrets } from './composer.js';
import type { LeasedDelivery } from './delivery.js';
import { type FormerRequest, FormerRequests } from './former-requests.js';
import { linkRequestOf, needsLink } from './guest-links.js';
import { loadStanding, type Standing } from './load-standing.js';
import type { Retrying } from './mark-retrying.js';
import type { Result } from './outcome-recorder.js';
import { contentOf, type TeamMail, TeamMails } from './team-mails.js';
import { uncomposed } from './uncomposed.js';

/** What is to become of the deliveries of one claim. */
export interface Prepared {
  /** Most urgent first. */
  readonly batches: readonly Batch[];
  /** Not to be sent, or never to be. */
  readonly settled: readonly { readonly delivery: LeasedDelivery; readonly result: Result }[];
  /** Held back by the ceiling. */
  readonly held: readonly Retrying[];
  /** Told of by another one to the team, and settled with that. */
  readonly folded: readonly LeasedDelivery[];
  /** Batches that their deliveries have left for others, to be forgotten once those are stored. */
  readonly left: readonly string[];
  /** May go, but their mails need links of guests that are not here yet. */
  readonly unlinked: readonly LeasedDelivery[];
}

/** All that is known when a claim is looked at. */
interface Sources {
  readonly standing: ReadonlyMap<string, Standing>;
  readonly former: ReadonlyMap<string, FormerRequest>;
  readonly codes: ReadonlyMap<string, CodeReader>;
  readonly links: ReadonlyMap<LeasedDelivery, string>;
  readonly teamMail: TeamMail | null;
}

/** From claimed deliveries to requests: looks again, renders, freezes. What went before goes as it went. */
@Injectable()
export class Preparation {
  private readonly log = new Logger(Preparation.name);

  constructor(
    @Inject(CHANNEL) private readonly channel: Channel,
    private readonly composer: Composer,
    private readonly requests: FormerRequests,
    private readonly codes: OneTimeCodes,
    private readonly team: TeamMails,
    private readonly settings: Settings,
    private readonly erased: ErasedPeople,
  ) {}

  /** @param links what guest-auth has issued for some of them */
  async prepare(
    dataSource: DataSource,
    claimed: readonly LeasedDelivery[],
    links: Sources['links'] = new Map(),
  ): Promise<Prepared> {
    await this.erased.known;
    const [standing, former, codes] = await Promise.all([
      loadStanding(dataSource, this.channel.name, claimed, (delivery) => this.isErased(delivery)),
      this.requests.of(dataSource, claimed),
      this.codes.of(dataSource, claimed),
    ]);
    const draft = new Draft();
    const isRepeat = (delivery: LeasedDelivery) => this.channel.idempotent && delivery.unknowns > 0;
    for (const [batchId, members] of byBatch(claimed.filter(isRepeat), (delivery) => delivery)) {
      this.repeat(draft, members, standing, batchId === null ? undefined : former.get(batchId));
    }
    const teamMail = await this.team.fold(dataSource, claimed, standing);
    draft.folded.push(...(teamMail?.folded ?? []));
    const others = claimed.filter((delivery) => !isRepeat(delivery) && !teamMail?.folded.has(delivery));
    await this.freeze(draft, this.look(draft, others, { standing, former, codes, links, teamMail }), former);
    const order = new Map(claimed.map(({ id }, index) => [id, index]));
    const placeOf = ({ members: [first] }: Batch) => (first && order.get(first.id)) ?? 0;
    draft.batches.sort((a, b) => placeOf(a) - placeOf(b));
    return draft;
  }

  private isErased({ role, address, recipientKey, firstAt }: LeasedDelivery): boolean {
    if (role === 'team') return false;
    return this.erased.includes(firstAt, addressIdentity(address), identityOfKey(recipientKey) ?? '');
  }

  /**
   * A batch without an answer goes again as it was, also with what was settled meanwhile: the key names the whole. Only when
   * nobody who waits may hear of it any more is it left alone. What a webhook has told of needs no repetition.
   */
  private repeat(
    draft: Draft,
    claimed: readonly LeasedDelivery[],
    standing: ReadonlyMap<string, Standing>,
    request: FormerRequest | undefined,
  ): void {
    for (const delivery of claimed) {
      if (delivery.providerRef) draft.settle([delivery], { state: 'accepted', ref: delivery.providerRef });
    }
    const members = claimed.filter(({ providerRef }) => !providerRef);
    if (members.length === 0) return;
    if (request?.kind === 'failed') return void draft.settle(members, request.result);
    const mayHear = members.some((delivery) => {
      const facts = standing.get(delivery.id);
      return facts && check(delivery, facts, new Map()).kind !== 'skip';
    });
    if (request?.hasLiveKey && request.format === this.channel.format && mayHear) {
      draft.batches.push({ id: request.id, items: request.items, members, sealed: null, isRepeat: true });
    } else {
      draft.settle(members, { state: 'dead', reason: 'no_answer' });
    }
  }

  /** Decides again about deliveries of which the provider has none, or has no way to recognise them. */
  private look(draft: Draft, claimed: readonly LeasedDelivery[], sources: Sources): Ready[] {
    const sentNow = new Map<string, number>();
    const now = new Date();
    return claimed.flatMap((delivery) => {
      const facts = sources.standing.get(delivery.id);
      const verdict = facts ? check(delivery, facts, sentNow) : undefined;
      if (verdict?.kind === 'hold') draft.held.push({ delivery, reason: 'ceiling', waitMs: verdict.waitMs });
      if (verdict?.kind === 'skip') draft.settled.push({ delivery, result: skipped(delivery, verdict.reason) });
      if (verdict?.kind !== 'send') return [];
      const { teamMail } = sources;
      const content = teamMail?.leader === delivery ? contentOf(teamMail) : verdict;
      return this.bytesOf(draft, delivery, content, sources, now);
    });
  }

  private bytesOf(draft: Draft, delivery: LeasedDelivery, content: Content, sources: Sources, now: Date): Ready[] {
    const request = delivery.batchId === null ? undefined : sources.former.get(delivery.batchId);
    if (request?.kind === 'failed') {
      draft.settle([delivery], request.result);
      return [];
    }
    const item = request?.items.find(({ deliveryId }) => deliveryId === delivery.id);
    if (item && request?.format === this.channel.format) return [{ delivery, bytes: item.bytes }];
    try {
      const secrets = secretsOf(delivery, sources);
      if (secrets) return [{ delivery, bytes: this.composer.compose(delivery, content, secrets, now) }];
      draft.unlinked.push(delivery);
      return [];
    } catch (error) {
      this.log.error({ message: 'a delivery cannot be composed', delivery: delivery.id, error: String(error) });
      draft.settle([delivery], uncomposed(error));
      return [];
    }
  }

  /** Puts them into batches, and seals those that do not rest in the database already. */
  private async freeze(
    draft: Draft,
    ready: readonly Ready[],
    former: ReadonlyMap<string, FormerRequest>,
  ): Promise<void> {
    const wholes = new Map<string, FormerBatch>();
    for (const [id, request] of former) {
      // One whose key is nearly forgotten takes a new one, while its fate is known.
      if (request.kind === 'open' && request.hasLiveKey && request.format === this.channel.format)
        wholes.set(id, request);
    }
    const { kept, fresh } = group(ready, wholes, this.channel.maxBatch);
    draft.batches.push(...kept.map(({ id, ready: members }) => batchOf(id, members, null)));
    draft.batches.push(...(await Promise.all(fresh.map((members) => this.seal(members)))));
    const isInUse = new Set(draft.batches.map(({ id }) => id));
    draft.left.push(...[...former.keys()].filter((id) => !isInUse.has(id)));
  }

  private async seal(members: readonly Ready[]): Promise<Batch> {
    const batch = batchOf(randomUUID(), members, null);
    const plain = encodeBatch({ format: this.channel.format, items: batch.items });
    const sealed = await seal(plain, batch.id, this.settings.payloadKeys);
    // failpoint: dispatch.frozen
    return { ...batch, sealed };
  }
}

/** The same as {@link Prepared}, while it is being filled. */
class Draft {
  readonly batches: Batch[] = [];
  readonly settled: Prepared['settled'][number][] = [];
  readonly held: Retrying[] = [];
  readonly folded: LeasedDelivery[] = [];
  readonly left: string[] = [];
  readonly unlinked: LeasedDelivery[] = [];

  settle(members: readonly LeasedDelivery[], result: Result): void {
    this.settled.push(...members.map((delivery) => ({ delivery, result })));
  }
}

function batchOf(id: string, members: readonly Ready[], sealed: Buffer | null): Batch {
  return {
    id,
    items: members.map(({ delivery, bytes }) => ({ deliveryId: delivery.id, bytes })),
    members: members.map(({ delivery }) => delivery),
    sealed,
    isRepeat: false,
  };
}

/**
 * Null: a link is needed first.
 * @throws PayloadError, LinkError when the mail cannot be made at all
 */
function secretsOf(delivery: LeasedDelivery, { codes, links }: Sources): Secrets | null {
  if (delivery.template === 'code') {
    const read = codes.get(delivery.id);
    if (read) return { code: read() };
    throw new PayloadError('code_wiped', 'The code of this delivery was wiped, and is stored nowhere else.');
  }
  if (!needsLink(delivery)) return {};
  const link = links.get(delivery);
  // Asked for here, so that one that cannot have a link spoils no question for others.
  if (link === undefined) linkRequestOf(delivery);
  return link === undefined ? null : { link };
}

/** An attempt without an answer may have arrived: nobody may say of it that it was not sent. */
function skipped(delivery: LeasedDelivery, reason: string): Result {
  return delivery.unknowns > 0 ? { state: 'dead', reason: 'no_answer' } : { state: 'skipped', reason };
}
