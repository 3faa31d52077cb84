import type { TicketHint } from '@bellhop/contracts/http';
import type { TicketHintsMessage } from '@bellhop/contracts/streams';
import { type EventStream, EventStreams, eventFrame, Looks } from '@bellhop/event-streams';
import { Database } from '@bellhop/service';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { may } from '../tickets/ticket-policy.js';
import { loadTicketStates, type TicketState } from './load-ticket-states.js';
import type { Reader } from './reader.js';

/**
 * The streams of single tickets, for their requesters. Each hint is the version that the database has now, and is sent only to who may read
 * the ticket now; the stream of anybody else ends.
 */
@Injectable()
export class TicketStreams {
  private readonly log = new Logger(TicketStreams.name);
  private readonly streams = new EventStreams();
  private readonly readers = new WeakMap<EventStream, Reader>();
  private readonly looks = new Looks(
    (ids) => this.tellAll(ids),
    (error) => this.log.warn({ message: 'tickets not read: pages are told within half a minute', error }),
  );

  constructor(private readonly database: Database) {}

  /** Answers with a stream, the first hint of which is how the ticket stands now. Who may read the ticket is asked before. */
  open(ticketId: string, reader: Reader, reply: FastifyReply): void {
    const stream = this.streams.open(ticketId, reply, reader.endsAt, reader.person);
    if (!stream) return;
    this.readers.set(stream, reader);
    this.looks.add([ticketId]);
  }

  changed(tickets: TicketHintsMessage['tickets']): void {
    const behind = tickets.filter(([id, version]) => (this.streams.revOf(id) ?? version) < version);
    this.looks.add(behind.map(([id]) => id));
  }

  /** Compares all tickets that somebody looks at with the database, by one statement. */
  lookAtAll(): void {
    this.looks.add(this.streams.keys);
  }

  close(): Promise<void> {
    return this.streams.close();
  }

  private async tellAll(ids: readonly string[]): Promise<void> {
    const watched = ids.filter((id) => this.streams.revOf(id) !== null);
    if (watched.length === 0) return;
    const tickets = await loadTicketStates(await this.database.whenBackgroundReady(), watched);
    for (const id of watched) {
      // Each by itself: a guest whose session is looked up holds up nobody.
      for (const stream of this.streams.of(id)) void this.tell(stream, tickets.get(id));
    }
  }

  /** Never rejects. */
  private async tell(stream: EventStream, ticket: TicketState | undefined): Promise<void> {
    const reader = this.readers.get(stream);
    if (!reader || !ticket || !may(reader.viewer, 'read', ticket)) return stream.end();
    const { version } = ticket;
    if (version <= stream.rev) return;
    try {
      if (!may(await reader.viewerNow(), 'read', ticket)) return stream.end();
      const hint: TicketHint = { version };
      stream.send({ rev: version, frame: eventFrame('ticket', version, hint) });
    } catch (error) {
      this.log.warn({ message: 'session of a guest not read: the page is told within half a minute', error });
    }
  }
}
