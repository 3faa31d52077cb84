import { describeEventProblems, describeShape } from './describe-problems.js';
import { type BellhopEvent, type EventType, events, isEventType } from './registry.js';

export type EventReading = { ok: true; event: BellhopEvent } | { ok: false; detail: string };

/**
 * Reads an event as every reader must: fields that it does not know are left out, everything else has to be right.
 * `detail` is a sentence for the author of the event and holds no value of it.
 */
export function readEvent(input: unknown): EventReading {
  const type = typeof input === 'object' && input !== null ? (input as { type?: unknown }).type : undefined;
  if (!isEventType(type)) return { ok: false, detail: describeUnknownType(input, type) };
  const result = events[type].safeParse(input);
  return result.success
    ? { ok: true, event: result.data as BellhopEvent }
    : { ok: false, detail: describeEventProblems(result.error, input) };
}

function describeUnknownType(input: unknown, type: unknown): string {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    return `the event ${describeShape(input)}, must be a JSON object in the CloudEvents 1.0 structured format`;
  }
  const example: EventType = 'ticket.replied.v1';
  return `type ${describeShape(type)}, must be one of the contract's event types, for example "${example}"`;
}
