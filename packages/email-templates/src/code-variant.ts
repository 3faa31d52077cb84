import type { Variant } from './alert.js';
import type { Locale } from './locales.js';

/** The mail with a code always says until when the code is valid, and only guests get it. */
export function codeVariant(locale: Locale, plural: Variant['plural']): Variant<'code'> {
  return { template: 'code', audience: 'guest', locale, plural, hasDeadline: true, hasPhrase: false };
}
