import type { ServiceName } from './subjects.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const GIB = 1024 ** 3;
const NO_LIMIT_MS = 0;

/** A stream as its owner provisions it: file storage, limits retention. */
export interface StreamDefinition {
  readonly name: string;
  readonly owner: ServiceName;
  /** Who has a durable consumer on it. The owner makes them together with the stream, so that nobody has to wait for it. */
  readonly readers: readonly ServiceName[];
  readonly subjects: readonly string[];
  /** 0: for ever. */
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** What the server does when the stream is full: refuse the new message, or drop the oldest. */
  readonly discard: 'new' | 'old';
  /** How long the server remembers `Nats-Msg-Id`, in milliseconds. */
  readonly dedupeMs: number;
}

const DEDUPE_MS = 5 * 60 * 1000;
/** The shortest that the server takes. */
const NO_DEDUPE_MS = 100;

export const streams = {
  TICKETS: {
    name: 'TICKETS',
    owner: 'tickets',
    readers: ['notifications', 'guest-auth'],
    subjects: ['tickets.v1.>'],
    maxAgeMs: 7 * DAY_MS,
    maxBytes: 10 * GIB,
    discard: 'new',
    dedupeMs: DEDUPE_MS,
  },
  INBOUND: {
    name: 'INBOUND',
    owner: 'notifications',
    readers: ['notifications'],
    subjects: ['inbound.>'],
    maxAgeMs: 7 * DAY_MS,
    maxBytes: 5 * GIB,
    discard: 'new',
    // The server compares ids across all systems: one could make it drop another's events. Our inbox does not.
    dedupeMs: NO_DEDUPE_MS,
  },
  GUESTS: {
    name: 'GUESTS',
    owner: 'guest-auth',
    readers: ['tickets'],
    subjects: ['guests.v1.>'],
    maxAgeMs: 7 * DAY_MS,
    maxBytes: GIB,
    discard: 'new',
    dedupeMs: DEDUPE_MS,
  },
  NOTIFICATIONS: {
    name: 'NOTIFICATIONS',
    owner: 'notifications',
    readers: [],
    subjects: ['notifications.v1.>'],
    maxAgeMs: 3 * DAY_MS,
    maxBytes: 5 * GIB,
    discard: 'old',
    dedupeMs: DEDUPE_MS,
  },
  DEAD_LETTERS: {
    name: 'DEAD_LETTERS',
    owner: 'notifications',
    readers: [],
    subjects: ['dead_letters.>'],
    maxAgeMs: 30 * DAY_MS,
    maxBytes: 2 * GIB,
    discard: 'new',
    dedupeMs: DEDUPE_MS,
  },
  // Kept for ever: whoever restores a backup learns from here whom to erase again. A quarter of a million people fit.
  ERASURES: {
    name: 'ERASURES',
    owner: 'notifications',
    // Everybody reads it, from its beginning and without a consumer.
    readers: [],
    subjects: ['erasures.v1.>'],
    maxAgeMs: NO_LIMIT_MS,
    maxBytes: GIB / 8,
    discard: 'new',
    dedupeMs: DEDUPE_MS,
  },
} as const satisfies Record<string, StreamDefinition>;

export type StreamName = keyof typeof streams;

/** The streams that a service reads. */
export function streamsReadBy(service: ServiceName): StreamName[] {
  const all: readonly (StreamDefinition & { name: StreamName })[] = Object.values(streams);
  return all.filter(({ readers }) => readers.includes(service)).map(({ name }) => name);
}

/** The durable consumer of a service: one per service and stream, so the service's name says enough. */
export function consumerName(service: ServiceName): string {
  return service;
}
