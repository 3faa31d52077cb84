import type { TicketEvent } from '@bellhop/contracts/events';
import type { CommittedEvent, Write } from '../checker/evidence.js';

/** What the writers requested, and what was acknowledged. */
export class WriterLog {
  private readonly states = new Map<string, boolean>();
  private readonly published = new Map<string, CommittedEvent>();
  /** Events that other systems tried to publish, by `<system> <event id>`: they may be in the stream without an acknowledgement. */
  private readonly attempted = new Map<string, CommittedEvent>();

  private readonly proven = new Set<string>();
  private readonly junk = new Set<string>();

  /** A write that is about to be sent: from now on it may be stored. */
  begin(id: string): void {
    if (!this.states.has(id)) this.states.set(id, false);
  }

  acknowledge(id: string): void {
    this.states.set(id, true);
  }

  attempt(system: string, event: TicketEvent): void {
    this.attempted.set(`${system} ${event.id}`, { system, event });
  }

  acknowledgeEvent(system: string, event: TicketEvent): void {
    this.published.set(`${system} ${event.id}`, { system, event });
  }

  /** An unusable event. */
  expectDeadLetter(eventId: string): void {
    this.junk.add(eventId);
  }

  get expectedDeadLetters(): string[] {
    return [...this.junk];
  }

  /** A guest typed the right code, and that was acknowledged. */
  prove(ticketId: string): void {
    this.proven.add(ticketId);
  }

  /** Tickets of guests that must be open. */
  get provenTickets(): string[] {
    return [...this.proven];
  }

  get writes(): Write[] {
    return [...this.states].map(([id, isAcknowledged]) => ({ id, isAcknowledged }));
  }

  /** Acknowledged, or stored without that. @param isStored by `<system> <event id>` */
  committed(isStored: (key: string) => boolean): CommittedEvent[] {
    return [...this.attempted.entries()]
      .filter(([key]) => this.published.has(key) || isStored(key))
      .map(([, event]) => event);
  }

  /** Acknowledged writes and events so far. */
  get count(): number {
    return [...this.states.values()].filter(Boolean).length + this.published.size;
  }
}
