import { z } from 'zod';
import { stringOf } from '../shape.js';

const TIMESTAMP = 'an RFC 3339 time with a zone, of the years 1970 to 2999, such as "2026-11-22T10:15:30.123Z"';

/** As RFC 3339 §5.6 has it: `T` and `Z` may be small, and a second may be a leap second. Whether the day exists is checked afterwards. */
const RFC_3339 =
  /^(?:19[7-9]|2[0-9]{2})[0-9]-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{1,32})?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$/;

/** RFC 3339 time with a zone, for example `2026-11-22T10:15:30.123Z`. */
export const timestamp = z
  .string({ error: `must be ${TIMESTAMP}` })
  .regex(RFC_3339, { error: `must be ${TIMESTAMP}`, abort: true })
  // No clock of ours has a leap second: it is the second before it.
  .transform((time) => time.toUpperCase().replace(/:60(?=[.Z+-])/, ':59'))
  .refine(isInstant, { error: `must be ${TIMESTAMP}` })
  .meta({ description: 'RFC 3339 time with a zone.', format: 'date-time', examples: ['2026-11-22T10:15:30.123Z'] });

/** Printable ASCII without spaces: it travels as a message header. */
export const eventId = stringOf(
  /^[\x21-\x7e]{1,128}$/,
  '1 to 128 printable ASCII characters without spaces, such as a UUID',
).meta({
  description:
    'Unique among all events of the publishing system; the key of deduplication, for 30 days. The same fact published again keeps its id.',
  examples: ['0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11'],
});

const CONTENT_TYPE = 'must be a media type of JSON such as "application/json", or be left out';
/** RFC 9110 §8.3.1: type and subtype in any case, parameters behind a semicolon; RFC 6838 §4.2.8 for `+json`. */
const JSON_MEDIA_TYPE =
  /^[ \t]*[A-Za-z0-9!#$&^_.+-]{1,127}\/(?:[A-Za-z0-9!#$&^_.+-]{1,120}\+)?[Jj][Ss][Oo][Nn][ \t]*(?:;[\x20-\x7e\t]{0,900})?$/;

/** The JSON format of CloudEvents 1.0.2, §2.2: `null` is the same as left out. */
function absent<T extends z.ZodType>(attribute: T) {
  return attribute
    .nullish()
    .transform((value) => value ?? undefined)
    .optional();
}

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
    examples: ['urn:example:crm'],
  }),
  subject: absent(z.string({ error: "must be the ticket's id, or be left out" })).meta({
    $comment: 'text',
    description: "The ticket's id, the same as in `data`. Not used: `data` counts.",
    examples: ['48213'],
  }),
  time: timestamp.meta({ description: 'When it happened, at most 10 minutes ahead of our clock.' }),
  datacontenttype: absent(
    z
      .string({ error: CONTENT_TYPE })
      .regex(JSON_MEDIA_TYPE, { error: CONTENT_TYPE })
      .transform(() => 'application/json' as const),
  ).meta({
    $comment: 'a media type',
    description: 'A media type of JSON, such as `application/json`.',
    examples: ['application/json'],
  }),
  traceparent: z
    .unknown()
    .transform(readTraceparent)
    .optional()
    .meta({
      $comment: 'a W3C traceparent',
      description:
        'W3C Trace Context (https://www.w3.org/TR/trace-context/#traceparent-header). One that is broken is ignored.',
      examples: ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    }),
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

/** What the contract says of an event. */
export interface EventDefinition {
  readonly shape: ReturnType<typeof cloudEvent>;
  /** Ends the sentence "Emitted when …". */
  readonly emittedWhen: string;
  /** Who is notified of it by default. */
  readonly notified: string;
}

/** Whether the day exists; and the zone can carry the first and the last hours of the range out of it. */
function isInstant(time: string): boolean {
  const at = new Date(time);
  // A day of 30 or 31 in a shorter month becomes one of the next.
  const isDay = new Date(`${time.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(time.slice(8, 10));
  return isDay && at.getUTCFullYear() >= 1970 && at.getUTCFullYear() <= 2999;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const NO_IDS = /^0+$/;

/** W3C Trace Context §3.2: of a later version the fields that are known count, and what is invalid is ignored. */
function readTraceparent(value: unknown): string | undefined {
  const [, version, trace = '', parent = '', flags, more] =
    TRACEPARENT.exec(typeof value === 'string' ? value : '') ?? [];
  if (version === undefined || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  return NO_IDS.test(trace) || NO_IDS.test(parent) ? undefined : `${version}-${trace}-${parent}-${flags}`;
}
