import type { AlertContent, Audience, CodeContent, Values, Variant } from '../alert.js';
import { allVariants } from '../compile.js';
import type { Locale } from '../locales.js';
import { resolveAlert, resolveCode } from '../values.js';

export interface Sample {
  /** stable address of the sample, such as `replied.guest.pl.few` */
  id: string;
  /** which of several shapes in one language: a form of plural, or whether a time is due; empty for the only one */
  form: string;
  variant: Variant;
  /** what a content that leads to the variant fills into it */
  values: Values;
}

const timezones: Record<Locale, string> = {
  en: 'America/New_York',
  de: 'Europe/Berlin',
  pl: 'Europe/Warsaw',
  'zh-CN': 'Asia/Shanghai',
};

const links: Record<Audience, string> = {
  customer: 'https://support.example.com/tickets/7K4M2Q',
  guest: 'https://support.example.com/t/Zk3wqv0n1sXHc7mJrT5eYbL2uDpAfG8Q',
  inbound_guest: 'https://crm.example.net/help/7K4M2Q',
  agent: 'https://support.example.com/desk/tickets/7K4M2Q',
};

/** Every variant that a whole number of replies or minutes can lead to, filled in. */
export function allSamples(): Sample[] {
  return allVariants().flatMap((variant, _, all) => {
    const count = countFor(variant);
    if (count === undefined) return [];
    const hasTwin = all.some((other) => isTwin(variant, other));
    const form = isCounting(variant) ? variant.plural : hasTwin ? dueForm(variant) : '';
    return [{ id: idOf(variant), form, variant, values: valuesFor(variant, count) }];
  });
}

function isCounting({ template }: Variant): boolean {
  return template.endsWith('replied') || template === 'tickets_waiting' || template === 'code';
}

/** The same mail, with a time that is due instead of without, or the other way round. */
function isTwin(one: Variant, other: Variant): boolean {
  return one.template === other.template && one.audience === other.audience && one.hasDeadline !== other.hasDeadline;
}

function dueForm({ hasDeadline }: Variant): string {
  return hasDeadline ? 'with a time' : 'without a time';
}

function countFor(variant: Variant): number | undefined {
  if (!isCounting(variant)) return 1;
  const rules = new Intl.PluralRules(variant.locale);
  const counts = Array.from({ length: 100 }, (_, index) => index + 1);
  // Codes are good for ten minutes.
  return (variant.template === 'code' ? [10, ...counts] : counts).find(
    (count) => rules.select(count) === variant.plural,
  );
}

function idOf(variant: Variant): string {
  const { template, audience, locale, plural, hasDeadline } = variant;
  const form = isCounting(variant) ? [plural] : hasDeadline ? ['deadline'] : [];
  return [template, audience, locale, ...form].join('.');
}

function valuesFor(variant: Variant, count: number): Values {
  const { template } = variant;
  const [, values] =
    template === 'code'
      ? resolveCode(codeFor(variant, count))
      : resolveAlert(template, variant.audience, contentFor(variant, count));
  return values;
}

function codeFor({ locale }: Variant, validMinutes: number): CodeContent {
  const site = 'https://support.example.com/';
  const expiresAt = new Date('2026-11-24T13:30:00Z');
  return { code: '480217', number: '7K4M2Q', site, brand: 'Bellhop', locale, expiresAt, validMinutes };
}

function contentFor({ audience, locale, hasDeadline }: Variant, count: number): AlertContent {
  const isGuest = audience === 'guest' || audience === 'inbound_guest';
  return {
    number: '7K4M2Q',
    link: links[audience],
    brand: 'Bellhop',
    locale,
    // Guests have no time zone: theirs is UTC.
    ...(isGuest ? {} : { timezone: timezones[locale] }),
    ...(hasDeadline ? { at: new Date('2026-11-24T13:30:00Z') } : {}),
    count,
  };
}
