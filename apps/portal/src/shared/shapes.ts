import type { AttachmentView, MessageView, TicketView, TimelineEntry } from '@bellhop/contracts/http';

export interface Person {
  id: string;
  name: string | null;
  email: string | null;
  locale: string | null;
  roles: string[];
}

/** `GET /auth/session`, of the edge. */
export interface Session {
  person: Person | null;
  expiresAt: string | null;
}

/** What a row of `GET /tickets` has beside the ticket. */
export type TicketRow = TicketView & {
  unread?: number;
  lastMessage?: { by: 'customer' | 'agent'; excerpt: string; at: string } | null;
  answerBy?: string | null;
};

export interface TicketPage {
  items: TicketRow[];
  next: string | null;
}

/** `GET /tickets/:id`. `earlier`: the cursor of the messages before these. */
export interface Conversation {
  ticket: TicketView & { answerBy?: string | null };
  messages: MessageView[];
  timeline: TimelineEntry[];
  earlier?: string | null;
  firstUnreadMessageId?: string | null;
}

export type { AttachmentView, MessageView, TicketView };
