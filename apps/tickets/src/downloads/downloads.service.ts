import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AttachmentEntity } from '../attachments/attachment.entity.js';
import { attachmentNotFound, problemOf } from '../attachments/attachment-problems.js';
import { AttachmentStorage, type StoredFile } from '../attachments/storage/attachment-storage.js';
import type { Viewer } from '../people/viewer.js';
import { isTicketId } from '../tickets/ticket-access.js';
import { may } from '../tickets/ticket-policy.js';
import { findTicket } from '../tickets/ticket-store.js';
import { contentHeaders } from './content-headers.js';

export interface Reader {
  /** Null: nothing is known but the browser. */
  readonly viewer: Viewer | null;
  readonly uploaders: readonly string[];
}

export interface Download {
  readonly headers: Readonly<Record<string, string>>;
  /** Must be streamed or closed. */
  readonly file: StoredFile;
}

/** Serves files to those who may read their ticket. Rights are checked with each request: a link alone opens nothing. */
@Injectable()
export class DownloadsService {
  private readonly log = new Logger('attachments');

  constructor(
    private readonly dataSource: DataSource,
    private readonly storage: AttachmentStorage,
  ) {}

  /** @throws Problem 404 `attachment_not_found`, the same whether it does not exist or is not for this reader; 503 */
  async open(reader: Reader, id: string): Promise<Download> {
    const attachment = await this.readable(reader, id);
    try {
      const file = await this.storage.open(attachment.key);
      return { file, headers: contentHeaders({ ...attachment, sizeBytes: file.sizeBytes }) };
    } catch (error) {
      this.log.error({
        message: 'file not read: its downloads fail until the storage works again',
        attachmentId: id,
        error,
      });
      throw problemOf(error);
    }
  }

  private async readable({ viewer, uploaders }: Reader, id: string) {
    const { manager } = this.dataSource;
    const attachment = isTicketId(id) ? await manager.findOneBy(AttachmentEntity, { id }) : null;
    const { key, name, type, messageId, uploader } = attachment ?? {};
    if (!key || !name || !type) throw attachmentNotFound();
    const isTheirs = messageId ? await mayReadMessage(manager, viewer, messageId) : uploaders.includes(uploader ?? '');
    if (!isTheirs) throw attachmentNotFound();
    return { key, name, type };
  }
}

/** Whoever may read the ticket, as its requester or at the desk, may read its files. */
async function mayReadMessage(manager: EntityManager, viewer: Viewer | null, messageId: string): Promise<boolean> {
  const [message]: { ticket_id: string }[] = await manager.query('select ticket_id from messages where id = $1', [
    messageId,
  ]);
  const stored = message && (await findTicket(manager, message.ticket_id));
  return !!stored && (may(viewer, 'read', stored.ticket) || may(viewer, 'read_at_desk', stored.ticket));
}
