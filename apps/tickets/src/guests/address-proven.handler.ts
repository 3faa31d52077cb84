import { type EventOf, readEvent } from '@bellhop/contracts/events';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { EventsController, InvalidEventError, OnEvent } from '@bellhop/jetstream';
import { claimEvents } from '@bellhop/outbox';
import { Payload } from '@nestjs/microservices';
import { DataSource } from 'typeorm';
import { isTicketId } from '../tickets/ticket-access.js';
import { proveTicket } from './prove-ticket.js';

const CONSUMER = 'tickets';

type AddressProven = EventOf<'guest.address_proven.v1'>;

/** Handles the event of `guest-auth`, the only publisher there, that the code of a challenge was right. */
@EventsController()
export class AddressProvenHandler {
  constructor(private readonly dataSource: DataSource) {}

  @OnEvent('guests.v1.address_proven')
  async proven(@Payload() payload: unknown): Promise<void> {
    const event = read(payload);
    const { ticketId } = event.data;
    await this.dataSource.transaction(async (manager) => {
      const [claim] = await claimEvents(manager, CONSUMER, [{ system: OWN_SYSTEM, eventId: event.id }]);
      if (claim === 'new' && isTicketId(ticketId)) await proveTicket(manager, ticketId);
    });
  }
}

function read(payload: unknown): AddressProven {
  const reading = readEvent(payload);
  if (!reading.ok) throw new InvalidEventError('invalid_event', reading.detail);
  if (reading.event.type === 'guest.address_proven.v1') return reading.event;
  const detail = `The subject is for guest.address_proven.v1, but "type" says ${reading.event.type}.`;
  throw new InvalidEventError('subject_mismatch', detail);
}
