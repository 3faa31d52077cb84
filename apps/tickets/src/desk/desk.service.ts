import {
  type DeskTicketResponse,
  type DeskTicketView,
  type ListDeskTicketsQuery,
  type Page,
  TICKET_STATUSES,
} from '@bellhop/contracts';
import { type Answer, type IdempotentRequest, idempotent } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findAgent } from '../people/agents.js';
import type { UserCaller } from '../people/caller.js';
import { changeTicket, type Wish } from '../tickets/change-ticket.js';
import { readConversation } from '../tickets/conversation.js';
import { openTicket } from '../tickets/ticket-access.js';
import { type ListFilter, listTickets, type Owner } from '../tickets/ticket-list.js';
import { deskTicketView } from '../tickets/ticket-views.js';
import { readNotes, writeNote } from './notes.js';

type DeskWish = Omit<Wish, 'viewer' | 'as'>;

/** What agents do with the tickets of all customers. */
@Injectable()
export class DeskService {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async list(
    { viewer }: UserCaller,
    { status, assignee, category, ...page }: ListDeskTicketsQuery,
  ): Promise<Page<DeskTicketView>> {
    const statuses = status ? [status] : TICKET_STATUSES;
    const filter: ListFilter = {
      owner: ownerOf(assignee, viewer.id),
      // Of tickets whose requester has proven nothing nobody is told.
      statuses: statuses.filter((each) => each !== 'unverified'),
      ...(category && { categories: [category] }),
    };
    const { items, next } = await listTickets(this.dataSource.manager, filter, page);
    return { items: items.map(deskTicketView), next };
  }

  async read({ viewer }: UserCaller, ticketId: string): Promise<DeskTicketResponse> {
    const { manager } = this.dataSource;
    const stored = await openTicket(manager, viewer, 'read_at_desk', ticketId);
    const [conversation, notes] = await Promise.all([
      readConversation(manager, ticketId),
      readNotes(manager, ticketId),
    ]);
    return { ticket: deskTicketView(stored), ...conversation, notes };
  }

  /** Answers with the message if `answerWith` says so, else with the ticket. */
  change(
    { viewer }: UserCaller,
    wish: DeskWish,
    once: IdempotentRequest | null,
    answerWith: 'message' | 'ticket' = 'ticket',
  ): Promise<Answer> {
    return this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => {
        const { stored, message } = await changeTicket(manager, { ...wish, viewer, as: 'agent' });
        if (answerWith === 'message') return { status: 201, body: message };
        return { status: 200, body: deskTicketView(stored) };
      }),
    );
  }

  assign({ viewer }: UserCaller, ticketId: string, address: string, once: IdempotentRequest | null): Promise<Answer> {
    return this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => {
        // First whether the viewer may: strangers must not learn who the agents are.
        await openTicket(manager, viewer, 'assign', ticketId);
        const command = { type: 'assign', agent: await findAgent(manager, address) } as const;
        const { stored } = await changeTicket(manager, { ticketId, viewer, as: 'agent', action: 'assign', command });
        return { status: 200, body: deskTicketView(stored) };
      }),
    );
  }

  note({ person, viewer }: UserCaller, ticketId: string, body: string, once: IdempotentRequest): Promise<Answer> {
    return this.dataSource.transaction((manager) =>
      idempotent(manager, once, async () => {
        await openTicket(manager, viewer, 'note', ticketId);
        return { status: 201, body: await writeNote(manager, { ticketId, author: person, body, now: new Date() }) };
      }),
    );
  }
}

function ownerOf(assignee: string | undefined, me: string): Owner {
  if (assignee === undefined) return 'everybody';
  if (assignee === 'none') return 'unassigned';
  return assignee === 'me' ? { assigneeId: me } : { assigneeEmail: assignee };
}
