import type { AttachmentView } from '@bellhop/contracts/http';
import type { EntityManager } from 'typeorm';
import { attachmentsNotFound, ticketFilesFull } from './attachment-problems.js';
import { claimAttachments } from './claim-attachments.js';

/** The files of a message that is being written. */
export interface Files {
  readonly ids: readonly string[];
  /** The names under which the author may have uploaded them. */
  readonly uploaders: readonly string[];
  /** Limit of all files of the ticket together, these included. */
  readonly maxTicketBytes: number;
}

/**
 * Puts files into a new message, in the caller's transaction, which has locked the ticket.
 *
 * @throws Problem 404 `attachment_not_found`, the same for what does not exist and what is not theirs; 422 `ticket_files_full`
 */
export async function attach(
  manager: EntityManager,
  { ticketId, messageId }: { ticketId: string; messageId: string },
  { ids, uploaders, maxTicketBytes }: Files,
): Promise<AttachmentView[]> {
  if (ids.length === 0) return [];
  const claimed = await claimAttachments(manager, messageId, ids, uploaders);
  const found = new Set(claimed.map(({ id }) => id));
  const missing = ids.flatMap((id, at) => (found.has(id) ? [] : [{ id, path: `attachmentIds.${at}` }]));
  if (missing.length > 0) throw attachmentsNotFound(missing);
  if ((await bytesOfTicket(manager, ticketId)) > maxTicketBytes) throw ticketFilesFull(maxTicketBytes);
  return claimed.map(({ id, name, type, size_bytes: sizeBytes }) => ({ id, name, type, sizeBytes }));
}

async function bytesOfTicket(manager: EntityManager, ticketId: string): Promise<number> {
  const [row]: [{ bytes: string }] = await manager.query(
    `select coalesce(sum(a.size_bytes), 0) as bytes
       from messages m join attachments a on a.message_id = m.id where m.ticket_id = $1`,
    [ticketId],
  );
  return Number(row.bytes);
}
