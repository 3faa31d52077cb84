import {
  describeEventProblems,
  events,
  isEventType,
  isTicketEventType,
  MAX_CLOCK_SKEW_MS,
  OWN_SYSTEM,
  parseSubject,
  type TicketEvent,
} from '@bellhop/contracts';
import { InvalidEventError } from '@bellhop/jetstream';
import type { Fact } from '../planning/fact.js';

/** Where each known system's tickets live: `crm` → `https://crm.example.com/`. */
export type InboundSystems = ReadonlyMap<string, URL>;

/**
 * Lets an event in, or says in a sentence that its author understands why not.
 * @param subject the NATS subject it came by: the only proof of who published it
 * @throws InvalidEventError, which leads to the dead letters
 */
export function admit(subject: string, payload: unknown, systems: InboundSystems, now: Date): Fact {
  const origin = parseSubject(subject);
  if (!origin || !isTicketEventType(origin.type)) {
    throw new InvalidEventError('subject_mismatch', `Nothing is published on "${subject}": see the list of subjects.`);
  }
  const found = typeOf(payload);
  if (found !== undefined && found !== origin.type) {
    throw new InvalidEventError(
      'subject_mismatch',
      `The subject "${subject}" is for ${origin.type}, but "type" says ${isEventType(found) ? found : 'something else'}.`,
    );
  }
  const schema = events[origin.type];
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    throw new InvalidEventError('invalid_event', describeEventProblems(parsed.error, payload));
  }
  const event = parsed.data as TicketEvent;
  if (origin.system === OWN_SYSTEM) return { system: OWN_SYSTEM, event: withoutUrl(event) };
  refuseFuture(event, now);
  refuseForeignUrl(event, origin.system, systems);
  return { system: origin.system, event };
}

function typeOf(payload: unknown): string | undefined {
  const type = typeof payload === 'object' && payload !== null && 'type' in payload ? payload.type : undefined;
  return typeof type === 'string' ? type : undefined;
}

function refuseFuture(event: TicketEvent, now: Date): void {
  const aheadMs = Date.parse(event.time) - now.getTime();
  if (aheadMs <= MAX_CLOCK_SKEW_MS) return;
  throw new InvalidEventError(
    'clock_skew',
    `"time" is ${Math.round(aheadMs / 1000)} s ahead of our clock; at most ${MAX_CLOCK_SKEW_MS / 1000} s are allowed. Set the publisher's clock.`,
  );
}

/** A link in our mail leads to the publisher's own help desk and nowhere else. */
function refuseForeignUrl(event: TicketEvent, system: string, systems: InboundSystems): void {
  const home = systems.get(system);
  if (!home) {
    throw new InvalidEventError(
      'url_not_allowed',
      `No place for tickets of "${system}" is configured: an operator adds it to INBOUND_SYSTEMS.`,
    );
  }
  const { url } = event.data.ticket;
  if (url === undefined) {
    throw new InvalidEventError(
      'invalid_event',
      'data.ticket.url is missing: other systems say where the ticket opens.',
    );
  }
  if (!isBelow(new URL(url), home)) {
    throw new InvalidEventError('url_not_allowed', `data.ticket.url must begin with ${home.href} for "${system}".`);
  }
}

function isBelow(url: URL, home: URL): boolean {
  const folder = home.pathname.endsWith('/') ? home.pathname : `${home.pathname}/`;
  const isInside = url.pathname === home.pathname || url.pathname.startsWith(folder);
  // An encoded slash may become one behind a proxy, and `..%2f` then leads out of the folder.
  const isPlain = !url.username && !url.password && !/%2f|%5c/i.test(url.pathname);
  return url.origin === home.origin && isInside && isPlain;
}

/** Links to our own tickets come from PUBLIC_URL only. */
function withoutUrl(event: TicketEvent): TicketEvent {
  if (event.data.ticket.url === undefined) return event;
  const { url: _, ...ticket } = event.data.ticket;
  return { ...event, data: { ...event.data, ticket } } as TicketEvent;
}
