import type { AlertContent, Variant } from '../alert.js';
import { allVariants } from '../compile.js';
import type { Locale } from '../locales.js';

export interface Sample {
  /** stable address of the sample, such as `replied.guest.pl.few` */
  id: string;
  variant: Variant;
  content: AlertContent;
}

const timezones: Record<Locale, string> = {
  en: 'America/New_York',
  de: 'Europe/Berlin',
  pl: 'Europe/Warsaw',
  'zh-CN': 'Asia/Shanghai',
};

/** Every variant that a whole number of replies can lead to, with a content that leads to it. */
export function allSamples(): Sample[] {
  return allVariants().flatMap((variant) => {
    const count = countFor(variant);
    return count === undefined ? [] : [{ id: idOf(variant), variant, content: contentFor(variant, count) }];
  });
}

function countFor({ locale, plural, template }: Variant): number | undefined {
  if (!template.endsWith('replied')) return 1;
  const rules = new Intl.PluralRules(locale);
  return Array.from({ length: 100 }, (_, index) => index + 1).find((count) => rules.select(count) === plural);
}

function idOf({ template, audience, locale, plural, hasDeadline }: Variant): string {
  const form = template.endsWith('replied') ? [plural] : hasDeadline ? ['deadline'] : [];
  return [template, audience, locale, ...form].join('.');
}

function contentFor({ audience, locale, hasDeadline }: Variant, count: number): AlertContent {
  const path = {
    customer: 'tickets/7K4M2Q',
    agent: 'desk/tickets/7K4M2Q',
    guest: 't/Zk3wqv0n1sXHc7mJrT5eYbL2uDpAfG8Q',
  }[audience];
  return {
    number: '7K4M2Q',
    link: `https://support.example.com/${path}`,
    brand: 'Bellhop',
    locale,
    // Guests have no time zone: theirs is UTC.
    ...(audience === 'guest' ? {} : { timezone: timezones[locale] }),
    ...(hasDeadline ? { at: new Date('2026-11-24T13:30:00Z') } : {}),
    count,
  };
}
