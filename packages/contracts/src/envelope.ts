import { z } from 'zod';
import { stringOf } from './shape.js';

const TIMESTAMP = 'an RFC 3339 time with a zone, of the years 1970 to 2999, such as "2026-11-22T10:15:30.123Z"';

/** RFC 3339 time with a zone, for example `2026-11-22T10:15:30.123Z`. */
export const timestamp = z.iso
  .datetime({ offset: true, error: `must be ${TIMESTAMP}` })
  .regex(/^(19[7-9]|2\d\d)\d-/, { error: `must be ${TIMESTAMP}`, abort: true })
  .refine(isInRangeAsUtc, { error: `must be ${TIMESTAMP}` })
  .meta({ description: 'RFC 3339 time with a zone.', format: 'date-time', examples: ['2026-11-22T10:15:30.123Z'] });

/** Printable ASCII without spaces: it travels as a message header. */
export const eventId = stringOf(
  /^[\x21-\x7e]{1,128}$/,
  '1 to 128 printable ASCII characters without spaces, such as a UUID',
).meta({
  description:
    'Unique among all events of the publishing system; the key of deduplication, for 30 days. The same fact published again keeps its id.',
});

/** What every event says about itself, apart from `type` and `data`. */
const attributes = {
  specversion: z
    .literal('1.0', { error: 'must be "1.0", the version of CloudEvents' })
    .meta({ description: 'Version of CloudEvents, always `1.0`.' }),
  id: eventId,
  source: stringOf(
    /^[\x21-\x7e]{1,512}$/,
    'a URI reference of 1 to 512 ASCII characters, such as "urn:example:crm"',
  ).meta({
    description: 'Names the publisher, for people. Who published is known by the NATS subject and by nothing else.',
  }),
  subject: z
    .string({ error: "must be the ticket's id" })
    .min(1, "must be the ticket's id, or be left out")
    .max(64, 'must be at most 64 characters long')
    .optional()
    .meta({ description: "The ticket's id, the same as in `data`." }),
  time: timestamp.meta({ description: 'When it happened, at most 10 minutes ahead of our clock.' }),
  datacontenttype: z
    .literal('application/json', { error: 'must be "application/json", or be left out' })
    .optional()
    .meta({ description: 'Always `application/json`.' }),
  traceparent: stringOf(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/, 'a W3C traceparent, or be left out')
    .optional()
    .meta({ description: 'W3C Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header).' }),
};

/**
 * CloudEvents 1.0, structured JSON mode (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
 * Unknown attributes are ignored, as the specification asks of readers.
 */
export function cloudEvent<const T extends string, D extends z.ZodType>(type: T, data: D) {
  return z.object({
    specversion: attributes.specversion,
    id: attributes.id,
    source: attributes.source,
    type: z.literal(type).meta({ description: 'What happened, and the version of its shape.' }),
    subject: attributes.subject,
    time: attributes.time,
    datacontenttype: attributes.datacontenttype,
    traceparent: attributes.traceparent,
    data,
  });
}

/** The zone can carry the first and the last hours of the range out of it. */
function isInRangeAsUtc(time: string): boolean {
  const year = new Date(time).getUTCFullYear();
  return year >= 1970 && year <= 2999;
}
