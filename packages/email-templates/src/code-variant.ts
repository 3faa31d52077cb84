import type { Variant } from './alert.js';
import type { Locale } from './locales.js';

/** A code always says until when it is good, and only guests need one. */
export function codeVariant(locale: Locale, plural: Variant['plural']): Variant<'code'> {
  return { template: 'code', audience: 'guest', locale, plural, hasDeadline: true };
}
