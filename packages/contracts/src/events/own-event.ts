import { readEvent } from './read-event.js';
import type { BellhopEvent } from './registry.js';

/** One of our own services tried to publish what the contract does not allow: a bug of that service, not of its caller. */
class InvalidOwnEventError extends Error {
  override readonly name = 'InvalidOwnEventError';
  readonly code = 'invalid_own_event';
}

/**
 * Checks an event as a writer of ours must: valid, without any field that the contract does not know, with the
 * ticket's id as `subject` and without `ticket.url`, which is for other systems. Returns it with its fields in contract order.
 */
export function parseOwnEvent(input: BellhopEvent): BellhopEvent {
  const reading = readEvent(input);
  if (!reading.ok) throw new InvalidOwnEventError(`${input.type} is not published: ${reading.detail}`);
  const unknown = unknownFields(input, reading.event);
  if (unknown.length > 0) {
    const hint = 'add them to the contract as optional fields, or leave them out';
    throw new InvalidOwnEventError(
      `${input.type} has fields that the contract does not know (${unknown.join(', ')}): ${hint}`,
    );
  }
  checkTicket(reading.event);
  return reading.event;
}

function checkTicket(event: BellhopEvent): void {
  if (!('ticket' in event.data) || !('requester' in event.data)) return;
  if (event.data.ticket.url !== undefined) {
    throw new InvalidOwnEventError(
      `${event.type} has data.ticket.url: leave it out, our own links come from PUBLIC_URL`,
    );
  }
  if (event.subject !== undefined && event.subject !== event.data.ticket.id) {
    throw new InvalidOwnEventError(`${event.type} has a subject that is not data.ticket.id: use the ticket's id`);
  }
}

/** Paths that are in the input and were left out by the schema. */
function unknownFields(input: unknown, parsed: unknown, path = ''): string[] {
  if (typeof input !== 'object' || input === null) return [];
  return Object.entries(input).flatMap(([key, value]) => {
    if (value === undefined) return [];
    const here = path === '' ? key : `${path}.${key}`;
    const known = typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, key);
    return known ? unknownFields(value, (parsed as Record<string, unknown>)[key], here) : [here];
  });
}
