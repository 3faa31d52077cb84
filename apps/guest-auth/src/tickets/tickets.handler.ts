import { OWN_SYSTEM, readEvent, type TicketEvent } from '@bellhop/contracts';
import { EventsController, InvalidEventError, OnEvent } from '@bellhop/jetstream';
import { claimEvents } from '@bellhop/outbox';
import { Database } from '@bellhop/service';
import { Payload } from '@nestjs/microservices';
import { rememberTicket } from './remember-ticket.js';
import { ticketFactOf } from './ticket-fact.js';

const CONSUMER = 'guest-auth';

/** Hears which guests' tickets there are, and when they are closed and reopened. */
@EventsController()
export class TicketsHandler {
  constructor(private readonly database: Database) {}

  @OnEvent('tickets.v1.>')
  async hear(@Payload() payload: unknown): Promise<void> {
    const reading = readEvent(payload);
    if (!reading.ok) throw new InvalidEventError('invalid_event', reading.detail);
    const event = reading.event as TicketEvent;
    const fact = 'ticket' in event.data ? ticketFactOf(event) : null;
    if (!fact) return;
    const dataSource = await this.database.whenReady();
    await dataSource.transaction(async (manager) => {
      const [isNew] = await claimEvents(manager, CONSUMER, [{ system: OWN_SYSTEM, eventId: event.id }]);
      if (isNew) await rememberTicket(manager, fact);
    });
  }
}
