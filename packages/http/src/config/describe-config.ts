import { z } from 'zod';
import type { FieldDocs } from './url-field.js';

/** One row of a configuration table. */
export interface SettingDocs extends Partial<FieldDocs> {
  name: string;
  isRequired: boolean;
  default?: string;
}

/** The rows of an app's configuration table, in the order of its schema. */
export function describeConfig(schema: z.ZodObject): SettingDocs[] {
  return Object.entries(schema.shape).map(([name, field]) => {
    const whenMissing = z.safeParse(field, undefined);
    const fallback = whenMissing.success ? whenMissing.data : undefined;
    return {
      name,
      ...fieldDocs(schema, name),
      isRequired: !whenMissing.success,
      ...(fallback === undefined ? {} : { default: String(fallback) }),
    };
  });
}

/** What the schema says of a setting, also when it was wrapped later by `.default()`, `.optional()` or `.transform()`. */
export function fieldDocs(schema: z.ZodType, name: string): Partial<FieldDocs> {
  const field = schema instanceof z.ZodObject ? schema.shape[name] : undefined;
  for (let inner: unknown = field; inner instanceof z.ZodType; inner = innerOf(inner)) {
    const docs = inner.meta() as Partial<FieldDocs> | undefined;
    if (docs?.description) return docs;
  }
  return {};
}

function innerOf(field: z.ZodType): unknown {
  const definition = field.def as { innerType?: unknown; in?: unknown };
  return definition.innerType ?? definition.in;
}
