import { z } from 'zod';
import { definitions, type EventType, events } from '../events/registry.js';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/**
 * The JSON Schema (draft 2020-12) of an event, as a reader applies it: fields that it does not know are allowed,
 * because a later minor version may add some. Two rules do not fit into JSON Schema: a time zone must exist, and
 * `ticket.url` must parse.
 */
export function jsonSchemaOf(type: EventType): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:bellhop:schema:${type}`,
    title: type,
    description: `Emitted when ${definitions[type].emittedWhen}.`,
    ...z.toJSONSchema(events[type], { target: 'draft-2020-12', io: 'input' }),
  };
}
