import { type EventOf, type EventType, events } from '../events/registry.js';
import { defaultData } from './default-data.js';

/** Any part of a shape, at any depth; arrays are replaced as a whole. */
type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T]?: DeepPartial<T[K]> | undefined }
    : T;

/** Every member of a union by itself, so that parts of a guest and of a user are both taken. */
type PartialOf<T> = T extends unknown ? DeepPartial<T> : never;
type Envelope<T extends EventType> = Omit<EventOf<T>, 'type' | 'data'>;

/**
 * A valid event with a fresh id and a fresh ticket: `buildEvent('ticket.replied.v1', { ticket: { version: 5 } })`.
 * `data` and `envelope` are laid over it; `undefined` takes a field away. What comes out is not checked, so that a test
 * may ask for something invalid.
 */
export function buildEvent<T extends EventType>(
  type: T,
  data: PartialOf<EventOf<T>['data']> | Record<string, never> = {},
  envelope: Partial<Envelope<T>> = {},
): EventOf<T> {
  const full = overlay(defaultData(type), data) as { ticket?: { id?: string }; ticketId?: string };
  const id = full.ticket?.id ?? full.ticketId;
  const event = {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: `urn:bellhop:${type.split('.')[0]}s`,
    type,
    ...(typeof id === 'string' ? { subject: id } : {}),
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
  };
  return { ...(overlay(event, envelope) as object), data: full } as EventOf<T>;
}

/** Checked when this module is first used: a default that its own contract refuses would spoil every test. */
for (const type of Object.keys(events) as EventType[]) events[type].parse(buildEvent(type));

function overlay(base: unknown, over: unknown): unknown {
  if (!isPlainObject(base) || !isPlainObject(over)) return over;
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    if (value === undefined) delete result[key];
    else result[key] = key in result ? overlay(result[key], value) : value;
  }
  return result;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
