import type { DeskTicketResponse, DeskTicketView, ListDeskTicketsQuery, Page } from '@bellhop/contracts';
import { type Answer, type IdempotentRequest, idempotent } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { findAgent } from '../people/agents.js';
import type { UserCaller } from '../people/caller.js';
import { changeTicket, type Wish } from '../tickets/change-ticket.js';
import { readConversation } from '../tickets/conversation.js';
import type { TicketEntity } from '../tickets/ticket.entity.js';
import { openTicket } from '../tickets/ticket-access.js';
import { listTickets } from '../tickets/ticket-list.js';
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
    const { items, next } = await listTickets(this.dataSource.manager, page, (query) => {
      query.andWhere(`ticket.status <> 'unverified'`);
      if (status) query.andWhere('ticket.status = :status', { status });
      if (category) query.andWhere('ticket.category = :category', { category });
      if (assignee) assignedTo(query, assignee, viewer.id);
    });
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

function assignedTo(query: SelectQueryBuilder<TicketEntity>, assignee: string, me: string): void {
  if (assignee === 'none') query.andWhere('ticket.assigneeId is null');
  else if (assignee === 'me') query.andWhere('ticket.assigneeId = :me', { me });
  else
    query.andWhere('ticket.assigneeId in (select id from people where lower(email) = lower(:assignee))', { assignee });
}
