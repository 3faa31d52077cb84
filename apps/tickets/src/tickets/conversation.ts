import type { MessageView, TimelineEntry } from '@bellhop/contracts/http';
import { Problem } from '@bellhop/http';
import { Between, type EntityManager } from 'typeorm';
import { readAttachments } from '../attachments/read-attachments.js';
import { MessageEntity } from './message.entity.js';
import { messageView, timelineView } from './ticket-views.js';
import { TimelineEntryEntity } from './timeline-entry.entity.js';

/** The desk loads a conversation as a whole; nobody reads a longer one. */
const MAX_MESSAGES = 500;

export interface Conversation {
  readonly messages: MessageView[];
  readonly timeline: TimelineEntry[];
}

/** A stretch of a conversation: from a version on, and before another. */
export interface Versions {
  readonly from: number;
  readonly before: number;
}

/** Larger than all versions: the largest integer of Postgres. */
export const END = 2 ** 31 - 1;
const WHOLE: Versions = { from: 0, before: END };

/**
 * Messages and timeline, oldest first. Call it after the ticket was read: then the message of the version that was shown is
 * included, and "seen up to that version" is true.
 */
export async function readConversation(
  manager: EntityManager,
  ticketId: string,
  { from, before } = WHOLE,
): Promise<Conversation> {
  const oldestFirst = { where: { ticketId, version: Between(from, before - 1) }, order: { version: 'ASC' } } as const;
  const [messages, timeline] = await Promise.all([
    manager.find(MessageEntity, oldestFirst),
    manager.find(TimelineEntryEntity, oldestFirst),
  ]);
  const attachments = await readAttachments(
    manager,
    messages.map(({ id }) => id),
  );
  const shown = messages.map((message) => messageView(message, attachments.get(message.id) ?? []));
  return { messages: shown, timeline: timeline.map(timelineView) };
}

/**
 * Call it under the ticket's lock: then nobody adds a message in between.
 *
 * @throws Problem 409 `conversation_full`
 */
export async function refuseFullConversation(manager: EntityManager, ticketId: string): Promise<void> {
  if ((await manager.countBy(MessageEntity, { ticketId })) < MAX_MESSAGES) return;
  const detail = `It has ${MAX_MESSAGES} messages, as many as one ticket takes. Close it, and go on in a new ticket.`;
  throw new Problem(409, 'conversation_full', 'The conversation is full', detail);
}
