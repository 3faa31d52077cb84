import { TICKET_HINTS_SUBJECT, type TicketHintsMessage, ticketHints } from '@bellhop/contracts/streams';
import { Shutdown } from '@bellhop/http';
import { Broadcast, NatsLink } from '@bellhop/jetstream';
import { Database } from '@bellhop/service';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type TicketChange, ticketChanges } from '../tickets/ticket-changes.js';
import { DeskStreams } from './desk-streams.js';
import { TicketStreams } from './ticket-streams.js';

/** How often all that somebody looks at is compared with the database: it heals what NATS has lost. */
const POLL_MS = 30_000;

/** What is committed within this time is one message, in milliseconds. */
const GATHER_MS = 20;

/** Tickets in one message: some 40 kB. */
const MAX_TICKETS = 1_000;

/**
 * Tells open pages that a ticket has changed, on whichever replica they are. Hints go out after the commit and may be lost; none of them has
 * content.
 */
@Injectable()
export class TicketHints implements OnApplicationBootstrap {
  private readonly broadcast: Broadcast<TicketHintsMessage>;
  /** Changes that are not announced yet: the newest version of each ticket. */
  private readonly unsaid = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    link: NatsLink,
    private readonly shutdown: Shutdown,
    private readonly tickets: TicketStreams,
    private readonly desk: DeskStreams,
  ) {
    this.broadcast = new Broadcast({
      link,
      subject: TICKET_HINTS_SUBJECT,
      parse: (message) => ticketHints.parse(message),
      onMessage: (message) => this.hear(message),
      onConnect: () => this.catchUp(),
      log: new Logger(TicketHints.name),
    });
  }

  onApplicationBootstrap(): void {
    this.broadcast.start();
    void this.listen();
    const timer = setInterval(() => this.poll(), POLL_MS).unref();
    this.shutdown.add('streams', 'ticket streams', async () => {
      this.broadcast.stop();
      clearInterval(timer);
      await Promise.all([this.tickets.close(), this.desk.close()]);
    });
  }

  /** Compares all that somebody looks at with the database. */
  poll(): void {
    this.broadcast.renew();
    this.tickets.lookAtAll();
    void this.desk.poll();
  }

  /** To the commits of requests, and to those of events and erasures. */
  private async listen(): Promise<void> {
    await this.database.whenReady();
    const { dataSource, background } = this.database;
    const subscriber = ticketChanges.subscriber((changes) => this.announce(changes));
    for (const { subscribers } of new Set([dataSource, background])) subscribers.push(subscriber);
  }

  private announce(changes: readonly TicketChange[]): void {
    for (const { id, version } of changes) this.unsaid.set(id, Math.max(version, this.unsaid.get(id) ?? 0));
    this.timer ??= setTimeout(() => this.say(), GATHER_MS).unref();
  }

  private say(): void {
    this.timer = undefined;
    const all = [...this.unsaid];
    this.unsaid.clear();
    for (let start = 0; start < all.length; start += MAX_TICKETS) {
      const tickets = all.slice(start, start + MAX_TICKETS);
      // NATS brings it back to this replica, too.
      if (!this.broadcast.say({ tickets })) this.hear({ tickets });
    }
  }

  private hear({ tickets }: TicketHintsMessage): void {
    this.tickets.changed(tickets);
    this.desk.changed(tickets.map(([id]) => id));
  }

  /** NATS is back: what was said in between is lost. */
  private catchUp(): void {
    this.tickets.lookAtAll();
    this.desk.changedSomehow();
  }
}
