import type { MessageView, TimelineEntry } from '@bellhop/contracts';
import type { EntityManager } from 'typeorm';
import { MessageEntity } from './message.entity.js';
import { messageView, timelineView } from './ticket-views.js';
import { TimelineEntryEntity } from './timeline-entry.entity.js';

export interface Conversation {
  readonly messages: MessageView[];
  readonly timeline: TimelineEntry[];
}

/**
 * Messages and timeline, oldest first. To be asked after the ticket itself: then whatever version the ticket showed,
 * its message is among these, and "seen up to that version" is the truth.
 */
export async function readConversation(manager: EntityManager, ticketId: string): Promise<Conversation> {
  const oldestFirst = { where: { ticketId }, order: { version: 'ASC' } } as const;
  const [messages, timeline] = await Promise.all([
    manager.find(MessageEntity, oldestFirst),
    manager.find(TimelineEntryEntity, oldestFirst),
  ]);
  return { messages: messages.map(messageView), timeline: timeline.map(timelineView) };
}
