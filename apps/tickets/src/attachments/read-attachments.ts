import type { AttachmentView } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';
import { AttachmentEntity } from './attachment.entity.js';

/** A finished upload: only such files can be in a message. */
export function attachmentView({ id, name, type, sizeBytes }: Omit<AttachmentEntity, 'uploader'>): AttachmentView {
  return { id, name: name ?? '', type: type ?? '', sizeBytes };
}

/** The files of all messages of a ticket, by message, each in the order in which they were sent. */
export async function readAttachments(
  manager: EntityManager,
  ticketId: string,
): Promise<ReadonlyMap<string, AttachmentView[]>> {
  const rows = await manager
    .createQueryBuilder(AttachmentEntity, 'attachment')
    .innerJoin('messages', 'message', 'message.id = attachment.messageId')
    .where('message.ticket_id = :ticketId', { ticketId })
    .orderBy('attachment.position')
    .getMany();
  const byMessage = new Map<string, AttachmentView[]>();
  for (const row of rows) {
    const messageId = row.messageId ?? '';
    byMessage.set(messageId, [...(byMessage.get(messageId) ?? []), attachmentView(row)]);
  }
  return byMessage;
}
