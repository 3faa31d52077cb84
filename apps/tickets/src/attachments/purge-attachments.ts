import type { Purge } from '@bellhop/service';
import type { DataSource } from 'typeorm';
import { deleteUnlinked } from './delete-unlinked.js';
import { forgetUploadNetworks } from './forget-upload-networks.js';
import type { AttachmentStorage } from './storage/attachment-storage.js';

const BATCH_SIZE = 100;
const TURN_MS = 10 * 60_000;

/**
 * Removes files that are in no message after a day, files of deleted tickets, and what crashes have left. The row is deleted first:
 * the sweep finds a file without a row, but a row without a file would offer a download that cannot work.
 */
export function purgeAttachments(storage: AttachmentStorage): Purge {
  return async (dataSource, { signal }) => {
    let removed = 0;
    while (!signal.aborted) {
      const keys = await deleteUnlinked(dataSource.manager, BATCH_SIZE);
      for (const key of keys) if (key !== null) await storage.remove(key);
      removed += keys.length;
      if (keys.length < BATCH_SIZE) break;
    }
    await forgetUploadNetworks(dataSource.manager);
    if (signal.aborted || (await storage.trouble(false))?.code === 'storage_unavailable') return removed;
    return removed + (await storage.sweep(Math.floor(Date.now() / TURN_MS), knownKeys(dataSource)));
  };
}

function knownKeys(dataSource: DataSource) {
  return async (keys: readonly string[]): Promise<ReadonlySet<string>> => {
    const rows: { key: string }[] = await dataSource.query('select key from attachments where key = any ($1)', [keys]);
    return new Set(rows.map(({ key }) => key));
  };
}
