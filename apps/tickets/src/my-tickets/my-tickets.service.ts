import type { ListedTicketView, ListTicketsQuery, Page, TicketResponse } from '@bellhop/contracts/http';
import type { Answer, IdempotentRequest } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DayBudgets } from '../budgets/day-budgets.js';
import { proveBySession } from '../guests/prove-by-session.js';
import type { Caller, UserCaller } from '../people/caller.js';
import { personKey } from '../people/person.js';
import { changeTicket, type TicketCommand } from '../tickets/change-ticket.js';
import { readConversation } from '../tickets/conversation.js';
import { answerWithMessage, answerWithTicket, asRequester } from '../tickets/repeated-answers.js';
import { openTicket } from '../tickets/ticket-access.js';
import { ticketView } from '../tickets/ticket-views.js';
import { myList } from './my-list.js';

type OwnCommand = Omit<TicketCommand, 'viewer' | 'as'>;

/** What requesters do with their own tickets. */
@Injectable()
export class MyTicketsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly budgets: DayBudgets,
  ) {}

  list({ viewer }: UserCaller, query: ListTicketsQuery): Promise<Page<ListedTicketView>> {
    return myList(this.dataSource, viewer.id, query);
  }

  async read({ viewer }: Caller, ticketId: string): Promise<TicketResponse> {
    await proveBySession(this.dataSource, viewer, ticketId);
    const { manager } = this.dataSource;
    const stored = await openTicket(manager, viewer, 'read', ticketId);
    return { ticket: ticketView(stored), ...(await readConversation(manager, ticketId)) };
  }

  /**
   * Answers with the message when something was written, else with the ticket.
   *
   * @throws Problem 429 `too_many_messages`
   */
  async change({ person, viewer }: Caller, command: OwnCommand, once: IdempotentRequest | null): Promise<Answer> {
    await proveBySession(this.dataSource, viewer, command.ticketId);
    const mine: TicketCommand = { ...command, viewer, as: 'customer' };
    return this.dataSource.transaction((manager) => {
      if (mine.text) {
        const spend = () => this.budgets.spend(manager, personKey(person), 'messages');
        return answerWithMessage(manager, mine, once, spend);
      }
      return answerWithTicket(manager, asRequester, once, () => changeTicket(manager, mine));
    });
  }
}
