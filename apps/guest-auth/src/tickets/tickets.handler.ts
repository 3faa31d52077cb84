import { readEvent, type TicketEvent } from '@bellhop/contracts/events';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { EventsController, InvalidEventError, OnEvent } from '@bellhop/jetstream';
import { claimEvents } from '@bellhop/outbox';
import { GroupCommit, isTransientError } from '@bellhop/postgres';
import { Database } from '@bellhop/service';
import { Payload } from '@nestjs/microservices';
import { upsertTickets } from './ticket-store.js';
import { type TicketUpdate, ticketUpdateOf } from './ticket-update.js';

const CONSUMER = 'guest-auth';

interface Received {
  readonly eventId: string;
  readonly update: TicketUpdate;
}

/** Keeps the read model of guests' tickets: number, locale, and when each was closed. Many events share a transaction; each is applied once. */
@EventsController()
export class TicketsHandler {
  private readonly batch = new GroupCommit<Received, undefined>({
    commit: (received) => this.commit(received),
    isDataError: (error) => !isTransientError(error),
  });

  constructor(private readonly database: Database) {}

  @OnEvent('tickets.v1.>')
  async accept(@Payload() payload: unknown): Promise<void> {
    const reading = readEvent(payload);
    if (!reading.ok) throw new InvalidEventError('invalid_event', reading.detail);
    const event = reading.event as TicketEvent;
    const update = 'ticket' in event.data ? ticketUpdateOf(event) : null;
    if (update) await this.batch.add({ eventId: event.id, update });
  }

  private async commit(received: Received[]): Promise<undefined[]> {
    const dataSource = await this.database.whenBackgroundReady();
    await dataSource.transaction(async (manager) => {
      const keys = received.map(({ eventId }) => ({ system: OWN_SYSTEM, eventId }));
      const claims = await claimEvents(manager, CONSUMER, keys);
      const updates = received.filter((_, index) => claims[index] === 'new').map(({ update }) => update);
      if (updates.length > 0) await upsertTickets(manager, updates);
    });
    return received.map(() => undefined);
  }
}
