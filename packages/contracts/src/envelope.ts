import { z } from 'zod';

/** RFC 3339 time with a zone, for example `2026-11-22T10:15:30.123Z`. */
export const timestamp = z.iso.datetime({ offset: true });

/**
 * CloudEvents 1.0, structured JSON mode (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
 * Unknown attributes are ignored, as the specification asks of readers.
 */
export function cloudEvent<const T extends string, D extends z.ZodType>(type: T, data: D) {
  return z.object({
    specversion: z.literal('1.0'),
    /** Unique per publishing system for 30 days; the key of deduplication. */
    id: z
      .string()
      .min(1)
      .max(128)
      .regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces'),
    /** A URI-reference that names the publisher. Informative: who published is known by the NATS subject. */
    source: z.string().min(1).max(512),
    type: z.literal(type),
    /** The ticket's id. */
    subject: z.string().min(1).max(64).optional(),
    time: timestamp,
    datacontenttype: z.literal('application/json').optional(),
    /** W3C Trace Context, https://www.w3.org/TR/trace-context/#traceparent-header */
    traceparent: z
      .string()
      .regex(/^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/)
      .optional(),
    data,
  });
}
