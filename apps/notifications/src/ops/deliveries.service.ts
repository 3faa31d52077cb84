import {
  type DeliveryDetailView,
  type DeliveryView,
  type ListDeliveriesQuery,
  type Page,
  REPLAYABLE_STATES,
  type ReplayRequest,
  type ReplaysRequest,
  type ReplaysResponse,
  type ReplayView,
} from '@bellhop/contracts/http';
import { type Answer, Database, type IdempotentRequest, idempotent } from '@bellhop/service';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CHANNELS, type Channel } from '../channels/channel.js';
import { Dispatchers } from '../dispatch/dispatchers.js';
import { Forecast } from '../dispatch/preparation/forecast.js';
import { decodeId, isUuid } from './cursor.js';
import { listDeliveries, loadDelivery } from './load-deliveries.js';
import { countReplayable, pickReplayable } from './pick-replayable.js';
import { type ReplayFacts, replayOf } from './replay.js';
import { replayDeliveries } from './replay-deliveries.js';
import { loadReplayFacts } from './replay-facts.js';
import { busy, codeWiped, deliveryNotFound, refusalOf } from './replay-problems.js';

/** How many deliveries of a batch the answer shows. */
const SAMPLE_SIZE = 10;

/** Who made the request, and its `Idempotency-Key` if it has one. */
export interface OperatorRequest {
  readonly by: string;
  readonly once: IdempotentRequest | null;
}

/** Lets an operator read deliveries, and replay those that are stuck. */
@Injectable()
export class DeliveriesService {
  private readonly log = new Logger('operations');
  private readonly idempotentChannels: readonly string[];

  constructor(
    private readonly database: Database,
    @Inject(CHANNELS) channels: readonly Channel[],
    private readonly dispatchers: Dispatchers,
    private readonly forecasts: Forecast,
  ) {
    this.idempotentChannels = channels
      .filter(({ providers }) => providers.every(({ idempotent }) => idempotent))
      .map(({ name }) => name);
  }

  list(query: ListDeliveriesQuery): Promise<Page<DeliveryView>> {
    return listDeliveries(this.database.dataSource, query);
  }

  async read(id: string): Promise<DeliveryDetailView> {
    const delivery = isUuid(id) ? await loadDelivery(this.database.dataSource, id) : undefined;
    if (!delivery) throw deliveryNotFound();
    return delivery;
  }

  /** One delivery. @throws Problem 404 `delivery_not_found`; 409 `delivery_busy`, `delivery_pending`, `delivery_accepted`, `code_wiped` */
  async replay(id: string, { isAgain, isDryRun }: ReplayRequest, { by, once }: OperatorRequest): Promise<Answer> {
    if (!isUuid(id)) throw deliveryNotFound();
    const answer = await this.inTransaction(once, async (manager) => {
      const [present] = await loadReplayFacts(manager, [id]);
      if (!present) throw deliveryNotFound();
      if (present.isWiped) throw codeWiped();
      const refused = refusalOf(present.state, isAgain);
      if (refused) throw refused;
      if (isDryRun) return { status: 200, body: await this.view(manager, present) };
      const states = isAgain ? [...REPLAYABLE_STATES, 'accepted' as const] : REPLAYABLE_STATES;
      const [moved] = await replayDeliveries(manager, [id], states);
      if (!moved) throw busy();
      return { status: 202, body: await this.view(manager, moved) };
    });
    if (!isDryRun && !answer.isReplayed) this.logAndWake({ by, delivery: id, ...pick(answer.body as ReplayView) });
    return answer;
  }

  /** One batch of a filter, in its own transaction; the answer's cursor begins the next batch. */
  async replayMany(
    { filter, isDryRun, limit, cursor }: ReplaysRequest,
    { by, once }: OperatorRequest,
  ): Promise<Answer> {
    const after = cursor === undefined ? null : decodeId(cursor);
    const answer = await this.inTransaction(once, async (manager) =>
      isDryRun
        ? { status: 200, body: await this.preview(manager, filter, after) }
        : { status: 202, body: await this.replayBatch(manager, filter, after, limit) },
    );
    const { replayed } = answer.body as ReplaysResponse;
    if (replayed > 0 && !answer.isReplayed) this.logAndWake({ by, ...filter, replayed });
    return answer;
  }

  private async preview(
    manager: EntityManager,
    filter: ReplaysRequest['filter'],
    after: string | null,
  ): Promise<ReplaysResponse> {
    const picked = await pickReplayable(manager, filter, after, SAMPLE_SIZE);
    const items = await loadReplayFacts(manager, picked);
    const { count, mayDuplicate } = await countReplayable(manager, filter, after, this.idempotentChannels);
    return {
      isDryRun: true,
      replayed: 0,
      remaining: count,
      mayDuplicate,
      items: await this.views(manager, items),
      cursor: null,
    };
  }

  private async replayBatch(
    manager: EntityManager,
    filter: ReplaysRequest['filter'],
    after: string | null,
    limit: number,
  ): Promise<ReplaysResponse> {
    // One delivery more than the limit shows whether there is a rest; counting it would read all of it in every call.
    const found = await pickReplayable(manager, filter, after, limit + 1);
    const picked = found.slice(0, limit);
    const moved = await replayDeliveries(manager, picked, [filter.state]);
    return {
      isDryRun: false,
      replayed: moved.length,
      remaining: null,
      mayDuplicate: moved.filter((one) => replayOf(one, this.isIdempotent(one)).mayDuplicate).length,
      items: await this.views(manager, moved.slice(0, SAMPLE_SIZE)),
      cursor: found.length > limit ? (picked.at(-1) ?? null) : null,
    };
  }

  private async inTransaction(
    once: IdempotentRequest | null,
    effect: (manager: EntityManager) => Promise<{ status: number; body: unknown }>,
  ): Promise<Answer> {
    const dataSource = await this.database.whenReady();
    return dataSource.transaction((manager) => idempotent(manager, once, () => effect(manager)));
  }

  private async view(manager: EntityManager, facts: ReplayFacts): Promise<ReplayView> {
    const [view] = await this.views(manager, [facts]);
    return view as ReplayView;
  }

  private async views(manager: EntityManager, all: readonly ReplayFacts[]): Promise<ReplayView[]> {
    const ids = all.map(({ id }) => id);
    const foreseen = await this.forecasts.of(manager, ids);
    return all.map((facts) => replayOf(facts, this.isIdempotent(facts), foreseen.get(facts.id)?.verdict));
  }

  private isIdempotent({ channel }: ReplayFacts): boolean {
    return this.idempotentChannels.includes(channel);
  }

  private logAndWake(fields: Record<string, unknown>): void {
    this.log.log({ message: 'replayed', ...fields });
    this.dispatchers.wake();
  }
}

function pick({ state, key, mayDuplicate }: ReplayView) {
  return { state, key, mayDuplicate };
}
