import { readEvent, type TicketEvent } from '@bellhop/contracts/events';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { EventsController, InvalidEventError, OnEvent } from '@bellhop/jetstream';
import { claimEvents } from '@bellhop/outbox';
import { GroupCommit, isTransientError } from '@bellhop/postgres';
import { Database } from '@bellhop/service';
import { Payload } from '@nestjs/microservices';
import { rememberTickets } from './remember-tickets.js';
import { type TicketFact, ticketFactOf } from './ticket-fact.js';

const CONSUMER = 'guest-auth';

interface Heard {
  readonly eventId: string;
  readonly fact: TicketFact;
}

/** Hears which guests' tickets there are, and when they are closed and reopened: many events per transaction, each once. */
@EventsController()
export class TicketsHandler {
  private readonly batch = new GroupCommit<Heard, undefined>({
    commit: (heard) => this.commit(heard),
    isDataError: (error) => !isTransientError(error),
  });

  constructor(private readonly database: Database) {}

  @OnEvent('tickets.v1.>')
  async hear(@Payload() payload: unknown): Promise<void> {
    const reading = readEvent(payload);
    if (!reading.ok) throw new InvalidEventError('invalid_event', reading.detail);
    const event = reading.event as TicketEvent;
    const fact = 'ticket' in event.data ? ticketFactOf(event) : null;
    if (fact) await this.batch.add({ eventId: event.id, fact });
  }

  private async commit(heard: Heard[]): Promise<undefined[]> {
    const dataSource = await this.database.whenReady();
    await dataSource.transaction(async (manager) => {
      const keys = heard.map(({ eventId }) => ({ system: OWN_SYSTEM, eventId }));
      const claims = await claimEvents(manager, CONSUMER, keys);
      const facts = heard.filter((_, index) => claims[index] === 'new').map(({ fact }) => fact);
      if (facts.length > 0) await rememberTickets(manager, facts);
    });
    return heard.map(() => undefined);
  }
}
