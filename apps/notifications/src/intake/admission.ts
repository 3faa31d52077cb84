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
  /** When the stream stored the event: time spent in our backlog is not age. Without it no event is too old. */
  readonly storedAt?: Date;
}

/**
 * Admits an event, or tells its publisher in a sentence why not.
 * @param subject the NATS subject it arrived on: the only proof of who published it
 * @throws InvalidEventError: the event becomes a dead letter
 */
export function admit(subject: string, payload: unknown, systems: InboundSystems, clocks: Clocks): Fact {
  const origin = parseSubject(subject);
  if (!origin || !isTicketEventType(origin.type)) {
    throw new InvalidEventError(
      'subject_mismatch',
      `No ticket event has the subject "${subject}": see the list of subjects.`,
    );
  }
  const found = typeOf(payload);
  if (found !== undefined && found !== origin.type) {
    throw new InvalidEventError(
      'subject_mismatch',
      `The subject "${subject}" is for ${origin.type}, but "type" says ${isEventType(found) ? found : 'something else'}: set it to "${origin.type}", or publish on the subject of its type.`,
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
  refuseOld(event, clocks.storedAt);
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
    `"time" is ${Math.round(aheadMs / 1000)} s ahead of our clock; at most ${MAX_CLOCK_SKEW_MS / 1000} s are allowed. Correct the publisher's clock.`,
  );
}

function refuseOld(event: TicketEvent, storedAt: Date | undefined): void {
  const maxAgeMs = MAX_EVENT_AGE_MS[event.type];
  if (storedAt === undefined || maxAgeMs === null) return;
  const ageMs = storedAt.getTime() - Date.parse(event.time);
  if (ageMs <= maxAgeMs) return;
  throw new InvalidEventError(
    'too_old',
    `"time" was ${hours(ageMs)} before the event was published; ${event.type} is accepted for ${hours(maxAgeMs)}. An operator can redrive it.`,
  );
}

function hours(ms: number): string {
  return `${Math.floor(ms / 3_600_000)} h`;
}

/** A link in our mail leads to the publisher's own help desk only. */
function refuseForeignUrl(event: TicketEvent, system: string, systems: InboundSystems): void {
  const base = systems.get(system);
  if (!base) {
    throw new InvalidEventError(
      'url_not_allowed',
      `No base address for tickets of "${system}" is configured: an operator adds it to INBOUND_SYSTEMS.`,
    );
  }
  const { url } = event.data.ticket;
  if (url === undefined) {
    throw new InvalidEventError(
      'invalid_event',
      'data.ticket.url is missing: other systems give the address of their ticket.',
    );
  }
  const problem = problemOfUrl(new URL(url), base);
  if (problem) throw new InvalidEventError('url_not_allowed', `data.ticket.url ${problem} for "${system}".`);
}

function problemOfUrl(url: URL, base: URL): string | null {
  if (url.username || url.password) return 'must not hold a user name or password';
  if (url.origin !== base.origin || !isBelow(url.pathname, base)) return `must begin with ${base.href}`;
  // A proxy may decode an encoded slash: `..%2f` would then lead out of the folder.
  const decoded = new URL(url.pathname.replace(/%2f|%5c/gi, '/'), url.origin);
  return isBelow(decoded.pathname, base) ? null : `must not lead out of ${base.href} by encoded slashes (%2F, %5C)`;
}

function isBelow(path: string, base: URL): boolean {
  const folder = base.pathname.endsWith('/') ? base.pathname : `${base.pathname}/`;
  return path === base.pathname || path.startsWith(folder);
}

/** Links to our own tickets come from PUBLIC_URL only. */
function withoutUrl(event: TicketEvent): TicketEvent {
  if (event.data.ticket.url === undefined) return event;
  const { url: _, ...ticket } = event.data.ticket;
  return { ...event, data: { ...event.data, ticket } } as TicketEvent;
}
