import type { TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';

export type RivalEvent = TicketEvent;

/** One person is notified at once: the same event that Bellhop is measured with. */
export function rivalEvent(email: string): RivalEvent {
  return buildEvent('ticket.resolved.v1', {
    requester: { kind: 'user', id: email.replace('@', '-'), email, locale: 'de', timezone: 'Europe/Berlin' },
  });
}

/** The servers of a rival, which are the same as Bellhop's. */
export interface RivalServers {
  natsUrl: string;
  /** A database of its own. */
  databaseUrl: string;
  resendBaseUrl: string;
  resendKey: string;
}

/** What people would use instead of Bellhop: a publisher in this process, and a worker in a process of its own. */
export interface Rival {
  readonly name: string;
  /** Publishes as its documentation shows, and resolves when the publisher considers the events delivered. */
  publish(events: readonly RivalEvent[]): Promise<void>;
  /** How many published events are open, as far as it knows; 0 for one that stores nothing. */
  unfinished(): Promise<number>;
  /** `kill -9` of the worker. */
  kill(): Promise<void>;
  /** Starts the worker again and resolves when it takes events. */
  resume(): Promise<void>;
  /** Ends the worker and whatever else was started. */
  stop(): Promise<void>;
}
