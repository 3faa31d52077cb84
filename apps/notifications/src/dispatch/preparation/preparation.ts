import { randomUUID } from 'node:crypto';
import { ErasedPeople } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import type { Channel, Provider } from '../../channels/channel.js';
import { Settings } from '../../config.js';
import { encodeBatch } from '../../payload/frozen-batch.js';
import { seal } from '../../payload/sealed-payload.js';
import type { LeasedDelivery } from '../delivery.js';
import type { Retrying } from '../outcomes/mark-retrying.js';
import type { Result } from '../outcomes/outcome-recorder.js';
import { type Batch, type FormerBatch, group, type Ready } from './batch.js';
import type { Claimed } from './claimed.js';
import { Composer, type Said } from './composer.js';
import { type FormerRequest, FormerRequests } from './former-requests.js';
import { loadPreSendState, type PreSendState } from './load-pre-send-state.js';
import { type CodeReader, OneTimeCodes } from './one-time-codes.js';
import { openPhrases } from './open-phrases.js';
import { type PreSendVerdict, preSendCheck, type SentNow } from './pre-send-check.js';
import { providerOf } from './provider-of.js';
import { repeatsOf, type Settled } from './repeats.js';
import { contentOf, type TeamDigest, TeamDigests } from './team-digests.js';
import { uncomposed } from './uncomposed.js';

const CHECKED_AGAIN_MS = 60_000;

/** What is to become of the deliveries of one claim. */
export interface Prepared {
  /** Most urgent first. */
  readonly batches: readonly Batch[];
  /** Not to be sent, or never to be. */
  readonly settled: readonly Settled[];
  /** Over a ceiling, or in quiet hours: they wait. */
  readonly held: readonly Retrying[];
  /** Settled already, by a digest for the team, or erased meanwhile: only their leases are left. */
  readonly done: readonly LeasedDelivery[];
  /** Batches that their deliveries have left for others, to be deleted once those are stored. */
  readonly abandoned: readonly string[];
  /** May go, but need links of guests that are not here yet. */
  readonly unlinked: readonly LeasedDelivery[];
}

/** A delivery that may be sent, and to whom. */
interface Addressed extends Ready {
  readonly provider: Provider;
}

/** What is to become of one delivery. */
type Step =
  | ({ readonly kind: 'ready' } & Addressed)
  | { readonly kind: 'settle'; readonly delivery: LeasedDelivery; readonly result: Result }
  | { readonly kind: 'hold'; readonly delivery: LeasedDelivery; readonly waitMs: number; readonly reason: string }
  | { readonly kind: 'needs_link' | 'gone'; readonly delivery: LeasedDelivery };

/** All that is known when a claim is checked. */
interface Sources extends Claimed {
  readonly states: ReadonlyMap<string, PreSendState>;
  readonly former: ReadonlyMap<string, FormerRequest>;
  readonly codes: ReadonlyMap<string, CodeReader>;
  readonly phrases: ReadonlyMap<string, string>;
  readonly digest: TeamDigest | null;
  readonly now: Date;
}

/** From claimed deliveries to requests: checks again, renders, freezes. Requests that were sent before are sent again unchanged. */
@Injectable()
export class Preparation {
  private readonly log = new Logger(Preparation.name);

  constructor(
    private readonly composer: Composer,
    private readonly requests: FormerRequests,
    private readonly codes: OneTimeCodes,
    private readonly team: TeamDigests,
    private readonly settings: Settings,
    private readonly erased: ErasedPeople,
  ) {}

  async prepare(all: Claimed): Promise<Prepared> {
    const { channel, dataSource, claimed } = all;
    const [states, former, codes] = await Promise.all([
      loadPreSendState(dataSource, channel, claimed, this.erased),
      this.requests.of(dataSource, claimed),
      this.codes.of(dataSource, claimed),
    ]);
    // Where each delivery has a key of its own, or none, a repetition is an attempt like any other: it is checked again, and holds nobody else.
    const isRepeat = (delivery: LeasedDelivery) => {
      if (delivery.unknowns === 0) return false;
      const provider = providerOf(channel, delivery);
      return !provider || (provider.idempotent && provider.keyedBy === 'batch');
    };
    const repeats = repeatsOf(channel, claimed.filter(isRepeat), states, former);
    const phrases = await openPhrases(claimed, states, this.settings.payloadKeys);
    const digest = await this.team.merge(all, states);
    const others = claimed.filter((delivery) => !isRepeat(delivery) && !digest?.merged.has(delivery));
    const sources = { ...all, states, former, codes, phrases, digest, now: new Date() };
    const steps = this.stepsOf(others, sources);
    const batches = [...repeats.batches, ...(await this.freeze(of(steps, 'ready'), former))];
    const isInUse = new Set(batches.map(({ id }) => id));
    return {
      batches: inOrderOf(claimed, batches),
      settled: [...repeats.settled, ...of(steps, 'settle')],
      held: of(steps, 'hold').map(({ delivery, waitMs, reason }) => ({ delivery, reason, waitMs })),
      done: [...(digest?.merged ?? []), ...of(steps, 'gone').map(({ delivery }) => delivery)],
      abandoned: [...former.keys()].filter((id) => !isInUse.has(id)),
      unlinked: of(steps, 'needs_link').map(({ delivery }) => delivery),
    };
  }

  /** Decides again about deliveries of which the provider has none, or has no way to recognise them. */
  private stepsOf(deliveries: readonly LeasedDelivery[], sources: Sources): Step[] {
    const sentNow = new Map<string, number>();
    return deliveries.map((delivery): Step => {
      const state = sources.states.get(delivery.id);
      if (!state) return { kind: 'gone', delivery };
      const verdict = this.check(delivery, state, sources.channel, sentNow);
      if (verdict.kind === 'hold') return { ...verdict, delivery };
      if (verdict.kind === 'skip') return { kind: 'settle', delivery, result: skipped(delivery, verdict.reason) };
      const { digest } = sources;
      return this.requestOf(delivery, digest?.leader === delivery ? contentOf(digest) : verdict, sources);
    });
  }

  /** One delivery that cannot be checked must not hold up the others of its claim. */
  private check(delivery: LeasedDelivery, state: PreSendState, channel: Channel, sentNow: SentNow): PreSendVerdict {
    try {
      return preSendCheck(delivery, state, channel, sentNow);
    } catch (error) {
      this.log.error({ message: 'delivery not checked: tried again in a minute', delivery: delivery.id, error });
      return { kind: 'hold', waitMs: CHECKED_AGAIN_MS, reason: 'not_checked' };
    }
  }

  private requestOf(delivery: LeasedDelivery, said: Said, sources: Sources): Step {
    const { channel, former, now } = sources;
    const request = delivery.batchId === null ? undefined : former.get(delivery.batchId);
    if (request?.kind === 'failed') return { kind: 'settle', delivery, result: request.result };
    const provider =
      (delivery.unknowns > 0 && providerOf(channel, delivery)) || channel.provider(delivery.requestId !== null);
    const item = request?.items.find(({ deliveryId }) => deliveryId === delivery.id);
    if (item && request?.format === provider.format) return { kind: 'ready', delivery, provider, bytes: item.bytes };
    try {
      const secrets = this.composer.secretsOf(delivery, sources);
      if (!secrets) return { kind: 'needs_link', delivery };
      const bytes = this.composer.compose(delivery, said, { provider, secrets, now });
      return { kind: 'ready', delivery, provider, bytes };
    } catch (error) {
      const result = uncomposed(error);
      this.log.error({ message: 'delivery not composed', delivery: delivery.id, state: result.state, error });
      return { kind: 'settle', delivery, result };
    }
  }

  /** Puts them into batches, and seals those that are not in the database already. */
  private async freeze(ready: readonly Addressed[], former: ReadonlyMap<string, FormerRequest>): Promise<Batch[]> {
    const providers = [...new Set(ready.map(({ provider }) => provider))];
    const batches = await Promise.all(
      providers.map((one) =>
        this.freezeFor(
          one,
          ready.filter(({ provider }) => provider === one),
          former,
        ),
      ),
    );
    return batches.flat();
  }

  private async freezeFor(
    provider: Provider,
    ready: readonly Ready[],
    former: ReadonlyMap<string, FormerRequest>,
  ): Promise<Batch[]> {
    const wholes = new Map<string, FormerBatch>();
    for (const [id, request] of former) {
      // One whose key is nearly too old takes a new one, while its outcome is known.
      if (request.kind === 'open' && request.hasLiveKey && request.format === provider.format) wholes.set(id, request);
    }
    const { kept, fresh } = group(ready, wholes, provider.maxBatch);
    const sealed = await Promise.all(fresh.map((members) => this.seal(provider, members)));
    return [...kept.map(({ id, ready: members }) => batchOf(id, provider, members)), ...sealed];
  }

  private async seal(provider: Provider, members: readonly Ready[]): Promise<Batch> {
    const batch = batchOf(randomUUID(), provider, members);
    const plain = encodeBatch({ format: provider.format, items: batch.items });
    const sealed = await seal(plain, batch.id, this.settings.payloadKeys);
    // failpoint: dispatch.frozen
    return { ...batch, sealed };
  }
}

function of<K extends Step['kind']>(steps: readonly Step[], kind: K): Extract<Step, { kind: K }>[] {
  return steps.filter((step): step is Extract<Step, { kind: K }> => step.kind === kind);
}

/** By the first member of each, as it was claimed: most urgent first. */
function inOrderOf(claimed: readonly LeasedDelivery[], batches: readonly Batch[]): Batch[] {
  const order = new Map(claimed.map(({ id }, index) => [id, index]));
  const placeOf = ({ members: [first] }: Batch) => (first && order.get(first.id)) ?? 0;
  return [...batches].sort((a, b) => placeOf(a) - placeOf(b));
}

function batchOf(id: string, provider: Provider, members: readonly Ready[]): Batch {
  return {
    id,
    provider,
    items: members.map(({ delivery, bytes }) => ({ deliveryId: delivery.id, bytes })),
    members: members.map(({ delivery }) => delivery),
    sealed: null,
    isRepeat: false,
  };
}

/** An attempt without an answer may have arrived: nobody may say of it that it was not sent. */
function skipped(delivery: LeasedDelivery, reason: string): Result {
  return delivery.unknowns > 0 ? { state: 'dead', reason: 'no_answer' } : { state: 'skipped', reason };
}
