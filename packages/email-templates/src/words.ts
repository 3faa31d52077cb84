import type { Audience, TemplateName, Words } from './alert.js';
import { en } from './catalogs/en.js';
import { EmailTemplateError } from './errors.js';
import { type Locale, languages, locales } from './locales.js';

/** @throws EmailTemplateError `no_such_template` */
export function wordsOf(template: TemplateName, audience: Audience, locale: Locale): Words {
  const { requester, guest, agent } = languages[locale].catalog;
  const forRequester = audience === 'guest' ? { ...requester, ...guest } : requester;
  const all: Partial<Record<TemplateName, Words>> = audience === 'agent' ? agent : forRequester;
  const words = all[template];
  if (words?.subject === undefined) {
    throw new EmailTemplateError(
      'no_such_template',
      `There is no "${template}" mail for "${audience}": see \`templates\`.`,
    );
  }
  return words;
}

const counted = new Set(
  [
    ...Object.entries(en.requester),
    ...Object.entries(en.guest),
    ...Object.entries(en.agent),
    ['code', en.code] as const,
  ]
    .filter(([, words]) => Object.values(words).some((message) => message.includes('{count, plural,')))
    .map(([template]) => template),
);

/** Whether the words of a mail depend on a number. */
export function isCounted(template: TemplateName | 'code'): boolean {
  return counted.has(template);
}

/** The forms of plural that a variant is needed for. */
export function pluralsOf(template: TemplateName | 'code', locale: Locale): Intl.LDMLPluralRule[] {
  return isCounted(template) ? counting[locale].rules.resolvedOptions().pluralCategories : ['other'];
}

const counting = Object.fromEntries(
  locales.map((locale) => [locale, { rules: new Intl.PluralRules(locale), digits: new Intl.NumberFormat(locale) }]),
) as Record<Locale, { rules: Intl.PluralRules; digits: Intl.NumberFormat }>;

/** Less than one, or NaN, counts as one: without a reply, ticket or minute there would be no mail. */
export function describeCount(template: TemplateName | 'code', locale: Locale, wanted = 1) {
  if (!isCounted(template)) return { plural: 'other' as const, count: '' };
  const count = wanted > 1 ? Math.trunc(wanted) : 1;
  const { rules, digits } = counting[locale];
  return { plural: rules.select(count), count: digits.format(count) };
}
