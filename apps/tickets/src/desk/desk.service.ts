import { TICKET_STATUSES } from '@bellhop/contracts/events';
import type { DeskTicketResponse, DeskTicketView, ListDeskTicketsQuery, Page } from '@bellhop/contracts/http';
import { type Answer, type IdempotentRequest, idempotent } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findAgent } from '../people/agents.js';
import type { UserCaller } from '../people/caller.js';
import { changeTicket, type TicketCommand } from '../tickets/change-ticket.js';
import { readConversation } from '../tickets/conversation.js';
import { answerWithMessage, answerWithTicket, atDesk } from '../tickets/repeated-answers.js';
import { openTicket } from '../tickets/ticket-access.js';
import { type ListFilter, listTickets, type Owner } from '../tickets/ticket-list.js';
import { deskTicketView } from '../tickets/ticket-views.js';
import { readNote, readNotes, writeNote } from './notes.js';

type DeskCommand = Omit<TicketCommand, 'viewer' | 'as'>;

/** What agents do with the tickets of all customers. */
@Injectable()
export class DeskService {
  constructor(private readonly dataSource: DataSource) {}

  async list(
    { viewer }: UserCaller,
    { status, assignee, category, ...page }: ListDeskTicketsQuery,
  ): Promise<Page<DeskTicketView>> {
    const statuses = status ? [status] : TICKET_STATUSES;
    const filter: ListFilter = {
      owner: ownerOf(assignee, viewer.id),
      // Nobody sees tickets whose requester has not proven the address.
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
    command: DeskCommand,
    once: IdempotentRequest | null,
    answerWith: 'message' | 'ticket' = 'ticket',
  ): Promise<Answer> {
    const ofAgent: TicketCommand = { ...command, viewer, as: 'agent' };
    return this.dataSource.transaction((manager) =>
      answerWith === 'message'
        ? answerWithMessage(manager, ofAgent, once)
        : answerWithTicket(manager, atDesk, once, () => changeTicket(manager, ofAgent)),
    );
  }

  assign({ viewer }: UserCaller, ticketId: string, address: string, once: IdempotentRequest | null): Promise<Answer> {
    return this.dataSource.transaction((manager) =>
      answerWithTicket(manager, atDesk, once, async () => {
        // Rights are checked first: strangers must not learn who the agents are.
        await openTicket(manager, viewer, 'assign', ticketId);
        const command = { type: 'assign', agent: await findAgent(manager, address) } as const;
        return changeTicket(manager, { ticketId, viewer, as: 'agent', action: 'assign', command });
      }),
    );
  }

  note({ person, viewer }: UserCaller, ticketId: string, body: string, once: IdempotentRequest): Promise<Answer> {
    return this.dataSource.transaction((manager) => {
      const write = async () => {
        await openTicket(manager, viewer, 'note', ticketId);
        const note = await writeNote(manager, { ticketId, author: person, body, now: new Date() });
        return { status: 201, body: note, kept: { id: note.id } };
      };
      return idempotent(manager, once, write, ({ id }) => readNote(manager, id));
    });
  }
}

function ownerOf(assignee: string | undefined, me: string): Owner {
  if (assignee === undefined) return 'everybody';
  if (assignee === 'none') return 'unassigned';
  return assignee === 'me' ? { assigneeId: me } : { assigneeEmail: assignee };
}
