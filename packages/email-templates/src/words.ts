import { type Audience, type TemplateName, type Words } from './alert.js';
import { en } from './catalogs/en.js';
import { EmailTemplateError } from './errors.js';
import { type Locale, languages, locales } from './locales.js';

/** @throws EmailTemplateError `no_such_template` */
export function wordsOf(template: TemplateName, audience: Audience, locale: Locale): Words {
  const { requester, agent } = languages[locale].catalog;
  const all: Partial<Record<TemplateName, Words>> = audience === 'agent' ? agent : requester;
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
  [...Object.entries(en.requester), ...Object.entries(en.agent)]
    .filter(([, words]) => words.subject.includes('{count, plural,'))
    .map(([template]) => template),
);

/** The forms of plural that a variant is needed for. */
export function pluralsOf(template: TemplateName, locale: Locale): Intl.LDMLPluralRule[] {
  return counted.has(template) ? counting[locale].rules.resolvedOptions().pluralCategories : ['other'];
}

const counting = Object.fromEntries(
  locales.map((locale) => [locale, { rules: new Intl.PluralRules(locale), digits: new Intl.NumberFormat(locale) }]),
) as Record<Locale, { rules: Intl.PluralRules; digits: Intl.NumberFormat }>;

/** Fewer than one reply, or no number, is taken for one: the mail exists because there is something to read. */
export function describeCount(template: TemplateName, locale: Locale, replies = 1) {
  if (!counted.has(template)) return { plural: 'other' as const, count: '' };
  const count = replies > 1 ? Math.trunc(replies) : 1;
  const { rules, digits } = counting[locale];
  return { plural: rules.select(count), count: digits.format(count) };
}
