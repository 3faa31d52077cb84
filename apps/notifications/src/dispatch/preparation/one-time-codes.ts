import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Settings } from '../../config.js';
import { codeContext, open } from '../../payload/sealed-payload.js';
import type { LeasedDelivery } from '../delivery.js';
import { loadCodes, type SealedCode } from './load-codes.js';

/** Returns a code. @throws PayloadError when it cannot be decrypted */
export type CodeReader = () => string;

/** Decrypts codes when their mails are composed. */
@Injectable()
export class OneTimeCodes {
  constructor(private readonly settings: Settings) {}

  /** By delivery id. Without a query when none of these is a code, which is the usual case. */
  async of(dataSource: DataSource, claimed: readonly LeasedDelivery[]): Promise<Map<string, CodeReader>> {
    const ids = claimed.filter(({ template }) => template === 'code').map(({ id }) => id);
    if (ids.length === 0) return new Map();
    const rows = await loadCodes(dataSource, ids);
    return new Map(await Promise.all(rows.map(async (row) => [row.deliveryId, await this.opened(row)] as const)));
  }

  private async opened({ challengeId, sealed }: SealedCode): Promise<CodeReader> {
    try {
      const code = (await open(sealed, codeContext(challengeId), this.settings.payloadKeys)).toString();
      return () => code;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  }
}
