import { z } from 'zod';
import type { FieldDocs } from './url-field.js';

/**
 * A setting with a reader of its own, whose complaint becomes that of the setting.
 * @param parse throws an Error whose message reads on from the name of the setting, such as `must be …`, and never repeats a value
 */
export function parsedField<T>(parse: (text: string) => T, docs: FieldDocs) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    })
    .meta({ ...docs });
}
