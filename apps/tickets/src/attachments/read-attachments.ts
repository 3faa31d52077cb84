import type { AttachmentView } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';
import { AttachmentEntity } from './attachment.entity.js';

/** A finished upload: only such files can be in a message. */
export function attachmentView({ id, name, type, sizeBytes }: Omit<AttachmentEntity, 'uploader'>): AttachmentView {
  return { id, name: name ?? '', type: type ?? '', sizeBytes };
}

/** The files of messages, by message, each in the order in which they were sent. */
export async function readAttachments(
  manager: EntityManager,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, AttachmentView[]>> {
  const rows = await manager
    .createQueryBuilder(AttachmentEntity, 'attachment')
    .where('attachment.messageId = any (:messageIds)', { messageIds })
    .orderBy('attachment.position')
    .getMany();
  const byMessage = new Map<string, AttachmentView[]>();
  for (const row of rows) {
    const messageId = row.messageId ?? '';
    byMessage.set(messageId, [...(byMessage.get(messageId) ?? []), attachmentView(row)]);
  }
  return byMessage;
}
