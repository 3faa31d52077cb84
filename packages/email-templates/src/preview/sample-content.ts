import type { AlertContent, Audience, CodeContent, Variant } from '../alert.js';
import type { Locale } from '../locales.js';

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

const phrases: Record<Locale, string> = {
  en: 'blue teapot 42',
  de: 'blaue Teekanne 42',
  pl: 'niebieski imbryk 42',
  'zh-CN': '蓝色茶壶 42',
};

/** What a mail could be about; the same each time, so that two mails can be compared. */
export function sampleAlert(
  { audience, locale, hasDeadline, hasPhrase }: Omit<Variant, 'template' | 'plural'>,
  count: number,
): AlertContent {
  const isGuest = audience === 'guest' || audience === 'inbound_guest';
  return {
    number: '7K4M2Q',
    link: links[audience],
    brand: 'Bellhop',
    locale,
    // Guests have no time zone: theirs is UTC.
    ...(isGuest ? {} : { timezone: timezones[locale] }),
    ...(hasDeadline ? { at: new Date('2026-11-24T13:30:00Z') } : {}),
    ...(hasPhrase ? { phrase: phrases[locale] } : {}),
    count,
  };
}

export function sampleCode(locale: Locale, validMinutes: number): CodeContent {
  return {
    code: '480217',
    number: '7K4M2Q',
    site: 'https://support.example.com/',
    brand: 'Bellhop',
    locale,
    expiresAt: new Date('2026-11-24T13:30:00Z'),
    validMinutes,
  };
}
