import { IntlMessageFormat } from 'intl-messageformat';
import type { Variant } from './alert.js';

/** A piece of text that leads to the ticket. */
export interface Linked {
  linked: string;
}

const parsed = new Map<string, IntlMessageFormat>();

/**
 * Formats one ICU message. Which plural form is taken, and how `#` is written, is decided by the variant and the values
 * instead of by a number, so that a message can also be formatted before the number is known.
 */
export function formatMessage(message: string, variant: Variant, values: Record<string, string>): (string | Linked)[] {
  const key = `${variant.locale} ${message}`;
  const ast = parsed.get(key) ?? new IntlMessageFormat(message, variant.locale);
  parsed.set(key, ast);
  const formatters = {
    getNumberFormat: () => ({ format: () => values.count }),
    getPluralRules: () => ({ select: () => variant.plural }),
    getDateTimeFormat: () => {
      throw new TypeError('Messages take ready-made dates.');
    },
  };
  const result = new IntlMessageFormat(ast.getAst(), variant.locale, undefined, {
    formatters: formatters as never,
  }).format<string | Linked>({ ...values, count: Number.NaN, link: (parts) => ({ linked: parts.join('') }) });
  return Array.isArray(result) ? result : [result];
}
