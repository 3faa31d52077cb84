import type { TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';

export type RivalEvent = TicketEvent;

/** Heard of at once, by one person: as what Bellhop is measured with. */
export function rivalEvent(email: string): RivalEvent {
  return buildEvent('ticket.resolved.v1', {
    requester: { kind: 'user', id: email.replace('@', '-'), email, locale: 'de', timezone: 'Europe/Berlin' },
  });
}

/** What a rival is given to work with; it is the same as Bellhop has. */
export interface RivalServers {
  natsUrl: string;
  /** Of a database that it may fill. */
  databaseUrl: string;
  resendBaseUrl: string;
  resendKey: string;
}

/** What people would take instead of Bellhop: a publisher in this process, and a worker in one of its own. */
export interface Rival {
  readonly name: string;
  /** Publishes in the way its documentation shows, and resolves when the publisher believes that the events are handed over. */
  publish(events: readonly RivalEvent[]): Promise<void>;
  /** How many of the published events it knows to be open. One that keeps nothing knows of none. */
  unfinished(): Promise<number>;
  /** `kill -9` of the worker. */
  kill(): Promise<void>;
  /** Starts the worker again and resolves when it takes events. */
  resume(): Promise<void>;
  /** Ends the worker and whatever else was started. */
  stop(): Promise<void>;
}
