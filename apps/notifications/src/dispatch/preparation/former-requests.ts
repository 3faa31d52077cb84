import { Injectable, Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Settings } from '../../config.js';
import { decodeBatch, type FrozenBatch } from '../../payload/frozen-batch.js';
import { open } from '../../payload/sealed-payload.js';
import type { LeasedDelivery } from '../delivery.js';
import type { Result } from '../outcomes/outcome-recorder.js';
import { loadFrozen, type SealedBatch } from './load-frozen.js';
import { uncomposed } from './uncomposed.js';

/** A request that was frozen for an earlier attempt, or why it cannot be decrypted. */
export type FormerRequest =
  | (FrozenBatch & { readonly kind: 'open'; readonly id: string; readonly hasLiveKey: boolean })
  | { readonly kind: 'failed'; readonly result: Result };

/** Loads frozen requests, so that every attempt sends the bytes of the first. */
@Injectable()
export class FormerRequests {
  private readonly log = new Logger(FormerRequests.name);

  constructor(private readonly settings: Settings) {}

  /** By batch id. Without a query when nothing was sent before, which is the usual case. */
  async of(dataSource: DataSource, claimed: readonly LeasedDelivery[]): Promise<Map<string, FormerRequest>> {
    const batchIds = [...new Set(claimed.map(({ batchId }) => batchId).filter((id) => id !== null))];
    if (batchIds.length === 0) return new Map();
    const rows = await loadFrozen(dataSource, batchIds);
    return new Map(await Promise.all(rows.map(async (row) => [row.batchId, await this.opened(row)] as const)));
  }

  private async opened({ batchId, sealed, hasLiveKey }: SealedBatch): Promise<FormerRequest> {
    try {
      const batch = decodeBatch(await open(sealed, batchId, this.settings.payloadKeys));
      return { ...batch, kind: 'open', id: batchId, hasLiveKey };
    } catch (error) {
      this.log.error({ message: 'frozen request not decrypted', batch: batchId, error });
      return { kind: 'failed', result: uncomposed(error) };
    }
  }
}
