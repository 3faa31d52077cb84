import { OWN_SYSTEM, systemName } from '../persons/system.js';
import { type EventType, isEventType } from './registry.js';

const CONTEXTS = {
  ticket: 'tickets',
  guest: 'guests',
  notification: 'notifications',
  erasure: 'erasures',
} as const;

/** Our own subject of an event: `ticket.replied.v1` → `tickets.v1.replied`. */
export function subjectOf(type: EventType): string {
  const [context, name, version] = type.split('.') as [keyof typeof CONTEXTS, string, string];
  return `${CONTEXTS[context]}.${version}.${name}`;
}

/** Where another system publishes it: `crm`, `ticket.replied.v1` → `inbound.crm.tickets.v1.replied`. */
export function inboundSubjectOf(system: string, type: EventType): string {
  return `inbound.${systemName.parse(system)}.${subjectOf(type)}`;
}

const parsed = new Map<string, { readonly system: string; readonly type: EventType }>();
/** More than all subjects of twenty systems. */
const MAX_PARSED = 1_000;

/**
 * Reads who published, and what, from a subject: `inbound.crm.tickets.v1.replied` → `{system: 'crm', type: 'ticket.replied.v1'}`.
 * Returns null for a subject that is none of ours.
 */
export function parseSubject(subject: string): { readonly system: string; readonly type: EventType } | null {
  const known = parsed.get(subject);
  if (known) return known;
  const read = readSubject(subject);
  if (read && parsed.size < MAX_PARSED) parsed.set(subject, read);
  return read;
}

function readSubject(subject: string): { system: string; type: EventType } | null {
  const tokens = subject.split('.');
  const system = tokens[0] === 'inbound' ? tokens[1] : OWN_SYSTEM;
  const [context, version, name, ...rest] = tokens[0] === 'inbound' ? tokens.slice(2) : tokens;
  const noun = Object.entries(CONTEXTS).find(([, plural]) => plural === context)?.[0];
  const type = `${noun}.${name}.${version}`;
  if (rest.length > 0 || !isEventType(type) || !systemName.safeParse(system).success) return null;
  if (tokens[0] === 'inbound' && system === OWN_SYSTEM) return null;
  return { system: system as string, type };
}

/** Who published on a subject, also where the rest of it is none of ours: `inbound.crm.nonsense` → `crm`. */
export function publisherOf(subject: string): string {
  const [first, system] = subject.split('.');
  if (first !== 'inbound') return OWN_SYSTEM;
  return systemName.safeParse(system).success && system !== OWN_SYSTEM ? (system as string) : 'unknown';
}
