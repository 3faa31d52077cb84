import {
  type AlertContent,
  type Audience,
  type CodeContent,
  canHavePhrase,
  type TemplateName,
  type Values,
  type Variant,
} from './alert.js';
import { codeVariant } from './code-variant.js';
import { EmailTemplateError } from './errors.js';
import { resolveLocale } from './locales.js';
import { describeMoment, type Moment } from './moment.js';
import { describeCount, wordsOf } from './words.js';

/** The variant that a content needs, and the values to fill in. */
export function resolveAlert(
  template: TemplateName,
  audience: Audience,
  content: AlertContent,
): [Variant<TemplateName>, Values] {
  const locale = resolveLocale(content.locale);
  const words = wordsOf(template, audience, locale);
  const { plural, count } = describeCount(template, locale, content.count);
  const hasDeadline = words.deadline !== undefined && content.at !== undefined;
  const { date, time, zone } = hasDeadline ? describeMoment(content.at!, locale, content.timezone) : noMoment;
  const number = singleLine(content.number);
  const link = webAddress(content.link);
  const brand = singleLine(content.brand);
  const phrase = content.phrase && canHavePhrase(audience) ? withoutLinks(singleLine(content.phrase).trim()) : '';
  return [
    { template, audience, locale, plural, hasDeadline, hasPhrase: phrase !== '' },
    { number, link, brand, count, date, time, zone, phrase, code: '', host: '' },
  ];
}

/** The same for a code. */
export function resolveCode(content: CodeContent): [Variant<'code'>, Values] {
  const locale = resolveLocale(content.locale);
  const { plural, count } = describeCount('code', locale, content.validMinutes);
  const number = singleLine(content.number);
  const brand = singleLine(content.brand);
  const host = new URL(webAddress(content.site)).hostname;
  const moment = describeMoment(content.expiresAt, locale);
  return [
    codeVariant(locale, plural),
    { number, link: '', brand, count, ...moment, phrase: '', code: sixDigits(content.code), host },
  ];
}

const noMoment: Moment = { date: '', time: '', zone: '' };

// Control characters and line separators would end a header; the bidirectional overrides can make text read as another.
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+/gu;
const LONE_SURROGATE = /\p{Cs}/gu;
const PLAIN = /^[\x20-\x7E]*$/;

function singleLine(value: string): string {
  if (PLAIN.test(value)) return value;
  return value.replace(UNSAFE, ' ').replace(LONE_SURROGATE, '\uFFFD');
}

/** The four dots of host names (UTS 46), and what else addresses have in them, before a word that goes on. */
const BEFORE_NAME = /[.\u3002\uFF0E\uFF61:@](?=\S)/g;

/**
 * Mail clients make a link of whatever looks like an address. A zero-width non-joiner cannot be seen, and no host name may begin with
 * it. The zero-width space and the word joiner are dropped from host names: a link with those would work.
 */
function withoutLinks(text: string): string {
  return text.replace(BEFORE_NAME, '$&\u200C');
}

/** Six digits are what phones look for. The message does not repeat the code, because errors are logged. */
function sixDigits(code: string): string {
  if (/^[0-9]{6}$/.test(code)) return code;
  throw new EmailTemplateError('invalid_code', 'A one-time code is six digits.');
}

/** The address as the WHATWG parser writes it: ASCII host, nothing unescaped, and surely no other scheme. */
function webAddress(link: string): string {
  const url = parseUrl(link);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url && isWeb && url.username === '' && url.password === '') return url.href;
  throw new EmailTemplateError(
    'link_not_allowed',
    'A link or site must be an absolute http or https address without user and password.',
  );
}

/** Parsed once: `canParse` before `new URL` would do the work twice. */
function parseUrl(link: string): URL | null {
  try {
    return new URL(link);
  } catch {
    return null;
  }
}
