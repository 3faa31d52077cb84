import type { JsonSchema } from './json-schemas.js';

export interface FieldRow {
  path: string;
  /** `string`, `"open" or "closed"`, `true or false` … */
  kind: string;
  isRequired: boolean;
  meaning: string;
}

/** Every field of a schema with its path, parents before their children; alternatives (`kind`) one after the other. */
export function fieldRows(schema: JsonSchema, path = ''): FieldRow[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const here = path === '' ? name : `${path}.${name}`;
    const property = field as JsonSchema;
    const row = {
      path: here,
      kind: kindOf(property),
      isRequired: required.has(name),
      meaning: property.description ?? '',
    };
    return [row, ...childRows(property, here)];
  });
}

function childRows(schema: JsonSchema, path: string): FieldRow[] {
  const alternatives = (schema.oneOf ?? []) as JsonSchema[];
  if (alternatives.length === 0) return fieldRows(schema, path);
  return alternatives.flatMap((alternative) => {
    const kind = (alternative.properties?.kind as JsonSchema | undefined)?.const;
    return fieldRows(alternative, `${path} (${String(kind)})`);
  });
}

function kindOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.oneOf) return 'object';
  if (schema.type === 'array') return `list, each ${kindOf(schema.items as JsonSchema)}`;
  if (schema.type === 'boolean') return '`true`, `false`';
  if (schema.type === 'integer') return 'whole number from 1';
  if (schema.format === 'date-time') return 'time';
  return schema.$comment ?? String(schema.type ?? 'any');
}

const code = (value: unknown) => `\`${JSON.stringify(value)}\``;
