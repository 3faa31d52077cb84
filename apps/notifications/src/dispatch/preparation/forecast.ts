import { ErasedPeople } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CHANNELS, type Channel } from '../../channels/channel.js';
import type { LeasedDelivery } from '../delivery.js';
import { type LeasedRow, leasedColumns, leasedDelivery } from '../leased-row.js';
import { loadPreSendState } from './load-pre-send-state.js';
import { type PreSendVerdict, preSendCheck } from './pre-send-check.js';

/** A delivery, and what the check says of it now. */
export interface Foreseen {
  readonly channel: Channel;
  readonly delivery: LeasedDelivery;
  readonly verdict: PreSendVerdict;
}

/** Runs the pre-send check now, without claiming anything. The check at the time of sending may give another result. */
@Injectable()
export class Forecast {
  constructor(
    @Inject(CHANNELS) private readonly channels: readonly Channel[],
    private readonly erased: ErasedPeople,
  ) {}

  /**
   * Each by itself: what would go in the same request counts for no ceiling.
   * in: delivery ids · out: id → delivery with its verdict · lock: none.
   */
  async of(manager: EntityManager, ids: readonly string[]): Promise<ReadonlyMap<string, Foreseen>> {
    const rows: LeasedRow[] = await manager.query(
      `select ${leasedColumns('d')} from deliveries d where d.id = any ($1::uuid[])`,
      [ids],
    );
    const foreseen = new Map<string, Foreseen>();
    for (const channel of this.channels) {
      const deliveries = rows.filter((row) => row.channel === channel.name).map((row) => leasedDelivery(row, channel));
      if (deliveries.length === 0) continue;
      const states = await loadPreSendState(manager, channel, deliveries, this.erased);
      for (const delivery of deliveries) {
        const state = states.get(delivery.id);
        if (!state) continue;
        const verdict = preSendCheck(delivery, state, channel, new Map());
        foreseen.set(delivery.id, { channel, delivery, verdict });
      }
    }
    return foreseen;
  }
}
