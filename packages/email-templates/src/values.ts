import {
  type AlertContent,
  type Audience,
  type TemplateName,
  templates,
  type Values,
  type Variant,
  type Words,
} from './alert.js';
import { EmailTemplateError } from './errors.js';
import { type Locale, languages, locales, resolveLocale } from './locales.js';
import { describeMoment } from './moment.js';

const known = new Set(
  Object.entries(templates).flatMap(([audience, names]) => names.map((name) => `${audience} ${name}`)),
);

/** @throws EmailTemplateError `no_such_template` */
export function wordsOf(template: TemplateName, audience: Audience, locale: Locale): Words {
  if (!known.has(`${audience} ${template}`)) {
    throw new EmailTemplateError(
      'no_such_template',
      `There is no "${template}" mail for "${audience}": see \`templates\`.`,
    );
  }
  const { requester, agent } = languages[locale].catalog;
  const words: Partial<Record<TemplateName, Words>> = audience === 'agent' ? agent : requester;
  return words[template] as Words;
}

const counting = new Map(
  locales.map((locale) => [locale, { rules: new Intl.PluralRules(locale), digits: new Intl.NumberFormat(locale) }]),
);

export function pluralCategories(locale: Locale): Intl.LDMLPluralRule[] {
  return new Intl.PluralRules(locale).resolvedOptions().pluralCategories;
}

export function isCounted(words: Words): boolean {
  return words.subject.includes('{count, plural,');
}

/** Which variant a content asks for, and what is to be filled into it. */
export function resolveAlert(template: TemplateName, audience: Audience, content: AlertContent): [Variant, Values] {
  const locale = resolveLocale(content.locale);
  const words = wordsOf(template, audience, locale);
  const count = content.count !== undefined && content.count > 1 ? Math.trunc(content.count) : 1;
  const { rules, digits } = counting.get(locale)!;
  const plural = isCounted(words) ? rules.select(count) : 'other';
  const hasDeadline = words.deadline !== undefined && content.at !== undefined;
  const moment = hasDeadline ? describeMoment(content.at!, locale, content.timezone) : { date: '', time: '', zone: '' };
  const values = {
    number: singleLine(content.number),
    link: webAddress(content.link),
    brand: singleLine(content.brand),
    count: digits.format(count),
    ...moment,
  };
  return [{ template, audience, locale, plural, hasDeadline }, values];
}

// Control characters and line separators would end a header; the bidirectional overrides can make text read as another.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu;
const LONE_SURROGATE = /\p{Cs}/gu;
const PLAIN = /^[\x20-\x7E]*$/;

function singleLine(value: string): string {
  if (PLAIN.test(value)) return value;
  return value.replace(UNSAFE, ' ').replace(LONE_SURROGATE, '\uFFFD');
}

/** The address as the WHATWG parser writes it: ASCII host, nothing unescaped, and surely no other scheme. */
function webAddress(link: string): string {
  const url = URL.canParse(link) ? new URL(link) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || !isWeb || url.username !== '' || url.password !== '') {
    throw new EmailTemplateError(
      'link_not_allowed',
      'The link of an alert must be an absolute http or https address without user and password.',
    );
  }
  return url.href;
}
