import type { z } from 'zod';
import { type EventType, events } from '../events/registry.js';
import { exampleOf } from '../reference/example.js';

const HOUR_MS = 60 * 60 * 1000;
/** In every event about a ticket. */
const COMMON = ['ticket', 'requester', 'actor'];

/** What an event of this type says when a test does not care. */
export function defaultData(type: EventType): Record<string, unknown> {
  const [context, name] = type.split('.') as [string, string];
  if (context === 'guest') return { ticketId: crypto.randomUUID(), challengeId: crypto.randomUUID() };
  if (context === 'erasure') return { erasureId: crypto.randomUUID(), person: '0'.repeat(64) };
  if (context === 'notification') return notificationData(name);
  return { ...ticketData(), actor: { kind: actorOf(name) }, ...extraData(type, name) };
}

function ticketData() {
  return {
    ticket: {
      id: crypto.randomUUID(),
      number: randomNumber(),
      status: 'open',
      category: 'trading',
      priority: 'normal',
      version: 1,
    },
    requester: { kind: 'guest', email: 'jana@example.com', locale: 'en' },
  };
}

function actorOf(name: string): string {
  if (['created', 'customer_replied', 'seen'].includes(name)) return 'customer';
  return name.startsWith('promise_') ? 'system' : 'agent';
}

/** What an event of this type has to say beyond that. */
function extraData(type: EventType, name: string): Record<string, unknown> {
  if (name === 'assigned')
    return { assignee: { kind: 'user', id: 'agent-1', email: 'agent@example.com', locale: 'en' } };
  const { shape } = events[type].shape.data as z.ZodObject;
  const names = Object.keys(shape).filter((field) => !COMMON.includes(field) && isRequired(shape[field] as z.ZodType));
  return Object.fromEntries(names.map((field) => [field, fieldOf(field, shape[field] as z.ZodType)]));
}

function isRequired(field: z.ZodType): boolean {
  return !field.safeParse(undefined).success;
}

function fieldOf(name: string, field: z.ZodType): unknown {
  if (name === 'message') return { id: crypto.randomUUID() };
  if (name === 'promise') return { kind: 'first_answer', at: new Date(Date.now() + HOUR_MS).toISOString() };
  return exampleOf(field, 'minimal', name);
}

function notificationData(name: string): Record<string, unknown> {
  return {
    deliveryId: crypto.randomUUID(),
    eventIds: [crypto.randomUUID()],
    channel: 'email',
    ticket: { id: crypto.randomUUID(), number: randomNumber() },
    recipient: { kind: 'guest' },
    ...(name === 'skipped' ? { reason: 'overtaken' } : {}),
  };
}

/** Six characters of Crockford's base 32, as our own tickets have. */
function randomNumber(): string {
  const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  return [...crypto.getRandomValues(new Uint8Array(6))].map((byte) => alphabet[byte % 32]).join('');
}
