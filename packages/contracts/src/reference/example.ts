import { z } from 'zod';
import type { JsonSchema } from './json-schemas.js';

/** `full`: every field, alternatives as the first of them. `minimal`: what is required, alternatives as the last of them. */
export type ExampleKind = 'full' | 'minimal';

const UUID = '0199f3a0-2b1c-7b0a-8c55-6f0d2f7f1a90';

/** A value that a shape takes, made of the examples that its fields have. Throws where a field has none. */
export function exampleOf(shape: z.ZodType, kind: ExampleKind, name = 'the event'): unknown {
  // As output: zod leaves out the examples of what it transforms otherwise.
  return exampleAt(z.toJSONSchema(shape, { io: 'output', unrepresentable: 'any' }), kind, name);
}

function exampleAt(schema: JsonSchema, kind: ExampleKind, path: string): unknown {
  const [example] = schema.examples ?? [];
  if (example !== undefined) return example;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (schema.oneOf) return exampleAt(schema.oneOf.at(kind === 'full' ? 0 : -1) as JsonSchema, kind, path);
  if (schema.properties) return objectOf(schema, kind, path);
  if (schema.format === 'uuid') return UUID;
  if (schema.type === 'array') return [exampleAt(schema.items as JsonSchema, kind, `${path}[0]`)];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer') return 1;
  throw new Error(`${path} has no example: give its shape \`.meta({ examples: […] })\``);
}

function objectOf({ properties = {}, required = [] }: JsonSchema, kind: ExampleKind, path: string): unknown {
  const fields = Object.entries(properties).filter(([name]) => kind === 'full' || required.includes(name));
  return Object.fromEntries(
    fields.map(([name, field]) => [name, exampleAt(field as JsonSchema, kind, `${path}.${name}`)]),
  );
}
