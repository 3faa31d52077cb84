import type {
  ListedTicketView,
  ListTicketsQuery,
  Page,
  ReadTicketQuery,
  TicketResponse,
} from '@bellhop/contracts/http';
import type { Answer, IdempotentRequest } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DayBudgets } from '../budgets/day-budgets.js';
import { proveBySession } from '../guests/prove-by-session.js';
import type { Caller, UserCaller } from '../people/caller.js';
import { personKey } from '../people/person.js';
import { changeTicket, type TicketCommand } from '../tickets/change-ticket.js';
import { END, readConversation } from '../tickets/conversation.js';
import { findPage } from '../tickets/conversation-page.js';
import { answerWithMessage, answerWithTicket, asRequester } from '../tickets/repeated-answers.js';
import { openTicket } from '../tickets/ticket-access.js';
import { decodeVersion, encodeVersion } from '../tickets/ticket-cursor.js';
import { ticketView } from '../tickets/ticket-views.js';
import { turnOf } from '../tickets/turn.js';
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

  /** @throws Problem 404 `ticket_not_found`; 400 `invalid_cursor` */
  async read({ viewer }: Caller, ticketId: string, { before }: ReadTicketQuery): Promise<TicketResponse> {
    await proveBySession(this.dataSource, viewer, ticketId);
    const { manager } = this.dataSource;
    const stored = await openTicket(manager, viewer, 'read', ticketId);
    const end = before === undefined ? END : decodeVersion(before);
    const { versions, hasEarlier, firstUnreadId, neededBy } = await findPage(this.dataSource, stored.ticket, end);
    const view = ticketView(stored);
    return {
      ticket: { ...view, ...turnOf(view, neededBy), seenVersion: stored.ticket.seenVersion },
      ...(await readConversation(manager, ticketId, versions)),
      earlier: hasEarlier ? encodeVersion(versions.from) : null,
      firstUnreadMessageId: firstUnreadId,
    };
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
