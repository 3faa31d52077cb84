import type { ServiceName } from './services.js';

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
  /** Under which subject an event is stored, where that is another one. `{{wildcard(1)}}` stands for the first `*` of the only subject. */
  readonly storedAs?: string;
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

/**
 * Each system publishes on `inbound.<system>.…`. For those that do not go to `INBOUND` the import of their NATS account makes that
 * `inbound_<n>.<system>.…`, which tells the server the stream, and the stream turns it back: readers see one form of subject.
 */
function furtherInbound<const N extends number>(n: N) {
  return {
    name: `INBOUND_${n}`,
    owner: 'notifications',
    readers: ['notifications'],
    subjects: [`inbound_${n}.*.tickets.v1.*`],
    storedAs: 'inbound.{{wildcard(1)}}.tickets.v1.{{wildcard(2)}}',
    maxAgeMs: 7 * DAY_MS,
    // A million small events that wait: what is handled makes room.
    maxBytes: GIB,
    discard: 'new',
    dedupeMs: NO_DEDUPE_MS,
  } as const satisfies StreamDefinition;
}

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
  // Of outside systems: one stream for each, so that one which fills its own is refused alone.
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
  INBOUND_2: furtherInbound(2),
  INBOUND_3: furtherInbound(3),
  INBOUND_4: furtherInbound(4),
  INBOUND_5: furtherInbound(5),
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

/** Streams to which outside systems publish. Their owner makes room in them: no ledger of ours needs what was handled. */
export function isInbound(stream: StreamName): boolean {
  return /^INBOUND(_\d+)?$/.test(stream);
}

/** The streams that a service reads. */
export function streamsReadBy(service: ServiceName): StreamName[] {
  const all: readonly (StreamDefinition & { name: StreamName })[] = Object.values(streams);
  return all.filter(({ readers }) => readers.includes(service)).map(({ name }) => name);
}

/** The durable consumer of a service: one per service and stream, so the service's name says enough. */
export function consumerName(service: ServiceName): string {
  return service;
}
