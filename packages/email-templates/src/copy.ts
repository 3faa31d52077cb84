import { IntlMessageFormat } from 'intl-messageformat';
import type { Audience, Values, Variant } from './alert.js';
import { languages } from './locales.js';
import { wordsOf } from './words.js';

/** A piece of text that leads to the ticket. */
interface Linked {
  linked: string;
}

/** All the sentences of one mail, from which both its HTML and its plain text are made. */
export interface AlertCopy {
  subject: string;
  /** what a list of mails shows beside the subject */
  preheader: string;
  ticket: readonly (string | Linked)[];
  heading: string;
  body: string;
  deadline?: { label: string; moment: string; zone: string; sentence: string };
  action: string;
  actionSentence: string;
  /** what has to be known before following the link; guests only */
  access?: string;
  noReply: string;
  safety: string;
  reason: string;
}

export function composeCopy(variant: Variant, values: Values): AlertCopy {
  const { catalog } = languages[variant.locale];
  const words = wordsOf(variant.template, variant.audience, variant.locale);
  const say = (message: string, more: Record<string, string> = {}) =>
    format(message, variant, { ...values, ...more }).join('');
  const body = say(words.body);
  const copy: AlertCopy = {
    subject: say(words.subject),
    preheader: body,
    ticket: format(catalog.ticket, variant, values),
    heading: say(words.heading),
    body,
    action: say(words.action),
    actionSentence: say(catalog.labelled, { label: say(words.action), value: values.link }),
    noReply: say(catalog.notices.noReply),
    safety: say(catalog.notices.safety),
    reason: say(catalog.reasons[isGuest(variant.audience) ? 'guest' : variant.audience]),
  };
  if (isGuest(variant.audience)) copy.access = say(catalog.links[variant.audience]);
  if (!variant.hasDeadline) return copy;
  const label = say(words.deadline!);
  const moment = say(catalog.moment);
  const sentence = say(catalog.labelled, { label, value: say(catalog.momentInZone, { moment }) });
  // A time that has passed is no news in a list of mails.
  const preheader = variant.template === 'promise_missed' ? body : sentence;
  return { ...copy, preheader, deadline: { label, moment, zone: values.zone, sentence } };
}

function isGuest(audience: Audience): audience is 'guest' | 'inbound_guest' {
  return audience === 'guest' || audience === 'inbound_guest';
}

const parsed = new Map<string, IntlMessageFormat>();

/**
 * Formats one ICU message. Which plural form is taken, and how `#` is written, is decided by the variant and the values
 * instead of by a number, so that a message can also be formatted before the number is known.
 */
function format(message: string, variant: Variant, values: Record<string, string>): (string | Linked)[] {
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
