import {
  describeEventProblems,
  events,
  isEventType,
  isTicketEventType,
  MAX_CLOCK_SKEW_MS,
  MAX_EVENT_AGE_MS,
  parseSubject,
  type TicketEvent,
} from '@bellhop/contracts/events';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { InvalidEventError } from '@bellhop/jetstream';
import type { InboundSystems } from '../config.js';
import type { Fact } from '../planning/fact.js';

export interface Clocks {
  readonly now: Date;
  /** When the stream took the event: what waited for us is not late. Without it no event is too old. */
  readonly takenAt?: Date;
}

/**
 * Lets an event in, or says in a sentence that its author understands why not.
 * @param subject the NATS subject it came by: the only proof of who published it
 * @throws InvalidEventError, which leads to the dead letters
 */
export function admit(subject: string, payload: unknown, systems: InboundSystems, clocks: Clocks): Fact {
  const origin = parseSubject(subject);
  if (!origin || !isTicketEventType(origin.type)) {
    throw new InvalidEventError('subject_mismatch', `Nothing is published on "${subject}": see the list of subjects.`);
  }
  const found = typeOf(payload);
  if (found !== undefined && found !== origin.type) {
    throw new InvalidEventError(
      'subject_mismatch',
      `The subject "${subject}" is for ${origin.type}, but "type" says ${isEventType(found) ? found : 'something else'}: let it say "${origin.type}", or publish on the subject of what it says.`,
    );
  }
  const schema = events[origin.type];
  const parsed = schema.safeParse(payload);
  if (!parsed.success) {
    throw new InvalidEventError('invalid_event', describeEventProblems(parsed.error, payload));
  }
  const event = parsed.data as TicketEvent;
  if (origin.system === OWN_SYSTEM) return { system: OWN_SYSTEM, event: withoutUrl(event) };
  refuseFuture(event, clocks.now);
  refuseOld(event, clocks.takenAt);
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

function refuseOld(event: TicketEvent, takenAt: Date | undefined): void {
  const maxAgeMs = MAX_EVENT_AGE_MS[event.type];
  if (takenAt === undefined || maxAgeMs === null) return;
  const ageMs = takenAt.getTime() - Date.parse(event.time);
  if (ageMs <= maxAgeMs) return;
  throw new InvalidEventError(
    'too_old',
    `"time" was ${hours(ageMs)} before the event was published; ${event.type} is news for ${hours(maxAgeMs)}. An operator can send it on.`,
  );
}

function hours(ms: number): string {
  return `${Math.floor(ms / 3_600_000)} h`;
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
  const problem = problemOfUrl(new URL(url), home);
  if (problem) throw new InvalidEventError('url_not_allowed', `data.ticket.url ${problem} for "${system}".`);
}

function problemOfUrl(url: URL, home: URL): string | null {
  if (url.username || url.password) return 'must not hold a user name or password';
  if (url.origin !== home.origin || !isBelow(url.pathname, home)) return `must begin with ${home.href}`;
  // Behind a proxy an encoded slash may become one, and `..%2f` then lead out of the folder.
  const decoded = new URL(url.pathname.replace(/%2f|%5c/gi, '/'), url.origin);
  return isBelow(decoded.pathname, home) ? null : `must not lead out of ${home.href} by encoded slashes (%2F, %5C)`;
}

function isBelow(path: string, home: URL): boolean {
  const folder = home.pathname.endsWith('/') ? home.pathname : `${home.pathname}/`;
  return path === home.pathname || path.startsWith(folder);
}

/** Links to our own tickets come from PUBLIC_URL only. */
function withoutUrl(event: TicketEvent): TicketEvent {
  if (event.data.ticket.url === undefined) return event;
  const { url: _, ...ticket } = event.data.ticket;
  return { ...event, data: { ...event.data, ticket } } as TicketEvent;
}
